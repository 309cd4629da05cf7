-- Items whose title has a word.
\set word fake(word)
SELECT id, title FROM items
WHERE to_tsvector('simple', title) @@ plainto_tsquery('simple', :word) AND NOT is_deleted
LIMIT 20;
