CREATE TYPE region AS ENUM ('eu', 'us');

-- Every workspace lives in one region.
ALTER TABLE workspaces ADD COLUMN region region NOT NULL;
