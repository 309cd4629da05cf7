UPDATE countries SET name = 'Federal Republic of Germany' WHERE code = 'DE';

UPDATE countries SET name = 'United Kingdom of Great Britain and Northern Ireland'
WHERE code = 'GB';
