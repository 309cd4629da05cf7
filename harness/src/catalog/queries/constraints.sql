-- The constraints of tables. What Postgres derives is left out: the rows that a
-- foreign key to a partitioned table has for each partition it points to, and
-- (from version 18) not-null constraints that say no more than the column does.
SELECT json_agg(x)
FROM (
    SELECT
        k.conrelid::int8 AS relation,
        k.oid::int8 AS oid,
        k.conname AS name,
        k.contype AS kind,
        k.conkey AS columns,
        pg_get_constraintdef(k.oid) AS definition,
        CASE WHEN k.contype = 'c' THEN pg_get_expr(k.conbin, k.conrelid) END AS expression,
        CASE WHEN k.contype = 'f' THEN json_build_object(
            'relation', k.confrelid::int8,
            'table', k.confrelid::regclass::text,
            'columns', k.confkey,
            'on_update', k.confupdtype,
            'on_delete', k.confdeltype,
            'match', k.confmatchtype,
            'set_columns', k.confdelsetcols
        ) END AS "references",
        CASE WHEN k.contype = 'x' THEN ARRAY(
            SELECT o.oprname
            FROM unnest(k.conexclop) WITH ORDINALITY AS u (oid, n)
            JOIN pg_operator AS o ON o.oid = u.oid
            ORDER BY u.n
        ) END AS operators,
        k.condeferrable AS deferrable,
        k.condeferred AS initially_deferred,
        k.convalidated AS validated,
        (k.contype = 'f' OR k.condeferrable) AND EXISTS (
            SELECT FROM pg_trigger AS t WHERE t.tgconstraint = k.oid AND t.tgenabled = 'D'
        ) AS disabled,
        k.connoinherit AND k.contype IN ('c', 'n') AS no_inherit,
        k.conislocal AS local,
        k.coninhcount AS inherited,
        parent.conname AS attached_to
    FROM pg_constraint AS k
    LEFT JOIN pg_constraint AS parent ON parent.oid = k.conparentid
    WHERE k.conrelid >= 16384
        AND k.connamespace IN (SELECT oid FROM ns)
        AND k.conrelid IS DISTINCT FROM parent.conrelid
        AND (
            k.contype IN ('c', 'f', 'p', 'u', 'x')
            OR k.contype = 'n' AND (
                NOT k.convalidated
                OR k.connoinherit
                OR k.conislocal AND k.conname <> left((
                    SELECT c.relname || '_' || a.attname || '_not_null'
                    FROM pg_class AS c
                    JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
                    WHERE c.oid = k.conrelid
                ), 63)
            )
        )
) AS x
