-- The row security policies, by relation and oid.
SELECT json_object_agg(x.relation || '/' || x.oid, x)
FROM (
    SELECT
        p.polrelid AS relation,
        p.oid,
        p.polname AS name,
        CASE p.polcmd
            WHEN 'r' THEN 'select' WHEN 'a' THEN 'insert' WHEN 'w' THEN 'update' WHEN 'd' THEN 'delete' ELSE 'all'
        END AS command,
        p.polpermissive AS permissive,
        ARRAY(
            SELECT CASE r WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(r)) END
            FROM unnest(p.polroles) AS r
        ) AS roles,
        pg_get_expr(p.polqual, p.polrelid) AS "using",
        pg_get_expr(p.polwithcheck, p.polrelid) AS "check"
    FROM pg_policy AS p
) AS x
