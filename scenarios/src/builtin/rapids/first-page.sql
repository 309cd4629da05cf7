-- A user's newest items.
\set owner key(users.id, zipf)
SELECT id, title, created_at FROM items
WHERE owner_id = :owner AND NOT is_deleted
ORDER BY created_at DESC, id DESC LIMIT 20;
