-- Milliseconds first and then chance, as version 7 has it, which Postgres 18 brings along.
CREATE FUNCTION ordered_uuid() RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::int8), 12, '0')
        || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid
$$;
ALTER TABLE items ALTER COLUMN id SET DEFAULT ordered_uuid();
-- All items anew, one after the other as they were made, with keys in that order.
CREATE TEMP TABLE kept AS SELECT * FROM items;
TRUNCATE items;
INSERT INTO items (owner_id, category_id, title, description, is_deleted, deleted_at, created_at)
SELECT owner_id, category_id, title, description, is_deleted, deleted_at, created_at
FROM kept ORDER BY created_at, id;
DROP TABLE kept;
ANALYZE items;
-- Every page is clean now: the first change of each would put an image of it into the log.
CHECKPOINT;
-- drop
ALTER TABLE items ALTER COLUMN id SET DEFAULT gen_random_uuid();
DROP FUNCTION ordered_uuid();
