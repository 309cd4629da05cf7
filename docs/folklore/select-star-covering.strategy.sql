-- All columns that the list shows, in an index that has their order.
CREATE INDEX items_live_list_idx ON items (created_at DESC, id DESC) INCLUDE (title)
    WHERE NOT is_deleted;
-- drop
DROP INDEX items_live_list_idx;
