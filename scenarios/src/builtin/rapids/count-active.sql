-- How many items a user has that can be seen.
\set owner key(users.id, zipf)
SELECT count(*) FROM active_items WHERE owner_id = :owner;
