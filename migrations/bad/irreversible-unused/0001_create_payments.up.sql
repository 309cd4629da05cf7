CREATE TABLE payments (
    id      integer PRIMARY KEY,
    cents   integer NOT NULL,
    paid_at timestamptz NOT NULL
);

CREATE VIEW daily_payments AS
SELECT paid_at::date AS day, sum(cents) AS cents
FROM payments
GROUP BY 1;
