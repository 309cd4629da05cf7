-- A user makes an item.
\set owner key(users.id)
\set title fake(title)
INSERT INTO items (owner_id, title) VALUES (:owner, :title);
