CREATE TABLE users (
    id              uuid        NOT NULL DEFAULT gen_random_uuid(),
    email           text        NOT NULL,
    hashed_password text        NOT NULL,
    full_name       text,
    is_active       boolean     NOT NULL DEFAULT true,
    is_superuser    boolean     NOT NULL DEFAULT false,
    is_deleted      boolean     NOT NULL DEFAULT false,
    deleted_at      timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_email_key UNIQUE (email),
    CONSTRAINT users_email_length CHECK (char_length(email) BETWEEN 3 AND 255),
    CONSTRAINT users_full_name_length CHECK (char_length(full_name) BETWEEN 1 AND 255),
    -- The flag is what queries filter on, the time is what people ask for;
    -- neither may say something the other denies.
    CONSTRAINT users_soft_delete_agrees CHECK (is_deleted = (deleted_at IS NOT NULL))
);

COMMENT ON TABLE users IS 'People who can sign in.';
COMMENT ON COLUMN users.email IS 'As typed; compared without regard to case.';
COMMENT ON COLUMN users.hashed_password IS 'A PHC string, never the password.';
COMMENT ON COLUMN users.is_active IS 'False bars signing in without deleting anything.';
COMMENT ON COLUMN users.is_deleted IS 'Soft delete: the row stays for invoices and audits.';

-- The active users, newest first.
CREATE INDEX users_active_newest_idx ON users (created_at DESC, id DESC)
    WHERE is_active AND NOT is_deleted;

CREATE TRIGGER users_keep_timestamps
    BEFORE UPDATE ON users
    FOR EACH ROW EXECUTE FUNCTION keep_timestamps();
