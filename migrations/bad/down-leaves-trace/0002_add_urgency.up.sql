CREATE TYPE urgency_level AS ENUM ('low', 'normal', 'high');

ALTER TABLE tickets ADD COLUMN urgency urgency_level NOT NULL DEFAULT 'normal';

CREATE INDEX tickets_urgent_idx ON tickets (id) WHERE urgency = 'high';
