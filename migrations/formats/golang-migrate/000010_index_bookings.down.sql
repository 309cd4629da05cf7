DROP INDEX CONCURRENTLY bookings_during_idx;
