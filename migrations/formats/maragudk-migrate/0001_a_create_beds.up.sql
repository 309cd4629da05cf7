CREATE TABLE beds (
    bed_id serial PRIMARY KEY,
    bed_name text NOT NULL
);
