CREATE TABLE members (
    number integer PRIMARY KEY,
    name   text NOT NULL
);
