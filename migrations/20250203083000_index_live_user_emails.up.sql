-- no-transaction
-- Sign-in looks here, and two live users can not share an address. Stops at
-- addresses that differ only in case: which of them is right is not ours to say.
CREATE UNIQUE INDEX CONCURRENTLY users_live_email_key ON users (lower(email))
    WHERE NOT is_deleted;
