DELETE FROM plans WHERE name = 'Free';
