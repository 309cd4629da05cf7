-- The views and materialized views, by oid.
SELECT json_object_agg(x.oid, x)
FROM (
    SELECT
        c.oid,
        c.oid::regclass::text AS name,
        c.relkind = 'm' AS materialized,
        json_build_object(
            'owner', pg_get_userbyid(c.relowner),
            'privileges', coalesce(c.relacl, acldefault('r', c.relowner))
        ) AS about,
        pg_get_viewdef(c.oid) AS definition,
        c.relispopulated AS populated,
        c.reloptions AS options,
        toast.reloptions AS toast_options,
        am.amname AS access_method,
        ts.spcname AS tablespace
    FROM pg_class AS c
    JOIN ns ON ns.oid = c.relnamespace
    LEFT JOIN pg_class AS toast ON toast.oid = c.reltoastrelid
    LEFT JOIN pg_am AS am ON am.oid = c.relam
    LEFT JOIN pg_tablespace AS ts ON ts.oid = c.reltablespace
    WHERE c.oid >= 16384
        AND c.relkind IN ('v', 'm')
        AND c.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_class'::regclass)
) AS x
