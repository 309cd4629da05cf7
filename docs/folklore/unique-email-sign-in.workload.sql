-- Somebody types an address, in whatever case.
\set email key(users.email)
SELECT id, hashed_password FROM users
WHERE lower(email) = lower(:email) AND NOT is_deleted;
