-- A hidden item is brought back.
\set item key(items.id)
UPDATE items SET is_deleted = false, deleted_at = NULL WHERE id = :item AND is_deleted;
