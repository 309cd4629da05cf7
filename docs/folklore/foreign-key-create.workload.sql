-- An item is made in a category, which the index has to take in.
\set owner key(users.id)
\set category key(categories.id)
\set title fake(title)
INSERT INTO items (owner_id, category_id, title) VALUES (:owner, :category, :title);
