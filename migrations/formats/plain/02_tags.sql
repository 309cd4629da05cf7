CREATE TABLE tags (
    note_id uuid NOT NULL REFERENCES notes (id) ON DELETE CASCADE,
    tag text NOT NULL CHECK (tag <> ''),
    PRIMARY KEY (note_id, tag)
);
CREATE INDEX tags_tag_idx ON tags (tag);
