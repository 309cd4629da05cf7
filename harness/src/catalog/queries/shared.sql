-- What the other queries draw on: the schemas that are not Postgres's own, the
-- objects that belong to an extension, and the types and collations of columns.
ns AS MATERIALIZED (
    SELECT oid, nspname
    FROM pg_namespace
    WHERE nspname <> 'information_schema' AND NOT starts_with(nspname, 'pg_')
),
member AS MATERIALIZED (
    SELECT classid, objid
    FROM pg_depend
    WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
),
used AS MATERIALIZED (
    SELECT DISTINCT atttypid AS typid, attcollation AS collid
    FROM pg_attribute
    WHERE attrelid >= 16384 AND attnum > 0 AND NOT attisdropped
)
