-- Never throw away what somebody has set.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM settings) THEN
        DROP TABLE settings;
    END IF;
END;
$$;
