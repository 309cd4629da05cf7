-- The page behind an item that may be on any page, the first or the last.
\set last_at key(items.created_at)
\set last_id key(items.id)
SELECT id, title, created_at FROM items
WHERE NOT is_deleted AND (created_at, id) < (:last_at, :last_id)
ORDER BY created_at DESC, id DESC LIMIT 20;
