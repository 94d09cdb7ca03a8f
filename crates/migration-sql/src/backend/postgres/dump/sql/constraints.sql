-- PRIMARY KEY, UNIQUE and EXCLUDE, with what hangs on their index.
SELECT k.tableoid::int8 AS class, k.oid::int8 AS oid, format('%s.%s %s', n.nspname, t.relname, k.conname) AS name,
    concat(
        format('ALTER TABLE ONLY %I.%I ADD CONSTRAINT %I %s', n.nspname, t.relname, k.conname,
            pg_get_constraintdef(k.oid)),
        CASE WHEN p.oid IS NOT NULL THEN
            format(E';\nALTER INDEX %I.%I ATTACH PARTITION %I.%I', pn.nspname, p.relname, n.nspname, k.conname)
        END,
        CASE WHEN i.indisclustered
            THEN format(E';\nALTER TABLE %I.%I CLUSTER ON %I', n.nspname, t.relname, k.conname) END,
        CASE WHEN i.indisreplident
            THEN format(E';\nALTER TABLE ONLY %I.%I REPLICA IDENTITY USING INDEX %I', n.nspname, t.relname, k.conname)
        END
    ) AS sql
FROM pg_constraint k
JOIN pg_class t ON t.oid = k.conrelid
JOIN pg_namespace n ON n.oid = t.relnamespace
JOIN pg_index i ON i.indexrelid = k.conindid
LEFT JOIN pg_inherits h ON h.inhrelid = k.conindid
LEFT JOIN pg_class p ON p.oid = h.inhparent
LEFT JOIN pg_namespace pn ON pn.oid = p.relnamespace
WHERE k.contype IN ('p', 'u', 'x') AND n.nspname !~ '^pg_'
