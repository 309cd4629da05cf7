-- Somebody makes an item, deletes it, and thinks better of it.
\set owner key(users.id)
\set title fake(title)
INSERT INTO items (owner_id, title) VALUES (:owner, :title) RETURNING id AS item
\gset
UPDATE items SET is_deleted = true, deleted_at = now() WHERE id = :item;
UPDATE items SET is_deleted = false, deleted_at = NULL WHERE id = :item;
