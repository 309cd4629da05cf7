-- One row for each thing that can be set.
CREATE TABLE settings (
    name  text PRIMARY KEY,
    value text NOT NULL
);
