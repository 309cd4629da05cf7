-- The rare value.
SELECT id, email FROM users WHERE NOT is_active;
