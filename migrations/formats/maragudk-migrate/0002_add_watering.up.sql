ALTER TABLE plants ADD COLUMN plant_watered_at timestamptz;
CREATE INDEX plants_watered_at_idx ON plants (plant_watered_at);
