-- An item is hidden, and its row stays.
\set item key(items.id)
UPDATE items SET is_deleted = true, deleted_at = now() WHERE id = :item AND NOT is_deleted;
