-- Data only. Invoices from before due_at were all due after thirty days.
SET LOCAL rapids.backfill = 'on';

UPDATE invoices SET due_at = issued_at + interval '30 days' WHERE due_at IS NULL;
