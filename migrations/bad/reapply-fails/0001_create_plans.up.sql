CREATE TABLE plans (
    code        text PRIMARY KEY,
    price_cents integer NOT NULL
);
