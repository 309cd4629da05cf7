SET LOCAL lock_timeout = '5s';

-- users_live_email_key guards the addresses now, and frees that of a deleted
-- user for the next one.
ALTER TABLE users DROP CONSTRAINT users_email_key;
