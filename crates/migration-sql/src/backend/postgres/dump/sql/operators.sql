-- An operator that another one names as its commutator or negator and that was never defined has no function.
WITH names AS (
    SELECT o.oid, format('OPERATOR(%I.%s)', n.nspname, o.oprname) AS name
    FROM pg_operator o
    JOIN pg_namespace n ON n.oid = o.oprnamespace
)
SELECT o.tableoid::int8 AS class, o.oid::int8 AS oid,
    format('%s.%s(%s, %s)', n.nspname, o.oprname, format_type(NULLIF(o.oprleft, 0), NULL),
        format_type(NULLIF(o.oprright, 0), NULL)) AS name,
    concat(
        format(E'CREATE OPERATOR %I.%s (\n    FUNCTION = %s', n.nspname, o.oprname, o.oprcode::regproc),
        E',\n    LEFTARG = ' || format_type(NULLIF(o.oprleft, 0), NULL),
        E',\n    RIGHTARG = ' || format_type(NULLIF(o.oprright, 0), NULL),
        E',\n    COMMUTATOR = ' || c.name,
        E',\n    NEGATOR = ' || g.name,
        E',\n    RESTRICT = ' || NULLIF(o.oprrest::oid, 0)::regproc,
        E',\n    JOIN = ' || NULLIF(o.oprjoin::oid, 0)::regproc,
        CASE WHEN o.oprcanhash THEN E',\n    HASHES' END,
        CASE WHEN o.oprcanmerge THEN E',\n    MERGES' END,
        E'\n)'
    ) AS sql
FROM pg_operator o
JOIN pg_namespace n ON n.oid = o.oprnamespace
LEFT JOIN names c ON c.oid = o.oprcom
LEFT JOIN names g ON g.oid = o.oprnegate
WHERE n.nspname !~ '^pg_' AND o.oprcode::oid <> 0
