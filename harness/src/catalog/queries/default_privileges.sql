-- What privileges objects will have that a role is yet to make, and those that
-- they would have without this entry.
SELECT json_agg(x)
FROM (
    SELECT
        pg_get_userbyid(d.defaclrole) AS role,
        n.nspname AS schema,
        CASE d.defaclobjtype
            WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions'
            WHEN 'T' THEN 'types' WHEN 'n' THEN 'schemas' ELSE 'large objects'
        END AS objects,
        d.defaclacl AS privileges,
        CASE WHEN d.defaclnamespace = 0 THEN acldefault(
            CASE d.defaclobjtype WHEN 'S' THEN 's' ELSE d.defaclobjtype END, d.defaclrole
        ) END AS otherwise
    FROM pg_default_acl AS d
    LEFT JOIN pg_namespace AS n ON n.oid = d.defaclnamespace
) AS x
