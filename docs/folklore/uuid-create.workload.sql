-- A user makes an item, and the default of the column makes its key.
\set owner key(users.id)
\set title fake(title)
INSERT INTO items (owner_id, title) VALUES (:owner, :title);
