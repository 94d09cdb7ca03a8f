SELECT s.tableoid::int8 AS class, s.oid::int8 AS oid, n.nspname || '.' || s.stxname AS name,
    pg_get_statisticsobjdef(s.oid)
        || CASE WHEN s.stxstattarget >= 0
            THEN format(E';\nALTER STATISTICS %I.%I SET STATISTICS %s', n.nspname, s.stxname, s.stxstattarget)
            ELSE '' END AS sql
FROM pg_statistic_ext s
JOIN pg_namespace n ON n.oid = s.stxnamespace
WHERE n.nspname !~ '^pg_'
