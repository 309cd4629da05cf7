-- In case the old dashboard has to come back.
-- shakedown: irreversible nobody has kept the text of the view
CREATE VIEW daily_payments AS
SELECT paid_at::date AS day, sum(cents) AS cents
FROM payments
GROUP BY 1;
