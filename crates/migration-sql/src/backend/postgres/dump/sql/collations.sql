-- The locale of an ICU collation has had three columns: `collcollate` to 14, `colliculocale` to 16, then `colllocale`.
SELECT c.tableoid::int8 AS class, c.oid::int8 AS oid, n.nspname || '.' || c.collname AS name,
    concat(
        format('CREATE COLLATION %I.%I (PROVIDER = ', n.nspname, c.collname),
        CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END,
        CASE WHEN NOT c.collisdeterministic THEN ', DETERMINISTIC = false' END,
        CASE WHEN c.collprovider IN ('i', 'b')
            THEN format(', LOCALE = %L', COALESCE(r.j ->> 'colllocale', r.j ->> 'colliculocale', r.j ->> 'collcollate'))
            ELSE format(', LC_COLLATE = %L, LC_CTYPE = %L', r.j ->> 'collcollate', r.j ->> 'collctype')
        END,
        ', RULES = ' || quote_literal(r.j ->> 'collicurules'),
        ')'
    ) AS sql
FROM pg_collation c
JOIN pg_namespace n ON n.oid = c.collnamespace
CROSS JOIN LATERAL (SELECT to_jsonb(c) AS j) r
WHERE n.nspname !~ '^pg_'
