DROP VIEW published_posts;
DROP TABLE posts;
