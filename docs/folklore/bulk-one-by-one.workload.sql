-- A hundred items in one transaction, a statement for each.
\set owner key(users.id)
BEGIN;
\repeat 100
\set title fake(title)
INSERT INTO items (owner_id, title) VALUES (:owner, :title);
\endrepeat
COMMIT;
