-- Languages by `CREATE LANGUAGE`, not by an extension.
SELECT l.tableoid::int8 AS class, l.oid::int8 AS oid, l.lanname::text AS name,
    concat(
        'CREATE ', CASE WHEN l.lanpltrusted THEN 'TRUSTED ' END, format('LANGUAGE %I', l.lanname),
        ' HANDLER ' || NULLIF(l.lanplcallfoid, 0)::regproc,
        ' INLINE ' || NULLIF(l.laninline, 0)::regproc,
        ' VALIDATOR ' || NULLIF(l.lanvalidator, 0)::regproc
    ) AS sql
FROM pg_language l
WHERE l.lanispl
