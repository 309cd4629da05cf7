-- Columns are named one by one: a column added later, or a password, does not
-- slip into a view by itself. Both read with the rights of whoever asks.
CREATE VIEW active_users WITH (security_invoker = true) AS
SELECT id, email, full_name, is_superuser, created_at, updated_at
FROM users
WHERE is_active AND NOT is_deleted;

COMMENT ON VIEW active_users IS 'Users who can sign in.';

CREATE VIEW active_items WITH (security_invoker = true) AS
SELECT
    items.id, items.owner_id, items.category_id, items.title,
    items.description, items.created_at, items.updated_at
FROM items
JOIN users ON users.id = items.owner_id
WHERE NOT items.is_deleted AND users.is_active AND NOT users.is_deleted;

COMMENT ON VIEW active_items IS 'Items to be seen: neither they nor their owners are gone.';
