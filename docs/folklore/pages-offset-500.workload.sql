-- Page 500 of everybody's items, newest first, counted from the beginning.
SELECT id, title, created_at FROM items
WHERE NOT is_deleted
ORDER BY created_at DESC, id DESC LIMIT 20 OFFSET 9980;
