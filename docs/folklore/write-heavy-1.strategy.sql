-- One index more, on a column that no edit changes.
CREATE INDEX items_title_idx ON items (title);
-- drop
DROP INDEX items_title_idx;
