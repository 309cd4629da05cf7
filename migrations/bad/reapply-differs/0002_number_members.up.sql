-- Numbers were given out by hand: go on after the highest.
DO $$
DECLARE
    next_number integer;
BEGIN
    SELECT coalesce(max(number), 0) + 1 INTO next_number FROM members;
    EXECUTE format('CREATE SEQUENCE member_number_seq START WITH %s', next_number);
END;
$$;

ALTER TABLE members ALTER COLUMN number SET DEFAULT nextval('member_number_seq');

INSERT INTO members (name) VALUES ('Front desk'), ('Guest');
