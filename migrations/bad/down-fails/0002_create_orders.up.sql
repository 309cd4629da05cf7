CREATE TABLE orders (
    id          integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers (id) ON DELETE RESTRICT
);

CREATE TABLE order_lines (
    order_id integer NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    place    integer NOT NULL,
    product  text NOT NULL,
    PRIMARY KEY (order_id, place)
);

CREATE INDEX orders_customer_id_idx ON orders (customer_id);
