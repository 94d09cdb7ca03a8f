-- `public` is there in an empty database already.
SELECT n.tableoid::int8 AS class, n.oid::int8 AS oid, n.nspname::text AS name,
    format('CREATE SCHEMA %I', n.nspname) AS sql
FROM pg_namespace n
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'public'
