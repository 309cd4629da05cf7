-- The same index, after edits that no VACUUM has seen to yet: an eighth of the rows, which is at
-- least one on nearly every page.
CREATE INDEX items_live_list_idx ON items (created_at DESC, id DESC) INCLUDE (title)
    WHERE NOT is_deleted;
UPDATE items SET description = 'edited' WHERE id::text ~ '^[ab]';
-- drop
DROP INDEX items_live_list_idx;
