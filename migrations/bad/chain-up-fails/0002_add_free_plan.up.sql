-- Everyone starts with this one, so its id is fixed.
INSERT INTO plans (id, name) VALUES (1, 'Free');
