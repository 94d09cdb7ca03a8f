-- One of a partitioned table makes those of the partitions; what is said of one of these is whether it fires.
SELECT g.tableoid::int8 AS class, g.oid::int8 AS oid, format('%s.%s %s', n.nspname, t.relname, g.tgname) AS name,
    concat_ws(E';\n',
        CASE WHEN g.tgparentid = 0 THEN pg_get_triggerdef(g.oid) END,
        CASE WHEN g.tgenabled <> COALESCE(p.tgenabled, 'O')
            THEN format('ALTER TABLE %s%I.%I %s TRIGGER %I', CASE WHEN t.relkind = 'p' THEN 'ONLY ' END, n.nspname,
                t.relname, CASE g.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'A' THEN 'ENABLE ALWAYS'
                    WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE' END, g.tgname)
        END
    ) AS sql
FROM pg_trigger g
JOIN pg_class t ON t.oid = g.tgrelid
JOIN pg_namespace n ON n.oid = t.relnamespace
LEFT JOIN pg_trigger p ON p.oid = g.tgparentid
WHERE NOT g.tgisinternal AND n.nspname !~ '^pg_' AND (g.tgparentid = 0 OR g.tgenabled <> p.tgenabled)
