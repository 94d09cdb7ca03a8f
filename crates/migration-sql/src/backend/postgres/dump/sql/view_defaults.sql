-- Defaults of views' columns.
SELECT f.tableoid::int8 AS class, f.oid::int8 AS oid, format('%s.%s %s', n.nspname, c.relname, a.attname) AS name,
    format('ALTER VIEW %I.%I ALTER COLUMN %I SET DEFAULT %s', n.nspname, c.relname, a.attname,
        pg_get_expr(f.adbin, f.adrelid)) AS sql
FROM pg_attrdef f
JOIN pg_class c ON c.oid = f.adrelid AND c.relkind = 'v'
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum
WHERE n.nspname !~ '^pg_'
