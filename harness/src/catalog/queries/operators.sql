-- Aggregates, operators, their families and classes, and access methods, each
-- with the statements that make it.
SELECT json_agg(x)
FROM (
    SELECT
        'aggregate' AS kind,
        'pg_proc/' || p.oid || '/0' AS key,
        format('%I.%I(%s)', ns.nspname, p.proname, CASE WHEN a.aggkind = 'n' AND p.pronargs = 0 THEN '*' ELSE pg_get_function_identity_arguments(p.oid) END) AS name,
        ARRAY[p.proname::text] AS bare,
        json_build_object(
            'owner', pg_get_userbyid(p.proowner),
            'privileges', coalesce(p.proacl, acldefault('f', p.proowner))
        ) AS about,
        NULL::text[] AS options,
        format(
            'CREATE AGGREGATE %I.%I(%s) (%s)', ns.nspname, p.proname,
            CASE WHEN a.aggkind = 'n' AND p.pronargs = 0 THEN '*' ELSE pg_get_function_arguments(p.oid) END,
            concat_ws(
                ', ',
                'SFUNC = ' || a.aggtransfn::regproc,
                'STYPE = ' || format_type(a.aggtranstype, NULL),
                CASE WHEN a.aggtransspace <> 0 THEN 'SSPACE = ' || a.aggtransspace END,
                CASE WHEN a.aggfinalfn <> 0 THEN 'FINALFUNC = ' || a.aggfinalfn::regproc END,
                CASE WHEN a.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
                CASE WHEN a.aggfinalfn <> 0 THEN 'FINALFUNC_MODIFY = ' || CASE a.aggfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,
                CASE WHEN a.aggcombinefn <> 0 THEN 'COMBINEFUNC = ' || a.aggcombinefn::regproc END,
                CASE WHEN a.aggserialfn <> 0 THEN 'SERIALFUNC = ' || a.aggserialfn::regproc END,
                CASE WHEN a.aggdeserialfn <> 0 THEN 'DESERIALFUNC = ' || a.aggdeserialfn::regproc END,
                'INITCOND = ' || quote_literal(a.agginitval),
                CASE WHEN a.aggmtransfn <> 0 THEN 'MSFUNC = ' || a.aggmtransfn::regproc END,
                CASE WHEN a.aggminvtransfn <> 0 THEN 'MINVFUNC = ' || a.aggminvtransfn::regproc END,
                CASE WHEN a.aggmtranstype <> 0 THEN 'MSTYPE = ' || format_type(a.aggmtranstype, NULL) END,
                CASE WHEN a.aggmtransspace <> 0 THEN 'MSSPACE = ' || a.aggmtransspace END,
                CASE WHEN a.aggmfinalfn <> 0 THEN 'MFINALFUNC = ' || a.aggmfinalfn::regproc END,
                CASE WHEN a.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
                CASE WHEN a.aggmfinalfn <> 0 THEN 'MFINALFUNC_MODIFY = ' || CASE a.aggmfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,
                'MINITCOND = ' || quote_literal(a.aggminitval),
                CASE WHEN a.aggsortop <> 0 THEN 'SORTOP = OPERATOR(' || a.aggsortop::regoper || ')' END,
                CASE WHEN a.aggkind = 'h' THEN 'HYPOTHETICAL' END,
                'PARALLEL = ' || CASE p.proparallel WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' ELSE 'UNSAFE' END
            )
        ) AS definition
    FROM pg_proc AS p
    JOIN ns ON ns.oid = p.pronamespace
    JOIN pg_aggregate AS a ON a.aggfnoid = p.oid
    WHERE p.oid >= 16384
        AND p.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_proc'::regclass)

    UNION ALL
    SELECT
        'operator',
        'pg_operator/' || o.oid || '/0',
        o.oid::regoperator::text,
        ARRAY[o.oprname::text],
        json_build_object('owner', pg_get_userbyid(o.oprowner)),
        NULL,
        format(
            'CREATE OPERATOR %I.%s (%s)', ns.nspname, o.oprname,
            concat_ws(
                ', ',
                'FUNCTION = ' || o.oprcode::regproc,
                CASE WHEN o.oprleft <> 0 THEN 'LEFTARG = ' || format_type(o.oprleft, NULL) END,
                CASE WHEN o.oprright <> 0 THEN 'RIGHTARG = ' || format_type(o.oprright, NULL) END,
                CASE WHEN o.oprcom <> 0 THEN 'COMMUTATOR = OPERATOR(' || o.oprcom::regoper || ')' END,
                CASE WHEN o.oprnegate <> 0 THEN 'NEGATOR = OPERATOR(' || o.oprnegate::regoper || ')' END,
                CASE WHEN o.oprrest <> 0 THEN 'RESTRICT = ' || o.oprrest::regproc END,
                CASE WHEN o.oprjoin <> 0 THEN 'JOIN = ' || o.oprjoin::regproc END,
                CASE WHEN o.oprcanhash THEN 'HASHES' END,
                CASE WHEN o.oprcanmerge THEN 'MERGES' END
            )
        )
    FROM pg_operator AS o
    JOIN ns ON ns.oid = o.oprnamespace
    WHERE o.oid >= 16384
        AND o.oprcode <> 0
        AND o.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_operator'::regclass)

    UNION ALL
    SELECT
        'operator family',
        'pg_opfamily/' || f.oid || '/0',
        format('%I.%I USING %I', ns.nspname, f.opfname, am.amname),
        ARRAY[f.opfname::text],
        json_build_object('owner', pg_get_userbyid(f.opfowner)),
        NULL,
        format('CREATE OPERATOR FAMILY %I.%I USING %I', ns.nspname, f.opfname, am.amname)
            || coalesce(format(E';\nALTER OPERATOR FAMILY %I.%I USING %I ADD ', ns.nspname, f.opfname, am.amname) || loose.items, '')
    FROM pg_opfamily AS f
    JOIN ns ON ns.oid = f.opfnamespace
    JOIN pg_am AS am ON am.oid = f.opfmethod
    LEFT JOIN LATERAL (
        SELECT string_agg(i.item, ', ' ORDER BY i.item) AS items
        FROM (
            SELECT format(
                'OPERATOR %s %s%s', m.amopstrategy, m.amopopr::regoperator,
                (SELECT format(' FOR ORDER BY %I.%I', n.nspname, s.opfname) FROM pg_opfamily AS s JOIN pg_namespace AS n ON n.oid = s.opfnamespace WHERE s.oid = m.amopsortfamily)
            ) AS item
            FROM pg_depend AS d
            JOIN pg_amop AS m ON m.oid = d.objid
            WHERE d.refclassid = 'pg_opfamily'::regclass AND d.refobjid = f.oid AND d.classid = 'pg_amop'::regclass
            UNION ALL
            SELECT format('FUNCTION %s (%s, %s) %s', m.amprocnum, format_type(m.amproclefttype, NULL), format_type(m.amprocrighttype, NULL), m.amproc::regprocedure)
            FROM pg_depend AS d
            JOIN pg_amproc AS m ON m.oid = d.objid
            WHERE d.refclassid = 'pg_opfamily'::regclass AND d.refobjid = f.oid AND d.classid = 'pg_amproc'::regclass
        ) AS i
    ) AS loose ON true
    WHERE f.oid >= 16384
        AND f.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_opfamily'::regclass)

    UNION ALL
    SELECT
        'operator class',
        'pg_opclass/' || o.oid || '/0',
        format('%I.%I USING %I', ns.nspname, o.opcname, am.amname),
        ARRAY[o.opcname::text],
        json_build_object('owner', pg_get_userbyid(o.opcowner)),
        NULL,
        format(
            'CREATE OPERATOR CLASS %I.%I%s FOR TYPE %s USING %I FAMILY %I.%I AS %s',
            ns.nspname, o.opcname, CASE WHEN o.opcdefault THEN ' DEFAULT' END,
            format_type(o.opcintype, NULL), am.amname, fn.nspname, f.opfname,
            concat_ws(', ', 'STORAGE ' || format_type(coalesce(nullif(o.opckeytype, 0), o.opcintype), NULL), own.items)
        )
    FROM pg_opclass AS o
    JOIN ns ON ns.oid = o.opcnamespace
    JOIN pg_am AS am ON am.oid = o.opcmethod
    JOIN pg_opfamily AS f ON f.oid = o.opcfamily
    JOIN pg_namespace AS fn ON fn.oid = f.opfnamespace
    LEFT JOIN LATERAL (
        SELECT string_agg(i.item, ', ' ORDER BY i.item) AS items
        FROM (
            SELECT format(
                'OPERATOR %s %s%s', m.amopstrategy, m.amopopr::regoperator,
                (SELECT format(' FOR ORDER BY %I.%I', n.nspname, s.opfname) FROM pg_opfamily AS s JOIN pg_namespace AS n ON n.oid = s.opfnamespace WHERE s.oid = m.amopsortfamily)
            ) AS item
            FROM pg_depend AS d
            JOIN pg_amop AS m ON m.oid = d.objid
            WHERE d.refclassid = 'pg_opclass'::regclass AND d.refobjid = o.oid AND d.classid = 'pg_amop'::regclass
            UNION ALL
            SELECT format('FUNCTION %s (%s, %s) %s', m.amprocnum, format_type(m.amproclefttype, NULL), format_type(m.amprocrighttype, NULL), m.amproc::regprocedure)
            FROM pg_depend AS d
            JOIN pg_amproc AS m ON m.oid = d.objid
            WHERE d.refclassid = 'pg_opclass'::regclass AND d.refobjid = o.oid AND d.classid = 'pg_amproc'::regclass
        ) AS i
    ) AS own ON true
    WHERE o.oid >= 16384
        AND o.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_opclass'::regclass)

    UNION ALL
    SELECT
        'access method',
        'pg_am/' || am.oid || '/0',
        quote_ident(am.amname),
        ARRAY[am.amname::text],
        json_build_object(),
        NULL,
        format('CREATE ACCESS METHOD %I TYPE %s HANDLER %s', am.amname, CASE am.amtype WHEN 'i' THEN 'INDEX' ELSE 'TABLE' END, am.amhandler::regproc)
    FROM pg_am AS am
    WHERE am.oid >= 16384
        AND am.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_am'::regclass)
) AS x
