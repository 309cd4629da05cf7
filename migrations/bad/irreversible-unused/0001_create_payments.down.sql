DROP VIEW daily_payments;

DROP TABLE payments;
