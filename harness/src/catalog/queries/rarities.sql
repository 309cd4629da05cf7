-- Casts, collations, conversions, languages, transforms, event triggers and
-- extended statistics, each with the statements that make it.
SELECT json_agg(x)
FROM (
    SELECT
        'cast' AS kind,
        'pg_cast/' || c.oid || '/0' AS key,
        format('(%s AS %s)', format_type(c.castsource, NULL), format_type(c.casttarget, NULL)) AS name,
        ARRAY[format_type(c.castsource, NULL), format_type(c.casttarget, NULL)] AS bare,
        json_build_object() AS about,
        NULL::text[] AS options,
        concat(
            format('CREATE CAST (%s AS %s) ', format_type(c.castsource, NULL), format_type(c.casttarget, NULL)),
            CASE c.castmethod WHEN 'f' THEN 'WITH FUNCTION ' || c.castfunc::regprocedure WHEN 'i' THEN 'WITH INOUT' ELSE 'WITHOUT FUNCTION' END,
            CASE c.castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' END
        ) AS definition
    FROM pg_cast AS c
    WHERE c.oid >= 16384
        AND c.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_cast'::regclass)
        AND NOT EXISTS (SELECT FROM pg_range AS r WHERE r.rngtypid = c.castsource AND r.rngmultitypid = c.casttarget)

    UNION ALL
    SELECT
        'collation',
        'pg_collation/' || c.oid || '/0',
        format('%I.%I', ns.nspname, c.collname),
        ARRAY[c.collname::text],
        json_build_object('owner', pg_get_userbyid(c.collowner)),
        NULL,
        format(
            'CREATE COLLATION %I.%I (%s)', ns.nspname, c.collname,
            concat_ws(
                ', ',
                'PROVIDER = ' || CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' WHEN 'd' THEN 'default' ELSE 'libc' END,
                CASE WHEN NOT c.collisdeterministic THEN 'DETERMINISTIC = false' END,
                'LOCALE = ' || quote_literal(coalesce(to_json(c) ->> 'colllocale', to_json(c) ->> 'colliculocale')),
                'LC_COLLATE = ' || quote_literal(c.collcollate),
                'LC_CTYPE = ' || quote_literal(c.collctype),
                'RULES = ' || quote_literal(c.collicurules)
            )
        )
    FROM pg_collation AS c
    JOIN ns ON ns.oid = c.collnamespace
    WHERE c.oid >= 16384
        AND c.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_collation'::regclass)

    UNION ALL
    SELECT
        'conversion',
        'pg_conversion/' || c.oid || '/0',
        format('%I.%I', ns.nspname, c.conname),
        ARRAY[c.conname::text],
        json_build_object('owner', pg_get_userbyid(c.conowner)),
        NULL,
        format(
            'CREATE %sCONVERSION %I.%I FOR %L TO %L FROM %s', CASE WHEN c.condefault THEN 'DEFAULT ' END,
            ns.nspname, c.conname, pg_encoding_to_char(c.conforencoding), pg_encoding_to_char(c.contoencoding), c.conproc::regproc
        )
    FROM pg_conversion AS c
    JOIN ns ON ns.oid = c.connamespace
    WHERE c.oid >= 16384
        AND c.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_conversion'::regclass)

    UNION ALL
    SELECT
        'language',
        'pg_language/' || l.oid || '/0',
        quote_ident(l.lanname),
        ARRAY[l.lanname::text],
        json_build_object(
            'owner', pg_get_userbyid(l.lanowner),
            'privileges', coalesce(l.lanacl, acldefault('l', l.lanowner))
        ),
        NULL,
        concat(
            format('CREATE %sLANGUAGE %I HANDLER %s', CASE WHEN l.lanpltrusted THEN 'TRUSTED ' END, l.lanname, l.lanplcallfoid::regproc),
            CASE WHEN l.laninline <> 0 THEN ' INLINE ' || l.laninline::regproc END,
            CASE WHEN l.lanvalidator <> 0 THEN ' VALIDATOR ' || l.lanvalidator::regproc END
        )
    FROM pg_language AS l
    WHERE l.oid >= 16384
        AND l.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_language'::regclass)

    UNION ALL
    SELECT
        'transform',
        'pg_transform/' || t.oid || '/0',
        format('FOR %s LANGUAGE %I', format_type(t.trftype, NULL), l.lanname),
        ARRAY[format_type(t.trftype, NULL)],
        json_build_object(),
        NULL,
        format(
            'CREATE TRANSFORM FOR %s LANGUAGE %I (%s)', format_type(t.trftype, NULL), l.lanname,
            concat_ws(
                ', ',
                CASE WHEN t.trffromsql <> 0 THEN 'FROM SQL WITH FUNCTION ' || t.trffromsql::regprocedure END,
                CASE WHEN t.trftosql <> 0 THEN 'TO SQL WITH FUNCTION ' || t.trftosql::regprocedure END
            )
        )
    FROM pg_transform AS t
    JOIN pg_language AS l ON l.oid = t.trflang
    WHERE t.oid >= 16384
        AND t.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_transform'::regclass)

    UNION ALL
    SELECT
        'event trigger',
        'pg_event_trigger/' || e.oid || '/0',
        quote_ident(e.evtname),
        ARRAY[e.evtname::text],
        json_build_object('owner', pg_get_userbyid(e.evtowner)),
        NULL,
        concat(
            format('CREATE EVENT TRIGGER %I ON %I', e.evtname, e.evtevent),
            ' WHEN TAG IN (' || (SELECT string_agg(quote_literal(tag), ', ' ORDER BY tag) FROM unnest(e.evttags) AS tag) || ')',
            ' EXECUTE FUNCTION ' || e.evtfoid::regprocedure,
            E';\nALTER EVENT TRIGGER ' || CASE WHEN e.evtenabled <> 'O' THEN quote_ident(e.evtname) END || ' '
                || CASE e.evtenabled WHEN 'A' THEN 'ENABLE ALWAYS' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'DISABLE' END
        )
    FROM pg_event_trigger AS e
    WHERE e.oid >= 16384
        AND e.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_event_trigger'::regclass)

    UNION ALL
    SELECT
        'statistics',
        'pg_statistic_ext/' || s.oid || '/0',
        format('%I.%I', ns.nspname, s.stxname),
        ARRAY[s.stxname::text],
        json_build_object('owner', pg_get_userbyid(s.stxowner)),
        NULL,
        concat(
            pg_get_statisticsobjdef(s.oid),
            format(E';\nALTER STATISTICS %I.%I SET STATISTICS ', ns.nspname, s.stxname) || nullif(s.stxstattarget, -1)
        )
    FROM pg_statistic_ext AS s
    JOIN ns ON ns.oid = s.stxnamespace
    WHERE s.oid >= 16384
        AND s.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_statistic_ext'::regclass)
) AS x
