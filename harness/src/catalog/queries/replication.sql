-- Publications and this database's subscriptions, each with the statements that
-- make it. A subscription's connection string is a secret and left out.
SELECT json_agg(x)
FROM (
    SELECT
        'publication' AS kind,
        'pg_publication/' || p.oid || '/0' AS key,
        quote_ident(p.pubname) AS name,
        ARRAY[p.pubname::text] AS bare,
        json_build_object('owner', pg_get_userbyid(p.pubowner)) AS about,
        NULL::text[] AS options,
        concat(
            format('CREATE PUBLICATION %I', p.pubname),
            CASE WHEN p.puballtables THEN ' FOR ALL TABLES' ELSE ' FOR ' || m.members END,
            format(
                ' WITH (publish = %L, publish_via_partition_root = %s%s)',
                concat_ws(
                    ', ',
                    CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
                    CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END
                ),
                p.pubviaroot::text,
                CASE to_json(p) ->> 'pubgencols' WHEN 's' THEN ', publish_generated_columns = stored' END
            )
        ) AS definition
    FROM pg_publication AS p
    LEFT JOIN LATERAL (
        SELECT string_agg(i.item, ', ' ORDER BY i.item) AS members
        FROM (
            SELECT concat(
                'TABLE ONLY ' || r.prrelid::regclass,
                (
                    SELECT ' (' || string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) || ')'
                    FROM pg_attribute AS a
                    WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs)
                ),
                ' WHERE (' || pg_get_expr(r.prqual, r.prrelid) || ')'
            ) AS item
            FROM pg_publication_rel AS r
            WHERE r.prpubid = p.oid
            UNION ALL
            SELECT format('TABLES IN SCHEMA %I', n.nspname)
            FROM pg_publication_namespace AS pn
            JOIN pg_namespace AS n ON n.oid = pn.pnnspid
            WHERE pn.pnpubid = p.oid
        ) AS i
    ) AS m ON true
    WHERE p.oid >= 16384
        AND p.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_publication'::regclass)

    UNION ALL
    SELECT
        'subscription',
        'pg_subscription/' || s.oid || '/0',
        quote_ident(s.subname),
        ARRAY[s.subname::text],
        json_build_object('owner', pg_get_userbyid(s.subowner)),
        NULL,
        format(
            'CREATE SUBSCRIPTION %I CONNECTION ''***'' PUBLICATION %s WITH (connect = false, %s)',
            s.subname,
            (SELECT string_agg(quote_ident(name), ', ' ORDER BY name) FROM unnest(s.subpublications) AS name),
            concat_ws(
                ', ',
                format('enabled = %s', s.subenabled::text),
                format('slot_name = %s', coalesce(quote_literal(s.subslotname), 'NONE')),
                format('binary = %s', s.subbinary::text),
                format('streaming = %s', CASE s.substream WHEN 't' THEN 'on' WHEN 'p' THEN 'parallel' ELSE 'off' END),
                format('synchronous_commit = %L', s.subsynccommit),
                format('two_phase = %s', (s.subtwophasestate <> 'd')::text),
                format('disable_on_error = %s', s.subdisableonerr::text),
                format('password_required = %s', s.subpasswordrequired::text),
                format('run_as_owner = %s', s.subrunasowner::text),
                format('origin = %s', s.suborigin)
            )
        )
    FROM pg_subscription AS s
    WHERE s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
) AS x
