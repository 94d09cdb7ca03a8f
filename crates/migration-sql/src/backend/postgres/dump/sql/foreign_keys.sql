-- One of a partitioned table makes those of the partitions.
SELECT k.tableoid::int8 AS class, k.oid::int8 AS oid, format('%s.%s %s', n.nspname, t.relname, k.conname) AS name,
    format('ALTER TABLE %s%I.%I ADD CONSTRAINT %I %s', CASE WHEN t.relkind <> 'p' THEN 'ONLY ' END, n.nspname, t.relname,
        k.conname, pg_get_constraintdef(k.oid)) AS sql
FROM pg_constraint k
JOIN pg_class t ON t.oid = k.conrelid
JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0 AND n.nspname !~ '^pg_'
