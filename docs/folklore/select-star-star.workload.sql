-- Twenty items from some moment backwards, with all that is known of them.
\set before key(items.created_at)
SELECT * FROM items
WHERE NOT is_deleted AND created_at < :before
ORDER BY created_at DESC, id DESC LIMIT 20;
