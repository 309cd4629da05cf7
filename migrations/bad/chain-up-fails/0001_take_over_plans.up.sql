-- The table is older than its migrations.
-- shakedown: irreversible customers depend on what is in it
CREATE TABLE plans (
    id   integer PRIMARY KEY,
    name text NOT NULL UNIQUE
);
