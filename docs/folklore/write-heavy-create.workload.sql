-- A user makes an item.
\set owner key(users.id)
\set title fake(title)
\set description fake(sentence)
INSERT INTO items (owner_id, title, description) VALUES (:owner, :title, :description);
