CREATE TABLE categories (
    id          uuid        NOT NULL DEFAULT gen_random_uuid(),
    name        text        NOT NULL,
    description text,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT categories_pkey PRIMARY KEY (id),
    CONSTRAINT categories_name_key UNIQUE (name),
    CONSTRAINT categories_name_length CHECK (char_length(name) BETWEEN 1 AND 100)
);

-- No soft delete here: a category is only a label, and its items outlive it.
COMMENT ON TABLE categories IS 'Labels that items are sorted under.';

CREATE TRIGGER categories_keep_timestamps
    BEFORE UPDATE ON categories
    FOR EACH ROW EXECUTE FUNCTION keep_timestamps();
