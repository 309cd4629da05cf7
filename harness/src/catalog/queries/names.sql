-- The types, collations and operator classes that columns, domains and indexes
-- use, by oid. Naming each once is cheaper than joining it to every column; so
-- is looking up the few that are in use one by one.
SELECT json_build_object(
    'types', (
        SELECT json_object_agg(u.oid, (
            SELECT json_build_object(
                'schema', n.nspname,
                'name', coalesce(e.typname, t.typname),
                'array', e.oid IS NOT NULL,
                'storage', ascii(t.typstorage::text),
                'collation', t.typcollation::int8
            )
            FROM pg_type AS t
            LEFT JOIN pg_type AS e ON e.oid = t.typelem AND e.typarray = t.oid
            JOIN pg_namespace AS n ON n.oid = coalesce(e.typnamespace, t.typnamespace)
            WHERE t.oid = u.oid
        ))
        FROM (
            SELECT typid AS oid FROM used
            UNION
            SELECT typbasetype FROM pg_type WHERE typtype = 'd' AND oid >= 16384
        ) AS u
    ),
    'collations', (
        SELECT json_object_agg(u.oid, u.oid::regcollation::text)
        FROM (
            SELECT collid AS oid FROM used
            UNION
            SELECT unnest(indcollation) FROM pg_index WHERE indrelid >= 16384
        ) AS u
        WHERE u.oid <> 0
    ),
    'operator_classes', (
        SELECT json_object_agg(u.oid, (
            SELECT CASE WHEN o.oid < 16384 THEN o.opcname::text ELSE format('%I.%I', n.nspname, o.opcname) END
            FROM pg_opclass AS o
            JOIN pg_namespace AS n ON n.oid = o.opcnamespace
            WHERE o.oid = u.oid
        ))
        FROM (SELECT DISTINCT unnest(indclass) AS oid FROM pg_index WHERE indrelid >= 16384) AS u
    )
)
