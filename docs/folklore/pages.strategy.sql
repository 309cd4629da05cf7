-- An index that holds all that the list shows: skipping gets cheaper, and stays skipping.
CREATE INDEX items_live_list_idx ON items (created_at DESC, id DESC) INCLUDE (title)
    WHERE NOT is_deleted;
-- drop
DROP INDEX items_live_list_idx;
