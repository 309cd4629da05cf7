-- Twenty items from some moment backwards, with what a list shows of them.
\set before key(items.created_at)
SELECT id, title, created_at FROM items
WHERE NOT is_deleted AND created_at < :before
ORDER BY created_at DESC, id DESC LIMIT 20;
