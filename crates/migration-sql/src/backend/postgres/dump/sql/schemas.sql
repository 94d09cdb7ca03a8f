-- `public` is there in an empty database already, with a comment.
SELECT n.tableoid::int8 AS class, n.oid::int8 AS oid, n.nspname::text AS name,
    CASE
        WHEN n.nspname <> 'public' THEN format('CREATE SCHEMA %I', n.nspname)
        WHEN obj_description(n.oid, 'pg_namespace') IS NULL THEN 'COMMENT ON SCHEMA public IS NULL'
    END AS sql
FROM pg_namespace n
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
