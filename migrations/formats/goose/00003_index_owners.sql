-- +goose NO TRANSACTION
-- +goose Up
CREATE INDEX CONCURRENTLY accounts_owner_idx ON accounts (owner);
CREATE UNIQUE INDEX CONCURRENTLY accounts_owner_lower_idx ON accounts (lower(owner));

-- +goose Down
DROP INDEX CONCURRENTLY accounts_owner_lower_idx;
DROP INDEX CONCURRENTLY accounts_owner_idx;
