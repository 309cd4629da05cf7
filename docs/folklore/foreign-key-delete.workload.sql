-- A category goes, and its items stay without one.
\set category key(categories.id)
DELETE FROM categories WHERE id = :category;
