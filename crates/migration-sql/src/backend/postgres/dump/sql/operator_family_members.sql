-- Operators and functions that were added by `ALTER OPERATOR FAMILY` to a family that is neither the server's nor an
-- extension's: of those it can't be told who added them.
WITH families AS (
    SELECT f.*
    FROM pg_opfamily f
    WHERE f.oid >= 16384 AND NOT EXISTS (
        SELECT FROM pg_depend d WHERE d.classid = f.tableoid AND d.objid = f.oid AND d.deptype = 'e'
    )
)
SELECT o.tableoid::int8 AS class, o.oid::int8 AS oid,
    format('%s.%s %s 1 %s %s', n.nspname, f.opfname, m.amname, o.amopstrategy, o.amopopr::regoperator) AS name,
    format('ALTER OPERATOR FAMILY %I.%I USING %I ADD OPERATOR %s %s', n.nspname, f.opfname, m.amname, o.amopstrategy,
        o.amopopr::regoperator)
        || COALESCE((
            SELECT format(' FOR ORDER BY %I.%I', sn.nspname, s.opfname)
            FROM pg_opfamily s
            JOIN pg_namespace sn ON sn.oid = s.opfnamespace
            WHERE s.oid = o.amopsortfamily
        ), '') AS sql
FROM pg_amop o
JOIN pg_depend d ON d.classid = o.tableoid AND d.objid = o.oid AND d.refclassid = 'pg_opfamily'::regclass
JOIN families f ON f.oid = o.amopfamily
JOIN pg_namespace n ON n.oid = f.opfnamespace
JOIN pg_am m ON m.oid = f.opfmethod
WHERE d.deptype = 'a'
UNION ALL
SELECT p.tableoid::int8, p.oid::int8,
    format('%s.%s %s 2 %s %s', n.nspname, f.opfname, m.amname, p.amprocnum, p.amproc::regprocedure),
    format('ALTER OPERATOR FAMILY %I.%I USING %I ADD FUNCTION %s (%s, %s) %s', n.nspname, f.opfname, m.amname,
        p.amprocnum, format_type(p.amproclefttype, NULL), format_type(p.amprocrighttype, NULL), p.amproc::regprocedure)
FROM pg_amproc p
JOIN pg_depend d ON d.classid = p.tableoid AND d.objid = p.oid AND d.refclassid = 'pg_opfamily'::regclass
JOIN families f ON f.oid = p.amprocfamily
JOIN pg_namespace n ON n.oid = f.opfnamespace
JOIN pg_am m ON m.oid = f.opfmethod
WHERE d.deptype = 'a'
