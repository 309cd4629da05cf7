-- The functions, procedures and window functions, by oid, without those that
-- Postgres makes for range types.
SELECT json_object_agg(x.oid, x)
FROM (
    SELECT
        p.oid,
        format('%I.%I', ns.nspname, p.proname) AS name,
        p.oid::regprocedure::text AS signature,
        CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'w' THEN 'window' ELSE 'function' END AS kind,
        json_build_object(
            'owner', pg_get_userbyid(p.proowner),
            'privileges', coalesce(p.proacl, acldefault('f', p.proowner))
        ) AS about,
        pg_get_function_arguments(p.oid) AS arguments,
        pg_get_function_result(p.oid) AS result,
        l.lanname AS language,
        CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END AS volatility,
        p.proisstrict AS strict,
        p.prosecdef AS security_definer,
        p.proleakproof AS leakproof,
        CASE p.proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' ELSE 'unsafe' END AS parallel,
        p.procost::text AS cost,
        CASE WHEN p.proretset THEN p.prorows::text END AS rows,
        CASE WHEN p.prosupport <> 0 THEN p.prosupport::regproc::text END AS support,
        p.proconfig AS settings,
        ARRAY(SELECT format_type(t, NULL) FROM unnest(p.protrftypes) AS t) AS transforms,
        p.prosrc AS body,
        p.probin AS library,
        CASE WHEN p.prosqlbody IS NOT NULL THEN pg_get_function_sqlbody(p.oid) END AS sql_body
    FROM pg_proc AS p
    JOIN ns ON ns.oid = p.pronamespace
    JOIN pg_language AS l ON l.oid = p.prolang
    WHERE p.oid >= 16384
        AND p.prokind IN ('f', 'p', 'w')
        AND p.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_proc'::regclass)
        AND p.oid NOT IN (
            SELECT objid FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid >= 16384 AND deptype = 'i'
        )
) AS x
