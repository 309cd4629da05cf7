-- The types that are not made by the way (arrays, row types, multiranges), by oid.
SELECT json_object_agg(x.oid, x)
FROM (
    SELECT
        t.oid,
        format('%I.%I', ns.nspname, t.typname) AS name,
        CASE
            WHEN NOT t.typisdefined THEN 'shell'
            WHEN t.typtype = 'e' THEN 'enum'
            WHEN t.typtype = 'd' THEN 'domain'
            WHEN t.typtype = 'c' THEN 'composite'
            WHEN t.typtype = 'r' THEN 'range'
            ELSE 'base'
        END AS kind,
        json_build_object(
            'owner', pg_get_userbyid(t.typowner),
            'privileges', coalesce(t.typacl, acldefault('T', t.typowner))
        ) AS about,
        e.labels,
        t.typrelid::int8 AS relation,
        CASE WHEN t.typtype = 'd' THEN json_build_object(
            'type', t.typbasetype::int8,
            'type_text', format_type(t.typbasetype, t.typtypmod),
            'collation', CASE WHEN t.typcollation <> b.typcollation THEN t.typcollation::regcollation::text END,
            'default', pg_get_expr(t.typdefaultbin, 0),
            'not_null', t.typnotnull,
            'constraints', k.constraints
        ) END AS domain,
        CASE WHEN r.rngtypid IS NOT NULL THEN json_build_object(
            'subtype', format_type(r.rngsubtype, NULL),
            'multirange', r.rngmultitypid::regtype::text,
            'operator_class', CASE WHEN NOT o.opcdefault THEN format('%I.%I', opn.nspname, o.opcname) END,
            'collation', CASE WHEN r.rngcollation <> sub.typcollation THEN r.rngcollation::regcollation::text END,
            'canonical', CASE WHEN r.rngcanonical <> 0 THEN r.rngcanonical::regproc::text END,
            'subtype_diff', CASE WHEN r.rngsubdiff <> 0 THEN r.rngsubdiff::regproc::text END
        ) END AS range,
        CASE WHEN t.typtype = 'b' THEN concat_ws(
            ', ',
            'INPUT = ' || t.typinput::regproc,
            'OUTPUT = ' || t.typoutput::regproc,
            CASE WHEN t.typreceive <> 0 THEN 'RECEIVE = ' || t.typreceive::regproc END,
            CASE WHEN t.typsend <> 0 THEN 'SEND = ' || t.typsend::regproc END,
            CASE WHEN t.typmodin <> 0 THEN 'TYPMOD_IN = ' || t.typmodin::regproc END,
            CASE WHEN t.typmodout <> 0 THEN 'TYPMOD_OUT = ' || t.typmodout::regproc END,
            CASE WHEN t.typanalyze <> 0 THEN 'ANALYZE = ' || t.typanalyze::regproc END,
            CASE WHEN t.typsubscript <> 0 THEN 'SUBSCRIPT = ' || t.typsubscript::regproc END,
            'INTERNALLENGTH = ' || CASE t.typlen WHEN -1 THEN 'VARIABLE' ELSE t.typlen::text END,
            CASE WHEN t.typbyval THEN 'PASSEDBYVALUE' END,
            'ALIGNMENT = ' || CASE t.typalign WHEN 'c' THEN 'char' WHEN 's' THEN 'int2' WHEN 'i' THEN 'int4' ELSE 'double' END,
            'STORAGE = ' || CASE t.typstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' ELSE 'extended' END,
            'CATEGORY = ' || quote_literal(t.typcategory::text),
            CASE WHEN t.typispreferred THEN 'PREFERRED = true' END,
            CASE WHEN t.typdefault IS NOT NULL THEN 'DEFAULT = ' || quote_literal(t.typdefault) END,
            CASE WHEN t.typelem <> 0 THEN 'ELEMENT = ' || format_type(t.typelem, NULL) END,
            'DELIMITER = ' || quote_literal(t.typdelim::text),
            CASE WHEN t.typcollation <> 0 THEN 'COLLATABLE = true' END
        ) END AS base
    FROM pg_type AS t
    JOIN ns ON ns.oid = t.typnamespace
    LEFT JOIN pg_type AS b ON b.oid = t.typbasetype
    LEFT JOIN pg_class AS c ON c.oid = t.typrelid
    LEFT JOIN (
        SELECT enumtypid, json_agg(enumlabel ORDER BY enumsortorder) AS labels
        FROM pg_enum
        GROUP BY enumtypid
    ) AS e ON e.enumtypid = t.oid
    LEFT JOIN (
        SELECT contypid, json_agg(json_build_object(
            'oid', oid::int8,
            'name', conname,
            'expression', pg_get_expr(conbin, 0),
            'definition', pg_get_constraintdef(oid),
            'validated', convalidated
        )) AS constraints
        FROM pg_constraint
        WHERE contype = 'c' AND contypid <> 0
        GROUP BY contypid
    ) AS k ON k.contypid = t.oid
    LEFT JOIN pg_range AS r ON r.rngtypid = t.oid
    LEFT JOIN pg_type AS sub ON sub.oid = r.rngsubtype
    LEFT JOIN pg_opclass AS o ON o.oid = r.rngsubopc
    LEFT JOIN pg_namespace AS opn ON opn.oid = o.opcnamespace
    WHERE t.oid >= 16384
        AND t.typtype <> 'm'
        AND (t.typrelid = 0 OR c.relkind = 'c')
        AND NOT EXISTS (SELECT FROM pg_type AS el WHERE el.oid = t.typelem AND el.typarray = t.oid)
        AND t.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_type'::regclass)
) AS x
