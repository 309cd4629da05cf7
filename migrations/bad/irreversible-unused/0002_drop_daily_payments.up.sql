-- The dashboard sums for itself now.
DROP VIEW daily_payments;
