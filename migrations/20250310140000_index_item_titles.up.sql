-- no-transaction
-- Search by the words of a title. 'simple', since titles come in any language.
CREATE INDEX CONCURRENTLY items_title_words_idx ON items
    USING gin (to_tsvector('simple', title))
    WHERE NOT is_deleted;
