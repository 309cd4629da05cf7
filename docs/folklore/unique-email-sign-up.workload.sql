-- Somebody new.
\set email fake(email)
\set name fake(name)
INSERT INTO users (email, hashed_password, full_name) VALUES (:email, 'x', :name);
