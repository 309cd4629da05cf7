-- The extensions, by oid.
SELECT json_object_agg(x.oid, x)
FROM (
    SELECT
        e.oid,
        e.extname AS name,
        n.nspname AS schema,
        e.extversion AS version,
        json_build_object('owner', pg_get_userbyid(e.extowner)) AS about
    FROM pg_extension AS e
    JOIN pg_namespace AS n ON n.oid = e.extnamespace
) AS x
