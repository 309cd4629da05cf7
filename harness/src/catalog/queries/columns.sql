-- The columns of tables, views and composite types, and the statistics targets
-- of index columns. What few columns have stands apart, as a database has so many.
SELECT json_agg(x)
FROM (
    SELECT
        a.attrelid::int8 AS relation,
        a.attnum AS number,
        a.attname::text AS name,
        a.atttypid::int8 AS type,
        format_type(a.atttypid, a.atttypmod) AS type_text,
        a.attcollation::int8 AS collation,
        a.attnotnull AS not_null,
        ascii(a.attstorage::text) AS storage,
        pg_get_expr(d.adbin, d.adrelid) AS expression,
        CASE WHEN
            a.attgenerated <> '' OR a.attidentity <> '' OR a.attcompression <> '' OR a.attstattarget >= 0
            OR a.attinhcount > 0 OR a.attoptions IS NOT NULL OR a.attfdwoptions IS NOT NULL OR a.attacl IS NOT NULL
        THEN json_build_object(
            'generated', a.attgenerated,
            'identity', a.attidentity,
            'compression', a.attcompression,
            'statistics', nullif(a.attstattarget, -1),
            'inherited', a.attinhcount,
            'local', a.attislocal,
            'options', a.attoptions,
            'server_options', a.attfdwoptions,
            'privileges', a.attacl
        ) END AS rare
    FROM pg_attribute AS a
    JOIN pg_class AS c ON c.oid = a.attrelid
    LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid >= 16384
        AND a.attnum > 0
        AND NOT a.attisdropped
        AND (
            c.relkind IN ('r', 'p', 'f', 'v', 'm', 'c')
            OR c.relkind IN ('i', 'I') AND a.attstattarget >= 0
        )
        AND c.relnamespace IN (SELECT oid FROM ns)
) AS x
