-- The members that belong to the family itself follow its classes: see `operator_family_members.sql`.
SELECT f.tableoid::int8 AS class, f.oid::int8 AS oid, format('%s.%s %s', n.nspname, f.opfname, m.amname) AS name,
    format('CREATE OPERATOR FAMILY %I.%I USING %I', n.nspname, f.opfname, m.amname) AS sql
FROM pg_opfamily f
JOIN pg_namespace n ON n.oid = f.opfnamespace
JOIN pg_am m ON m.oid = f.opfmethod
WHERE n.nspname !~ '^pg_'
