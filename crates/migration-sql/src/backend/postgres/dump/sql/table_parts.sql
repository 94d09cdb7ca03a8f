-- What `tables.sql` can leave for later: defaults and CHECK constraints, with the table that they are part of.
SELECT f.tableoid::int8 AS class, f.oid::int8 AS oid, format('%s.%s 1 %s', n.nspname, t.relname, a.attname) AS name,
    format('ALTER TABLE ONLY %I.%I ALTER COLUMN %I SET DEFAULT %s', n.nspname, t.relname, a.attname,
        pg_get_expr(f.adbin, f.adrelid)) AS sql,
    t.tableoid::int8 AS whole_class, t.oid::int8 AS whole_oid
FROM pg_attrdef f
JOIN pg_class t ON t.oid = f.adrelid AND t.relkind IN ('r', 'p', 'f')
JOIN pg_namespace n ON n.oid = t.relnamespace
JOIN pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum AND a.attgenerated = ''
WHERE n.nspname !~ '^pg_' AND (a.attislocal OR t.relispartition)
UNION ALL
SELECT k.tableoid::int8, k.oid::int8, format('%s.%s 2 %s', n.nspname, t.relname, k.conname),
    format('ALTER TABLE ONLY %I.%I ADD CONSTRAINT %I %s', n.nspname, t.relname, k.conname, pg_get_constraintdef(k.oid)),
    t.tableoid::int8, t.oid::int8
FROM pg_constraint k
JOIN pg_class t ON t.oid = k.conrelid
JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE n.nspname !~ '^pg_' AND k.contype = 'c' AND (k.conislocal OR t.relispartition)
