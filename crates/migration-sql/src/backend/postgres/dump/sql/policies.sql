-- The roles that a policy names are the server's: they must be there.
SELECT p.tableoid::int8 AS class, p.oid::int8 AS oid, format('%s.%s %s', n.nspname, t.relname, p.polname) AS name,
    concat(
        format('CREATE POLICY %I ON %I.%I', p.polname, n.nspname, t.relname),
        CASE WHEN NOT p.polpermissive THEN ' AS RESTRICTIVE' END,
        CASE p.polcmd WHEN 'r' THEN ' FOR SELECT' WHEN 'a' THEN ' FOR INSERT' WHEN 'w' THEN ' FOR UPDATE'
            WHEN 'd' THEN ' FOR DELETE' END,
        ' TO ' || (
            SELECT string_agg(quote_ident(r.rolname), ', ' ORDER BY r.rolname)
            FROM pg_roles r
            WHERE r.oid = ANY (p.polroles)
        ),
        E'\n    USING (' || pg_get_expr(p.polqual, p.polrelid) || ')',
        E'\n    WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')'
    ) AS sql
FROM pg_policy p
JOIN pg_class t ON t.oid = p.polrelid
JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE n.nspname !~ '^pg_'
