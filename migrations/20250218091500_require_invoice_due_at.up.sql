SET LOCAL lock_timeout = '5s';

-- Reads the table while others write to it. With that proof at hand,
-- SET NOT NULL need not read it again under its stronger lock.
ALTER TABLE invoices VALIDATE CONSTRAINT invoices_due_at_given;
ALTER TABLE invoices ALTER COLUMN due_at SET NOT NULL;
ALTER TABLE invoices DROP CONSTRAINT invoices_due_at_given;
