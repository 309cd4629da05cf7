CREATE TABLE items (
    id          uuid        NOT NULL DEFAULT gen_random_uuid(),
    owner_id    uuid        NOT NULL,
    category_id uuid,
    title       text        NOT NULL,
    description text,
    is_deleted  boolean     NOT NULL DEFAULT false,
    deleted_at  timestamptz,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT items_pkey PRIMARY KEY (id),
    -- Items are their owner's own: they go when the account is really erased.
    CONSTRAINT items_owner_id_fkey FOREIGN KEY (owner_id)
        REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT items_category_id_fkey FOREIGN KEY (category_id)
        REFERENCES categories (id) ON DELETE SET NULL,
    CONSTRAINT items_title_length CHECK (char_length(title) BETWEEN 1 AND 255),
    CONSTRAINT items_description_length CHECK (char_length(description) <= 10000),
    CONSTRAINT items_soft_delete_agrees CHECK (is_deleted = (deleted_at IS NOT NULL))
);

COMMENT ON TABLE items IS 'What users make and own.';
COMMENT ON COLUMN items.category_id IS 'Null: not sorted, or its category is gone.';
COMMENT ON COLUMN items.is_deleted IS 'Soft delete: hidden, and can be brought back.';

-- An owner's items newest first, by keyset or offset. It holds deleted items
-- too, so that it also serves the foreign key's cascade.
CREATE INDEX items_owner_newest_idx ON items (owner_id, created_at DESC, id DESC);

CREATE INDEX items_category_id_idx ON items (category_id);

-- Everybody's items newest first, less the deleted ones.
CREATE INDEX items_live_newest_idx ON items (created_at DESC, id DESC)
    WHERE NOT is_deleted;

CREATE TRIGGER items_keep_timestamps
    BEFORE UPDATE ON items
    FOR EACH ROW EXECUTE FUNCTION keep_timestamps();
