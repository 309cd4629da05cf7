SET LOCAL lock_timeout = '5s';

-- Nullable at first, and the default only afterwards: given together they would
-- rewrite the whole table under lock.
ALTER TABLE invoices ADD COLUMN due_at timestamptz;
ALTER TABLE invoices ALTER COLUMN due_at SET DEFAULT now() + interval '30 days';

COMMENT ON COLUMN invoices.due_at IS 'To be paid by; thirty days unless agreed otherwise.';
