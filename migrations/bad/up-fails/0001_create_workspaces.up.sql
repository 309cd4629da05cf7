CREATE TABLE workspaces (
    id   integer PRIMARY KEY,
    name text NOT NULL UNIQUE
);
