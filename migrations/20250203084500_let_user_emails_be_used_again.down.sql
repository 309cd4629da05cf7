SET LOCAL lock_timeout = '5s';
SET LOCAL rapids.backfill = 'on';

-- Where an address was used again, the live user keeps it, or else whoever was
-- deleted last. The others keep theirs readable, behind their id.
UPDATE users
SET email = left(users.id || ':' || users.email, 255)
FROM (
    SELECT id, row_number() OVER (
        PARTITION BY email ORDER BY is_deleted, deleted_at DESC, id
    ) AS place
    FROM users
) AS claims
WHERE claims.id = users.id AND claims.place > 1;

ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE (email);
