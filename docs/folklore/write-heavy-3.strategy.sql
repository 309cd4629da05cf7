-- Three more, the last on the column that a trigger changes with every edit.
CREATE INDEX items_title_idx ON items (title);
CREATE INDEX items_deleted_at_idx ON items (deleted_at);
CREATE INDEX items_updated_at_idx ON items (updated_at);
-- drop
DROP INDEX items_title_idx;
DROP INDEX items_deleted_at_idx;
DROP INDEX items_updated_at_idx;
