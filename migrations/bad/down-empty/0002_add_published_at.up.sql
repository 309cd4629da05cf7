ALTER TABLE articles ADD COLUMN published_at timestamptz;
