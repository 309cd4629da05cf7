DROP INDEX tickets_urgent_idx;

ALTER TABLE tickets DROP COLUMN urgency;
