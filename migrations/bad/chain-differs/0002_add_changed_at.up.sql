ALTER TABLE settings ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now();
