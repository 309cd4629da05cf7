-- Back to short names.
ALTER TABLE countries ALTER COLUMN name TYPE varchar(20);
