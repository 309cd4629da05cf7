-- The schemas, by oid.
SELECT json_object_agg(x.oid, x)
FROM (
    SELECT
        n.oid,
        n.nspname AS name,
        json_build_object(
            'owner', pg_get_userbyid(n.nspowner),
            'privileges', coalesce(n.nspacl, acldefault('n', n.nspowner))
        ) AS about
    FROM pg_namespace AS n
    JOIN ns ON ns.oid = n.oid
    WHERE n.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_namespace'::regclass)
) AS x
