-- A user makes an item and corrects its description three times.
\set owner key(users.id)
\set title fake(title)
\set description fake(sentence)
INSERT INTO items (owner_id, title, description) VALUES (:owner, :title, :description)
RETURNING id AS item
\gset
\repeat 3
\set description fake(sentence)
UPDATE items SET description = :description WHERE id = :item;
\endrepeat
