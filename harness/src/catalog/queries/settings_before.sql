-- What reading changes and has to put back, the roles among it, and whether this
-- session already has the prepared statement. Every name is qualified, since the
-- script under test may have put any schema first.
SELECT
    pg_catalog.json_build_object(
        'settings', pg_catalog.json_build_array(
            pg_catalog.json_build_array('search_path', pg_catalog.current_setting('search_path')),
            pg_catalog.json_build_array('quote_all_identifiers', pg_catalog.current_setting('quote_all_identifiers')),
            pg_catalog.json_build_array('DateStyle', pg_catalog.current_setting('DateStyle')),
            pg_catalog.json_build_array('IntervalStyle', pg_catalog.current_setting('IntervalStyle')),
            pg_catalog.json_build_array('TimeZone', pg_catalog.current_setting('TimeZone')),
            pg_catalog.json_build_array('bytea_output', pg_catalog.current_setting('bytea_output')),
            pg_catalog.json_build_array('extra_float_digits', pg_catalog.current_setting('extra_float_digits')),
            pg_catalog.json_build_array('lc_monetary', pg_catalog.current_setting('lc_monetary')),
            pg_catalog.json_build_array('standard_conforming_strings', pg_catalog.current_setting('standard_conforming_strings')),
            pg_catalog.json_build_array('xmlbinary', pg_catalog.current_setting('xmlbinary')),
            pg_catalog.json_build_array('xmloption', pg_catalog.current_setting('xmloption')),
            pg_catalog.json_build_array('client_encoding', pg_catalog.current_setting('client_encoding')),
            pg_catalog.json_build_array('statement_timeout', pg_catalog.current_setting('statement_timeout')),
            pg_catalog.json_build_array('from_collapse_limit', pg_catalog.current_setting('from_collapse_limit')),
            pg_catalog.json_build_array('join_collapse_limit', pg_catalog.current_setting('join_collapse_limit')),
            pg_catalog.json_build_array('jit', pg_catalog.current_setting('jit'))
        ),
        'role', pg_catalog.current_setting('role'),
        'session_user', session_user,
        'login', (
            SELECT r.rolname
            FROM pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid()) AS a
            JOIN pg_catalog.pg_roles AS r ON r.oid OPERATOR(pg_catalog.=) a.usesysid
        ),
        'prepared', EXISTS (
            SELECT FROM pg_catalog.pg_prepared_statements AS p
            WHERE p.name OPERATOR(pg_catalog.=) 'shakedown_catalog'
        )
    )::pg_catalog.text
