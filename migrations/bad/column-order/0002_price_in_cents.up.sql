ALTER TABLE products ADD COLUMN price_cents bigint;

UPDATE products SET price_cents = price * 100;

ALTER TABLE products ALTER COLUMN price_cents SET NOT NULL;
ALTER TABLE products DROP COLUMN price;
