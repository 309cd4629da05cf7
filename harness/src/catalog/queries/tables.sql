-- The ordinary, partitioned and foreign tables, by oid.
SELECT json_object_agg(x.oid, x)
FROM (
    SELECT
        c.oid,
        c.oid::regclass::text AS name,
        CASE c.relkind WHEN 'r' THEN 'ordinary' WHEN 'p' THEN 'partitioned' ELSE 'foreign' END AS kind,
        json_build_object(
            'owner', pg_get_userbyid(c.relowner),
            'privileges', coalesce(c.relacl, acldefault('r', c.relowner))
        ) AS about,
        c.relpersistence = 'u' AS unlogged,
        CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END AS of_type,
        CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partition_key,
        CASE WHEN c.relispartition THEN json_build_object(
            'of', h.parents -> 0,
            'bound', pg_get_expr(c.relpartbound, c.oid),
            'detach_pending', h.detach_pending
        ) END AS partition,
        CASE WHEN NOT c.relispartition THEN h.parents END AS inherits,
        am.amname AS access_method,
        ts.spcname AS tablespace,
        c.reloptions AS options,
        toast.reloptions AS toast_options,
        c.relrowsecurity AS row_security,
        c.relforcerowsecurity AS row_security_forced,
        CASE
            WHEN c.relkind = 'f' THEN 'default'
            WHEN c.relreplident = 'n' THEN 'nothing'
            WHEN c.relreplident = 'f' THEN 'full'
            WHEN c.relreplident = 'i' THEN 'index ' || coalesce(quote_ident(ri.relname), '(dropped)')
            ELSE 'default'
        END AS replica_identity,
        s.srvname AS server,
        ft.ftoptions AS server_options
    FROM pg_class AS c
    JOIN ns ON ns.oid = c.relnamespace
    LEFT JOIN pg_am AS am ON am.oid = c.relam
    LEFT JOIN pg_tablespace AS ts ON ts.oid = c.reltablespace
    LEFT JOIN pg_class AS toast ON toast.oid = c.reltoastrelid
    LEFT JOIN (
        SELECT
            inhrelid,
            json_agg(inhparent::regclass::text ORDER BY inhseqno) AS parents,
            bool_or(inhdetachpending) AS detach_pending
        FROM pg_inherits
        GROUP BY inhrelid
    ) AS h ON h.inhrelid = c.oid
    LEFT JOIN (
        SELECT i.indrelid, ic.relname
        FROM pg_index AS i
        JOIN pg_class AS ic ON ic.oid = i.indexrelid
        WHERE i.indisreplident
    ) AS ri ON ri.indrelid = c.oid AND c.relreplident = 'i'
    LEFT JOIN pg_foreign_table AS ft ON ft.ftrelid = c.oid
    LEFT JOIN pg_foreign_server AS s ON s.oid = ft.ftserver
    WHERE c.oid >= 16384
        AND c.relkind IN ('r', 'p', 'f')
        AND c.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_class'::regclass)
) AS x
