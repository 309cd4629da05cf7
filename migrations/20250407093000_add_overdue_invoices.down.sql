-- Postgres can not take a label away, so the type is built anew without it.
SET LOCAL lock_timeout = '5s';
SET LOCAL rapids.backfill = 'on';

-- An overdue invoice is a sent one that nobody paid in time. Compared as text,
-- which also works in the transaction that added the label.
UPDATE invoices SET status = 'sent' WHERE status::text = 'overdue';

-- All that names the labels must let go of the old type, and is put back below.
DROP INDEX invoices_unpaid_idx;
ALTER TABLE invoices DROP CONSTRAINT invoices_paid_agrees;
ALTER TABLE invoices ALTER COLUMN status DROP DEFAULT;

ALTER TYPE invoice_status RENAME TO invoice_status_with_overdue;
CREATE TYPE invoice_status AS ENUM ('draft', 'sent', 'paid');
COMMENT ON TYPE invoice_status IS 'In the order an invoice goes through them.';

ALTER TABLE invoices ALTER COLUMN status TYPE invoice_status
    USING status::text::invoice_status;
DROP TYPE invoice_status_with_overdue;

ALTER TABLE invoices ALTER COLUMN status SET DEFAULT 'draft';
ALTER TABLE invoices ADD CONSTRAINT invoices_paid_agrees
    CHECK ((status = 'paid') = (paid_at IS NOT NULL));
CREATE INDEX invoices_unpaid_idx ON invoices (issued_at) WHERE status <> 'paid';
