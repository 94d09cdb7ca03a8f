-- The address of an object says what it is and how it is called in full. Some kinds are addressed otherwise in COMMENT.
SELECT d.classoid::int8 AS class, d.objoid::int8 AS oid,
    format('COMMENT ON %s %s IS %L',
        CASE
            WHEN d.objsubid <> 0 THEN 'COLUMN'
            WHEN i.type IN ('table constraint', 'domain constraint') THEN 'CONSTRAINT'
            WHEN i.type = 'composite type' THEN 'TYPE'
            WHEN i.type = 'statistics object' THEN 'STATISTICS'
            ELSE upper(i.type)
        END,
        CASE i.type
            WHEN 'aggregate' THEN (
                SELECT format('%I.%I(%s)', n.nspname, p.proname,
                    COALESCE(NULLIF(pg_get_function_identity_arguments(p.oid), ''), '*'))
                FROM pg_proc p
                JOIN pg_namespace n ON n.oid = p.pronamespace
                WHERE p.oid = d.objoid
            )
            WHEN 'domain constraint' THEN (
                SELECT format('%I ON DOMAIN %s', k.conname, format_type(k.contypid, NULL))
                FROM pg_constraint k
                WHERE k.oid = d.objoid
            )
            WHEN 'language' THEN (SELECT quote_ident(l.lanname) FROM pg_language l WHERE l.oid = d.objoid)
            ELSE i.identity
        END,
        d.description) AS sql
FROM pg_description d
CROSS JOIN LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) i
LEFT JOIN pg_extension e ON d.classoid = e.tableoid AND e.oid = d.objoid
LEFT JOIN pg_available_extensions v ON v.name = e.extname
-- PostgreSQL's own objects have the numbers below; an extension brings its own comment.
WHERE (d.objoid >= 16384 OR i.type = 'schema' AND i.identity = 'public' AND d.description <> 'standard public schema')
    AND v.comment IS DISTINCT FROM d.description
ORDER BY d.objsubid, i.identity COLLATE "C", i.type COLLATE "C"
