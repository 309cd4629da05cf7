ALTER TABLE members ALTER COLUMN number DROP DEFAULT;

DROP SEQUENCE member_number_seq;
