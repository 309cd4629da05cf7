-- Foreign-data wrappers, servers and user mappings. Their options stand apart
-- from their definitions, since they can be altered while others depend on them.
SELECT json_agg(x)
FROM (
    SELECT
        'foreign data wrapper' AS kind,
        'pg_foreign_data_wrapper/' || f.oid || '/0' AS key,
        quote_ident(f.fdwname) AS name,
        ARRAY[f.fdwname::text] AS bare,
        json_build_object(
            'owner', pg_get_userbyid(f.fdwowner),
            'privileges', coalesce(f.fdwacl, acldefault('F', f.fdwowner))
        ) AS about,
        f.fdwoptions AS options,
        concat(
            format('CREATE FOREIGN DATA WRAPPER %I', f.fdwname),
            CASE WHEN f.fdwhandler <> 0 THEN ' HANDLER ' || f.fdwhandler::regproc END,
            CASE WHEN f.fdwvalidator <> 0 THEN ' VALIDATOR ' || f.fdwvalidator::regproc END
        ) AS definition
    FROM pg_foreign_data_wrapper AS f
    WHERE f.oid >= 16384
        AND f.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_foreign_data_wrapper'::regclass)

    UNION ALL
    SELECT
        'server',
        'pg_foreign_server/' || s.oid || '/0',
        quote_ident(s.srvname),
        ARRAY[s.srvname::text],
        json_build_object(
            'owner', pg_get_userbyid(s.srvowner),
            'privileges', coalesce(s.srvacl, acldefault('S', s.srvowner))
        ),
        s.srvoptions,
        concat(
            format('CREATE SERVER %I', s.srvname),
            ' TYPE ' || quote_literal(s.srvtype),
            ' VERSION ' || quote_literal(s.srvversion),
            format(' FOREIGN DATA WRAPPER %I', f.fdwname)
        )
    FROM pg_foreign_server AS s
    JOIN pg_foreign_data_wrapper AS f ON f.oid = s.srvfdw
    WHERE s.oid >= 16384
        AND s.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_foreign_server'::regclass)

    UNION ALL
    SELECT
        'user mapping',
        'pg_user_mapping/' || u.umid || '/0',
        format('FOR %s SERVER %I', CASE u.umuser WHEN 0 THEN 'PUBLIC' ELSE quote_ident(u.usename) END, u.srvname),
        ARRAY[u.srvname::text, u.usename::text],
        json_build_object(),
        u.umoptions,
        format('CREATE USER MAPPING FOR %s SERVER %I', CASE u.umuser WHEN 0 THEN 'PUBLIC' ELSE quote_ident(u.usename) END, u.srvname)
    FROM pg_user_mappings AS u
) AS x
