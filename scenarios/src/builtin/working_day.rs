//! What the users of an application on the RAPIDS schema do from nine to five.

use crate::workload::{Operation, Scenario};

pub(crate) static SCENARIO: Scenario = Scenario {
    name: "working-day",
    summary: "people sign in, look at their items, make some and delete some",
    operations: &[
        Operation {
            name: "sign-in",
            weight: 10,
            sql: "SELECT id, hashed_password FROM users \
                  WHERE lower(email) = lower($1) AND is_active AND NOT is_deleted",
        },
        Operation {
            name: "list-items",
            weight: 40,
            sql: "SELECT id, title, created_at FROM items \
                  WHERE owner_id = $1 AND NOT is_deleted \
                  ORDER BY created_at DESC, id DESC LIMIT 20",
        },
        Operation {
            name: "next-page",
            weight: 15,
            sql: "SELECT id, title, created_at FROM items \
                  WHERE owner_id = $1 AND NOT is_deleted AND (created_at, id) < ($2, $3) \
                  ORDER BY created_at DESC, id DESC LIMIT 20",
        },
        Operation {
            name: "search-titles",
            weight: 5,
            sql: "SELECT id, title FROM items \
                  WHERE to_tsvector('simple', title) @@ plainto_tsquery('simple', $1) \
                  AND NOT is_deleted LIMIT 20",
        },
        Operation {
            name: "create-item",
            weight: 15,
            sql: "INSERT INTO items (owner_id, title, description) VALUES ($1, $2, $3) RETURNING id",
        },
        Operation {
            name: "delete-item",
            weight: 4,
            sql: "UPDATE items SET is_deleted = true, deleted_at = now() \
                  WHERE id = $1 AND NOT is_deleted",
        },
        Operation {
            name: "restore-item",
            weight: 1,
            sql: "UPDATE items SET is_deleted = false, deleted_at = NULL \
                  WHERE id = $1 AND is_deleted",
        },
        Operation {
            name: "count-items",
            weight: 10,
            sql: "SELECT count(*) FROM active_items WHERE owner_id = $1",
        },
    ],
};
