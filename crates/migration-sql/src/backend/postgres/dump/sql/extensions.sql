SELECT e.tableoid::int8 AS class, e.oid::int8 AS oid, e.extname::text AS name,
    format('CREATE EXTENSION IF NOT EXISTS %I WITH SCHEMA %I', e.extname, n.nspname) AS sql
FROM pg_extension e
JOIN pg_namespace n ON n.oid = e.extnamespace
