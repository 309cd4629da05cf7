-- no-transaction
DROP INDEX CONCURRENTLY users_live_email_key;
