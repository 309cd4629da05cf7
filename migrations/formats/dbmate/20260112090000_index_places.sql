-- migrate:up transaction:false
CREATE INDEX CONCURRENTLY scans_place_idx ON scans (place);

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY scans_place_idx;
