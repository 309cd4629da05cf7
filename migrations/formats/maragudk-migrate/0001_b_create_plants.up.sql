CREATE TABLE plants (
    plant_id serial PRIMARY KEY,
    plant_bed_id integer NOT NULL REFERENCES beds (bed_id) ON DELETE CASCADE,
    plant_name text NOT NULL
);
