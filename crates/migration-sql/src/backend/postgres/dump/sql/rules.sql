SELECT r.tableoid::int8 AS class, r.oid::int8 AS oid, format('%s.%s %s', n.nspname, c.relname, r.rulename) AS name,
    concat(
        rtrim(pg_get_ruledef(r.oid), ';'),
        CASE WHEN r.ev_enabled <> 'O'
            THEN format(E';\nALTER TABLE %I.%I %s RULE %I', n.nspname, c.relname,
                CASE r.ev_enabled WHEN 'D' THEN 'DISABLE' WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE REPLICA' END,
                r.rulename)
        END
    ) AS sql
FROM pg_rewrite r
JOIN pg_class c ON c.oid = r.ev_class
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE r.rulename <> '_RETURN' AND n.nspname !~ '^pg_'
