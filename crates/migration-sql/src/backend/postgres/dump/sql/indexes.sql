-- Indexes that no constraint made. One of a partitioned table is made without those of the partitions, which are attached
-- to it one by one. An index that was left invalid by a failed `CREATE INDEX CONCURRENTLY` is listed as left out.
SELECT x.tableoid::int8 AS class, x.oid::int8 AS oid, n.nspname || '.' || x.relname AS name,
    concat(
        pg_get_indexdef(x.oid),
        CASE WHEN p.oid IS NOT NULL THEN
            format(E';\nALTER INDEX %I.%I ATTACH PARTITION %I.%I', pn.nspname, p.relname, n.nspname, x.relname)
        END,
        (
            SELECT string_agg(format(E';\nALTER INDEX %I.%I ALTER COLUMN %s SET STATISTICS %s', n.nspname, x.relname,
                a.attnum, a.attstattarget), '' ORDER BY a.attnum)
            FROM pg_attribute a
            WHERE a.attrelid = x.oid AND a.attstattarget >= 0
        ),
        CASE WHEN i.indisclustered
            THEN format(E';\nALTER TABLE %I.%I CLUSTER ON %I', n.nspname, t.relname, x.relname) END,
        CASE WHEN i.indisreplident
            THEN format(E';\nALTER TABLE ONLY %I.%I REPLICA IDENTITY USING INDEX %I', n.nspname, t.relname, x.relname)
        END
    ) AS sql
FROM pg_index i
JOIN pg_class x ON x.oid = i.indexrelid
JOIN pg_class t ON t.oid = i.indrelid
JOIN pg_namespace n ON n.oid = x.relnamespace
LEFT JOIN pg_inherits h ON h.inhrelid = x.oid
LEFT JOIN pg_class p ON p.oid = h.inhparent
LEFT JOIN pg_namespace pn ON pn.oid = p.relnamespace
WHERE n.nspname !~ '^pg_' AND (i.indisvalid OR t.relkind = 'p') AND NOT EXISTS (
    SELECT FROM pg_constraint k WHERE k.conindid = x.oid AND k.contype IN ('p', 'u', 'x')
)
