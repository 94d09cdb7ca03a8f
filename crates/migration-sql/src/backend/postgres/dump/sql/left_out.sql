-- What a schema can hold and this dump doesn't, so that nobody takes its silence for a no.
SELECT t.tableoid::int8 AS class, t.oid::int8 AS oid, format('base type %s', format_type(t.oid, NULL)) AS name
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype IN ('b', 'p') AND n.nspname !~ '^pg_' AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)
UNION ALL
SELECT x.tableoid::int8, x.oid::int8, format('invalid index %I.%I', n.nspname, x.relname)
FROM pg_index i
JOIN pg_class x ON x.oid = i.indexrelid
JOIN pg_class t ON t.oid = i.indrelid
JOIN pg_namespace n ON n.oid = x.relnamespace
WHERE NOT i.indisvalid AND t.relkind <> 'p' AND n.nspname !~ '^pg_'
UNION ALL
SELECT c.tableoid::int8, c.oid::int8, format('conversion %I.%I', n.nspname, c.conname)
FROM pg_conversion c
JOIN pg_namespace n ON n.oid = c.connamespace
UNION ALL
SELECT t.tableoid::int8, t.oid::int8, format('transform for %s language %I', format_type(t.trftype, NULL), l.lanname)
FROM pg_transform t
JOIN pg_language l ON l.oid = t.trflang
UNION ALL
SELECT p.tableoid::int8, p.oid::int8, format('text search parser %I.%I', n.nspname, p.prsname)
FROM pg_ts_parser p
JOIN pg_namespace n ON n.oid = p.prsnamespace
UNION ALL
SELECT t.tableoid::int8, t.oid::int8, format('text search template %I.%I', n.nspname, t.tmplname)
FROM pg_ts_template t
JOIN pg_namespace n ON n.oid = t.tmplnamespace
UNION ALL
SELECT p.tableoid::int8, p.oid::int8, format('publication %I', p.pubname)
FROM pg_publication p
