-- How many have the rare value.
SELECT count(*) FROM users WHERE NOT is_active;
