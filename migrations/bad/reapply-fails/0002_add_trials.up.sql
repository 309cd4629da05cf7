ALTER TABLE plans ADD COLUMN trial_days integer NOT NULL DEFAULT 0;

INSERT INTO plans (code, price_cents, trial_days) VALUES
    ('free', 0, 0),
    ('team', 1900, 14);
