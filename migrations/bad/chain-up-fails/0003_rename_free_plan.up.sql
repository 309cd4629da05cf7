UPDATE plans SET name = 'Starter' WHERE name = 'Free';
