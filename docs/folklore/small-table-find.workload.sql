-- Items by their title.
\set title key(items.title)
SELECT id, owner_id FROM items WHERE title = :title;
