-- no-transaction
DROP INDEX CONCURRENTLY items_title_words_idx;
