INSERT INTO settings (name, value) VALUES
    ('locale', 'en'),
    ('time_zone', 'UTC')
ON CONFLICT (name) DO NOTHING;
