-- All items anew, one after the other as they were made, with the random keys that they have.
CREATE TEMP TABLE kept AS SELECT * FROM items;
TRUNCATE items;
INSERT INTO items SELECT * FROM kept ORDER BY created_at, id;
DROP TABLE kept;
ANALYZE items;
-- Every page is clean now: the first change of each would put an image of it into the log.
CHECKPOINT;
-- drop
ANALYZE items;
