-- Everyone starts out here.
INSERT INTO workspaces (id, name) VALUES (1, 'Home');
