SET LOCAL lock_timeout = '5s';

-- NOT VALID, as the step before left it.
ALTER TABLE invoices ADD CONSTRAINT invoices_due_at_given
    CHECK (due_at IS NOT NULL) NOT VALID;
ALTER TABLE invoices ALTER COLUMN due_at DROP NOT NULL;
