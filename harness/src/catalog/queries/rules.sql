-- The rewrite rules other than those that make a view, by relation and oid.
SELECT json_object_agg(x.relation || '/' || x.oid, x)
FROM (
    SELECT
        r.ev_class AS relation,
        r.oid,
        r.rulename AS name,
        CASE r.ev_enabled WHEN 'O' THEN 'origin' WHEN 'A' THEN 'always' WHEN 'R' THEN 'replica' ELSE 'disabled' END AS enabled,
        pg_get_ruledef(r.oid) AS definition
    FROM pg_rewrite AS r
    WHERE r.rulename <> '_RETURN' AND r.oid >= 16384
) AS x
