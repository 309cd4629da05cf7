-- The common value: nearly all rows.
SELECT id, email FROM users WHERE is_active;
