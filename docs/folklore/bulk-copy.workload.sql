-- A hundred items by COPY, whose keys the server makes.
\set owner key(users.id)
\copy 100 items (owner_id, title) values (:owner, fake(title))
