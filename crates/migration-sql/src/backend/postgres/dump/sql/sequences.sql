-- The sequence of an identity column comes with its table.
SELECT c.tableoid::int8 AS class, c.oid::int8 AS oid, n.nspname || '.' || c.relname AS name,
    concat(
        'CREATE ', CASE WHEN c.relpersistence = 'u' THEN 'UNLOGGED ' END,
        format('SEQUENCE %I.%I AS %s', n.nspname, c.relname, format_type(s.seqtypid, NULL)),
        format(' START WITH %s INCREMENT BY %s', s.seqstart, s.seqincrement),
        format(' MINVALUE %s MAXVALUE %s CACHE %s', s.seqmin, s.seqmax, s.seqcache),
        CASE WHEN s.seqcycle THEN ' CYCLE' END
    ) AS sql
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_sequence s ON s.seqrelid = c.oid
WHERE n.nspname !~ '^pg_' AND NOT EXISTS (
    SELECT FROM pg_depend d
    WHERE d.classid = c.tableoid AND d.objid = c.oid AND d.refclassid = c.tableoid AND d.deptype = 'i'
)
