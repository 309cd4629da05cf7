-- Rows come into a table that has no index but its primary key.
DROP INDEX items_owner_newest_idx;
DROP INDEX items_category_id_idx;
DROP INDEX items_live_newest_idx;
DROP INDEX items_title_words_idx;
-- drop
CREATE INDEX items_owner_newest_idx ON items (owner_id, created_at DESC, id DESC);
CREATE INDEX items_category_id_idx ON items (category_id);
CREATE INDEX items_live_newest_idx ON items (created_at DESC, id DESC) WHERE NOT is_deleted;
CREATE INDEX items_title_words_idx ON items USING gin (to_tsvector('simple', title))
    WHERE NOT is_deleted;
