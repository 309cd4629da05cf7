-- Official names are longer.
ALTER TABLE countries ALTER COLUMN name TYPE varchar(100);
