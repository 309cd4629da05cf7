SET LOCAL lock_timeout = '5s';

-- Binds new rows at once and reads none of the old, so the lock is short.
ALTER TABLE invoices ADD CONSTRAINT invoices_due_at_given
    CHECK (due_at IS NOT NULL) NOT VALID;
