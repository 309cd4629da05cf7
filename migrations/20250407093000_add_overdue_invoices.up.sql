-- Nothing else belongs here: the transaction that adds a label can not use it.
ALTER TYPE invoice_status ADD VALUE 'overdue' AFTER 'sent';
