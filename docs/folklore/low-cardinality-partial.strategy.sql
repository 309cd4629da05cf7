-- Only the rows that have the rare value.
CREATE INDEX users_barred_idx ON users (id) WHERE NOT is_active;
-- drop
DROP INDEX users_barred_idx;
