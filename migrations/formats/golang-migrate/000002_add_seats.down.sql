ALTER TABLE rooms DROP CONSTRAINT rooms_seats_check;
ALTER TABLE rooms DROP COLUMN seats;
