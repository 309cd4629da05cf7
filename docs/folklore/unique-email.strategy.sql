-- What users_live_email_key is already, once more and not unique.
CREATE INDEX idx_users_email ON users (lower(email)) WHERE NOT is_deleted;
-- drop
DROP INDEX idx_users_email;
