DROP VIEW active_items;

DROP VIEW active_users;
