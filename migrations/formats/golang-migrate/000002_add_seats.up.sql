ALTER TABLE rooms ADD COLUMN seats integer;
ALTER TABLE rooms ADD CONSTRAINT rooms_seats_check CHECK (seats > 0);
