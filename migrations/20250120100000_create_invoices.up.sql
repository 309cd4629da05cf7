CREATE TYPE invoice_status AS ENUM ('draft', 'sent', 'paid');

COMMENT ON TYPE invoice_status IS 'In the order an invoice goes through them.';

CREATE TABLE invoices (
    id           uuid           NOT NULL DEFAULT gen_random_uuid(),
    user_id      uuid           NOT NULL,
    number       bigint         NOT NULL GENERATED ALWAYS AS IDENTITY,
    status       invoice_status NOT NULL DEFAULT 'draft',
    amount_cents bigint         NOT NULL,
    issued_at    timestamptz    NOT NULL DEFAULT now(),
    paid_at      timestamptz,
    created_at   timestamptz    NOT NULL DEFAULT now(),
    updated_at   timestamptz    NOT NULL DEFAULT now(),
    CONSTRAINT invoices_pkey PRIMARY KEY (id),
    CONSTRAINT invoices_number_key UNIQUE (number),
    -- The books must survive the account: whoever was invoiced can be soft
    -- deleted, never erased.
    CONSTRAINT invoices_user_id_fkey FOREIGN KEY (user_id)
        REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT invoices_amount_not_negative CHECK (amount_cents >= 0),
    CONSTRAINT invoices_paid_agrees CHECK ((status = 'paid') = (paid_at IS NOT NULL))
);

COMMENT ON TABLE invoices IS 'What users owe, kept for as long as the law asks.';
COMMENT ON COLUMN invoices.number IS 'The number printed on the invoice.';
COMMENT ON COLUMN invoices.amount_cents IS 'In hundredths, since money is not a float.';

CREATE INDEX invoices_user_newest_idx ON invoices (user_id, issued_at DESC);

-- What is still to come in, oldest first. Not "status = 'sent'": a status
-- added later shall not fall out of it unseen.
CREATE INDEX invoices_unpaid_idx ON invoices (issued_at) WHERE status <> 'paid';

CREATE TRIGGER invoices_keep_timestamps
    BEFORE UPDATE ON invoices
    FOR EACH ROW EXECUTE FUNCTION keep_timestamps();
