-- A page of a user's items, newest first, counted from the beginning.
\set owner key(users.id, zipf)
\set skipped 20 * random(0, 4)
SELECT id, title, created_at FROM items
WHERE owner_id = :owner AND NOT is_deleted
ORDER BY created_at DESC, id DESC LIMIT 20 OFFSET :skipped;
