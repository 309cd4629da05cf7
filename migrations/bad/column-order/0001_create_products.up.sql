CREATE TABLE products (
    id       integer PRIMARY KEY,
    name     text NOT NULL,
    price    numeric(10, 2) NOT NULL,
    added_at timestamptz NOT NULL DEFAULT now()
);
