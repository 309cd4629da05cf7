-- A hundred items by one statement.
\set owner key(users.id)
\set title fake(title)
INSERT INTO items (owner_id, title)
SELECT :owner, :title || ' ' || number FROM generate_series(1, 100) AS number;
