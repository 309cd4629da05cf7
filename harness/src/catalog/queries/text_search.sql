-- Text search configurations with their mappings, dictionaries, parsers and
-- templates, each with the statements that make it.
SELECT json_agg(x)
FROM (
    SELECT
        'text search configuration' AS kind,
        'pg_ts_config/' || c.oid || '/0' AS key,
        format('%I.%I', ns.nspname, c.cfgname) AS name,
        ARRAY[c.cfgname::text] AS bare,
        json_build_object('owner', pg_get_userbyid(c.cfgowner)) AS about,
        NULL::text[] AS options,
        format('CREATE TEXT SEARCH CONFIGURATION %I.%I (PARSER = %I.%I)', ns.nspname, c.cfgname, pn.nspname, p.prsname)
            || coalesce(m.mappings, '') AS definition
    FROM pg_ts_config AS c
    JOIN ns ON ns.oid = c.cfgnamespace
    JOIN pg_ts_parser AS p ON p.oid = c.cfgparser
    JOIN pg_namespace AS pn ON pn.oid = p.prsnamespace
    LEFT JOIN LATERAL (
        SELECT string_agg(
            format(E';\nALTER TEXT SEARCH CONFIGURATION %I.%I ADD MAPPING FOR %I WITH %s', ns.nspname, c.cfgname, t.alias, t.dictionaries),
            '' ORDER BY t.alias
        ) AS mappings
        FROM (
            SELECT tt.alias, string_agg(m.mapdict::regdictionary::text, ', ' ORDER BY m.mapseqno) AS dictionaries
            FROM pg_ts_config_map AS m
            JOIN ts_token_type(c.cfgparser) AS tt ON tt.tokid = m.maptokentype
            WHERE m.mapcfg = c.oid
            GROUP BY tt.alias
        ) AS t
    ) AS m ON true
    WHERE c.oid >= 16384
        AND c.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_ts_config'::regclass)

    UNION ALL
    SELECT
        'text search dictionary',
        'pg_ts_dict/' || d.oid || '/0',
        format('%I.%I', ns.nspname, d.dictname),
        ARRAY[d.dictname::text],
        json_build_object('owner', pg_get_userbyid(d.dictowner)),
        NULL,
        format('CREATE TEXT SEARCH DICTIONARY %I.%I (TEMPLATE = %I.%I%s)', ns.nspname, d.dictname, tn.nspname, t.tmplname, ', ' || d.dictinitoption)
    FROM pg_ts_dict AS d
    JOIN ns ON ns.oid = d.dictnamespace
    JOIN pg_ts_template AS t ON t.oid = d.dicttemplate
    JOIN pg_namespace AS tn ON tn.oid = t.tmplnamespace
    WHERE d.oid >= 16384
        AND d.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_ts_dict'::regclass)

    UNION ALL
    SELECT
        'text search parser',
        'pg_ts_parser/' || p.oid || '/0',
        format('%I.%I', ns.nspname, p.prsname),
        ARRAY[p.prsname::text],
        json_build_object(),
        NULL,
        format(
            'CREATE TEXT SEARCH PARSER %I.%I (%s)', ns.nspname, p.prsname,
            concat_ws(
                ', ',
                'START = ' || p.prsstart, 'GETTOKEN = ' || p.prstoken, 'END = ' || p.prsend,
                CASE WHEN p.prsheadline <> 0 THEN 'HEADLINE = ' || p.prsheadline END,
                'LEXTYPES = ' || p.prslextype
            )
        )
    FROM pg_ts_parser AS p
    JOIN ns ON ns.oid = p.prsnamespace
    WHERE p.oid >= 16384
        AND p.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_ts_parser'::regclass)

    UNION ALL
    SELECT
        'text search template',
        'pg_ts_template/' || t.oid || '/0',
        format('%I.%I', ns.nspname, t.tmplname),
        ARRAY[t.tmplname::text],
        json_build_object(),
        NULL,
        format(
            'CREATE TEXT SEARCH TEMPLATE %I.%I (%s)', ns.nspname, t.tmplname,
            concat_ws(', ', CASE WHEN t.tmplinit <> 0 THEN 'INIT = ' || t.tmplinit END, 'LEXIZE = ' || t.tmpllexize)
        )
    FROM pg_ts_template AS t
    JOIN ns ON ns.oid = t.tmplnamespace
    WHERE t.oid >= 16384
        AND t.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_ts_template'::regclass)
) AS x
