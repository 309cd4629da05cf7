-- What is said about objects from outside: comments, security labels, and the
-- extensions whose dropping takes an object with it. By catalog, oid and column.
SELECT json_build_object(
    'comments', (
        SELECT json_object_agg(classoid::regclass || '/' || objoid || '/' || objsubid, description)
        FROM pg_description
        WHERE objoid >= 16384 OR classoid = 'pg_namespace'::regclass AND objoid IN (SELECT oid FROM ns)
    ),
    'labels', (
        SELECT json_agg(json_build_array(classoid::regclass || '/' || objoid || '/' || objsubid, provider, label))
        FROM pg_seclabel
        WHERE objoid >= 16384
    ),
    'extensions', (
        SELECT json_agg(json_build_array(d.classid::regclass || '/' || d.objid || '/0', e.extname))
        FROM pg_depend AS d
        JOIN pg_extension AS e ON e.oid = d.refobjid
        WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'x'
    )
)
