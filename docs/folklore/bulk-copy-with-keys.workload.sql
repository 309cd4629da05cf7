-- A hundred items by COPY, whose keys come along.
\set owner key(users.id)
\copy 100 items (id, owner_id, title) values (fake(uuid), :owner, fake(title))
