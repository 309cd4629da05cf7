-- Two more, on columns that no edit changes.
CREATE INDEX items_title_idx ON items (title);
CREATE INDEX items_deleted_at_idx ON items (deleted_at);
-- drop
DROP INDEX items_title_idx;
DROP INDEX items_deleted_at_idx;
