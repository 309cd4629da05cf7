-- One function keeps created_at and updated_at for every table, so that no
-- application code has to remember to.
CREATE FUNCTION keep_timestamps() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.created_at := OLD.created_at;
    -- A backfill is not an edit: migrations that fill columns say so with
    -- SET LOCAL rapids.backfill = 'on'.
    IF current_setting('rapids.backfill', true) IS DISTINCT FROM 'on' THEN
        -- Not now(), which stands still within a transaction.
        NEW.updated_at := clock_timestamp();
    END IF;
    RETURN NEW;
END;
$$;

COMMENT ON FUNCTION keep_timestamps() IS
    'Freezes created_at and moves updated_at on every update.';
