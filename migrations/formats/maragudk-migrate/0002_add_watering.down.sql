DROP INDEX plants_watered_at_idx;
ALTER TABLE plants DROP COLUMN plant_watered_at;
