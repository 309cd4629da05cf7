-- All rows, of which each has one of two values.
CREATE INDEX users_is_active_idx ON users (is_active);
-- drop
DROP INDEX users_is_active_idx;
