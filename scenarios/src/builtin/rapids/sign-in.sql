-- Somebody types an address, in whatever case.
\set email key(users.email, zipf)
SELECT id, hashed_password FROM users
WHERE lower(email) = lower(:email) AND is_active AND NOT is_deleted;
