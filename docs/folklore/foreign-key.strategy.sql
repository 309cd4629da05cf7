-- No index for the foreign key to categories.
DROP INDEX items_category_id_idx;
-- drop
CREATE INDEX items_category_id_idx ON items (category_id);
