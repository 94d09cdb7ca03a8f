-- The cast of a range to its multirange comes with the type.
SELECT c.tableoid::int8 AS class, c.oid::int8 AS oid,
    format('%s AS %s', format_type(c.castsource, NULL), format_type(c.casttarget, NULL)) AS name,
    concat(
        format('CREATE CAST (%s AS %s)', format_type(c.castsource, NULL), format_type(c.casttarget, NULL)),
        CASE c.castmethod WHEN 'f' THEN ' WITH FUNCTION ' || c.castfunc::regprocedure WHEN 'i' THEN ' WITH INOUT'
            ELSE ' WITHOUT FUNCTION' END,
        CASE c.castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' END
    ) AS sql
FROM pg_cast c
WHERE NOT EXISTS (
    SELECT FROM pg_depend d WHERE d.classid = c.tableoid AND d.objid = c.oid AND d.deptype = 'i'
)
