SET LOCAL lock_timeout = '5s';

ALTER TABLE invoices DROP CONSTRAINT invoices_due_at_given;
