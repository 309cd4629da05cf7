-- The sequences, by oid: those of identity columns too, marked as such. What a
-- sequence has counted to is data and left out.
SELECT json_object_agg(x.oid, x)
FROM (
    SELECT
        c.oid,
        c.oid::regclass::text AS name,
        json_build_object(
            'owner', pg_get_userbyid(c.relowner),
            'privileges', coalesce(c.relacl, acldefault('s', c.relowner))
        ) AS about,
        c.relpersistence = 'u' AS unlogged,
        format_type(s.seqtypid, NULL) AS type,
        s.seqstart AS start,
        s.seqincrement AS increment,
        s.seqmin AS minimum,
        s.seqmax AS maximum,
        s.seqcache AS cache,
        s.seqcycle AS cycle,
        CASE WHEN d.deptype = 'a' THEN json_build_object('table', d.refobjid::regclass::text, 'column', a.attname) END AS owned_by,
        CASE WHEN d.deptype = 'i' THEN d.refobjid || '/' || d.refobjsubid END AS identity_of
    FROM pg_class AS c
    JOIN ns ON ns.oid = c.relnamespace
    JOIN pg_sequence AS s ON s.seqrelid = c.oid
    LEFT JOIN pg_depend AS d
        ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
        AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
    LEFT JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
    WHERE c.oid >= 16384
        AND c.relkind = 'S'
        AND c.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_class'::regclass)
) AS x
