SELECT a.tableoid::int8 AS class, a.oid::int8 AS oid, a.amname::text AS name,
    format(
        'CREATE ACCESS METHOD %I TYPE %s HANDLER %s',
        a.amname, CASE a.amtype WHEN 't' THEN 'TABLE' ELSE 'INDEX' END, a.amhandler::regproc
    ) AS sql
FROM pg_am a
