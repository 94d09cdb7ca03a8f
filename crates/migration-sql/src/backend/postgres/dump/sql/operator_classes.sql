-- The operators and functions without which the class can't be are its own by an internal dependency.
WITH members AS (
    SELECT d.refobjid AS class, 1 AS kind, o.amopstrategy AS number, o.oid,
        format('OPERATOR %s %s', o.amopstrategy, o.amopopr::regoperator)
            || COALESCE((
                SELECT format(' FOR ORDER BY %I.%I', sn.nspname, s.opfname)
                FROM pg_opfamily s
                JOIN pg_namespace sn ON sn.oid = s.opfnamespace
                WHERE s.oid = o.amopsortfamily
            ), '') AS text
    FROM pg_amop o
    JOIN pg_depend d ON d.classid = o.tableoid AND d.objid = o.oid AND d.refclassid = 'pg_opclass'::regclass
    WHERE d.deptype = 'i'
    UNION ALL
    SELECT d.refobjid, 2, p.amprocnum, p.oid,
        format('FUNCTION %s (%s, %s) %s', p.amprocnum, format_type(p.amproclefttype, NULL),
            format_type(p.amprocrighttype, NULL), p.amproc::regprocedure)
    FROM pg_amproc p
    JOIN pg_depend d ON d.classid = p.tableoid AND d.objid = p.oid AND d.refclassid = 'pg_opclass'::regclass
    WHERE d.deptype = 'i'
)
SELECT c.tableoid::int8 AS class, c.oid::int8 AS oid, format('%s.%s %s', n.nspname, c.opcname, m.amname) AS name,
    concat(
        format('CREATE OPERATOR CLASS %I.%I', n.nspname, c.opcname),
        CASE WHEN c.opcdefault THEN ' DEFAULT' END,
        format(' FOR TYPE %s USING %I FAMILY %I.%I AS', format_type(c.opcintype, NULL), m.amname, fn.nspname, f.opfname),
        E'\n    ',
        concat_ws(E',\n    ',
            'STORAGE ' || format_type(COALESCE(NULLIF(c.opckeytype, 0), c.opcintype), NULL),
            (SELECT string_agg(b.text, E',\n    ' ORDER BY b.kind, b.number, b.text) FROM members b WHERE b.class = c.oid)
        )
    ) AS sql
FROM pg_opclass c
JOIN pg_namespace n ON n.oid = c.opcnamespace
JOIN pg_am m ON m.oid = c.opcmethod
JOIN pg_opfamily f ON f.oid = c.opcfamily
JOIN pg_namespace fn ON fn.oid = f.opfnamespace
WHERE n.nspname !~ '^pg_'
