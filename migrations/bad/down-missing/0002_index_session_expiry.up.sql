-- Hotfix: the nightly clean-up reads the whole table.
CREATE INDEX sessions_expires_at_idx ON sessions (expires_at);
