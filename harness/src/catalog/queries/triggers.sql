-- The triggers that a user made, by relation and oid. A partition's copy of its
-- parent's trigger counts only where it is enabled or disabled on its own.
SELECT json_object_agg(x.relation || '/' || x.oid, x)
FROM (
    SELECT
        t.tgrelid AS relation,
        t.oid,
        t.tgname AS name,
        CASE WHEN t.tgtype & 2 <> 0 THEN 'before' WHEN t.tgtype & 64 <> 0 THEN 'instead of' ELSE 'after' END AS timing,
        array_remove(ARRAY[
            CASE WHEN t.tgtype & 4 <> 0 THEN 'insert' END,
            CASE WHEN t.tgtype & 8 <> 0 THEN 'delete' END,
            CASE WHEN t.tgtype & 16 <> 0 THEN 'update' END,
            CASE WHEN t.tgtype & 32 <> 0 THEN 'truncate' END
        ], NULL) AS events,
        t.tgtype & 1 <> 0 AS for_each_row,
        t.tgconstraint <> 0 AS "constraint",
        t.tgfoid::regprocedure::text AS function,
        CASE t.tgenabled WHEN 'O' THEN 'origin' WHEN 'A' THEN 'always' WHEN 'R' THEN 'replica' ELSE 'disabled' END AS enabled,
        t.tgparentid <> 0 AS inherited,
        pg_get_triggerdef(t.oid) AS definition
    FROM pg_trigger AS t
    JOIN pg_class AS c ON c.oid = t.tgrelid
    LEFT JOIN pg_trigger AS parent ON parent.oid = t.tgparentid
    WHERE NOT t.tgisinternal
        AND t.tgenabled IS DISTINCT FROM parent.tgenabled
        AND c.relnamespace IN (SELECT oid FROM ns)
) AS x
