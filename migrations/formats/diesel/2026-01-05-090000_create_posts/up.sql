CREATE TABLE posts (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title varchar NOT NULL,
    published boolean NOT NULL DEFAULT false
);

CREATE VIEW published_posts AS SELECT id, title FROM posts WHERE published;
