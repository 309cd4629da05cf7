ALTER TABLE workspaces DROP COLUMN region;

DROP TYPE region;
