-- The indexes of tables and materialized views. The definition is left out for
-- those that a constraint owns, since the constraint's own says the same.
SELECT json_agg(x)
FROM (
    SELECT
        i.indrelid::int8 AS relation,
        i.indexrelid::int8 AS oid,
        c.relname AS name,
        am.amname AS method,
        k.oid IS NOT NULL AS of_constraint,
        i.indisunique AS "unique",
        i.indnullsnotdistinct AS nulls_not_distinct,
        i.indisvalid AS valid,
        i.indisready AS ready,
        i.indisclustered AS clustered,
        i.indnkeyatts AS keys,
        i.indkey::text AS columns,
        i.indclass::text AS classes,
        i.indcollation::text AS collations,
        i.indoption::text AS ordering,
        CASE WHEN i.indexprs IS NOT NULL THEN ARRAY(
            SELECT pg_get_indexdef(i.indexrelid, n + 1, false)
            FROM generate_subscripts(i.indkey, 1) AS n
            WHERE i.indkey[n] = 0
            ORDER BY n
        ) END AS expressions,
        pg_get_expr(i.indpred, i.indrelid) AS predicate,
        CASE WHEN k.oid IS NULL THEN pg_get_indexdef(i.indexrelid) END AS definition,
        c.reloptions AS options,
        ts.spcname AS tablespace,
        h.inhparent::regclass::text AS attached_to
    FROM pg_index AS i
    JOIN pg_class AS c ON c.oid = i.indexrelid
    JOIN pg_am AS am ON am.oid = c.relam
    LEFT JOIN pg_constraint AS k ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x')
    LEFT JOIN pg_tablespace AS ts ON ts.oid = c.reltablespace
    LEFT JOIN pg_inherits AS h ON h.inhrelid = i.indexrelid
    WHERE i.indrelid >= 16384
        AND c.relnamespace IN (SELECT oid FROM ns)
) AS x
