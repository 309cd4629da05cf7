DROP FUNCTION keep_timestamps();
