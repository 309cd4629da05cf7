-- The page behind an item that was the last of the page before.
\set owner key(items.owner_id)
\set last_at key(items.created_at)
\set last_id key(items.id)
SELECT id, title, created_at FROM items
WHERE owner_id = :owner AND NOT is_deleted AND (created_at, id) < (:last_at, :last_id)
ORDER BY created_at DESC, id DESC LIMIT 20;
