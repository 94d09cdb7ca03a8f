-- PRIMARY KEY, UNIQUE and EXCLUDE, with what hangs on their index. The server's own text of them lacks the options of the
-- index, which stand before the words on when it is checked.
SELECT k.tableoid::int8 AS class, k.oid::int8 AS oid, format('%s.%s %s', n.nspname, t.relname, k.conname) AS name,
    concat(
        format('ALTER TABLE ONLY %I.%I ADD CONSTRAINT %I ', n.nspname, t.relname, k.conname),
        CASE WHEN k.contype = 'x' THEN d.text
            ELSE left(d.text, length(d.text) - length(d.checked)) || COALESCE(' WITH ' || d.options, '') || d.checked
        END,
        CASE WHEN k.contype = 'x' THEN format(E';\nALTER INDEX %I.%I SET ', n.nspname, k.conname) || d.options END,
        CASE WHEN p.oid IS NOT NULL THEN
            format(E';\nALTER INDEX %I.%I ATTACH PARTITION %I.%I', pn.nspname, p.relname, n.nspname, k.conname)
        END,
        CASE WHEN i.indisclustered
            THEN format(E';\nALTER TABLE %I.%I CLUSTER ON %I', n.nspname, t.relname, k.conname) END,
        CASE WHEN i.indisreplident
            THEN format(E';\nALTER TABLE ONLY %I.%I REPLICA IDENTITY USING INDEX %I', n.nspname, t.relname, k.conname)
        END
    ) AS sql
FROM pg_constraint k
JOIN pg_class t ON t.oid = k.conrelid
JOIN pg_namespace n ON n.oid = t.relnamespace
JOIN pg_index i ON i.indexrelid = k.conindid
JOIN pg_class x ON x.oid = k.conindid
LEFT JOIN pg_inherits h ON h.inhrelid = k.conindid
LEFT JOIN pg_class p ON p.oid = h.inhparent
LEFT JOIN pg_namespace pn ON pn.oid = p.relnamespace
CROSS JOIN LATERAL (
    SELECT pg_get_constraintdef(k.oid) AS text,
        concat(
            CASE WHEN k.condeferrable THEN ' DEFERRABLE' END,
            CASE WHEN k.condeferred THEN ' INITIALLY DEFERRED' END
        ) AS checked,
        (
            SELECT '(' || string_agg(format('%I = %L', o.option_name, o.option_value), ', '
                ORDER BY o.option_name COLLATE "C") || ')'
            FROM pg_options_to_table(x.reloptions) o
        ) AS options
) d
WHERE k.contype IN ('p', 'u', 'x') AND n.nspname !~ '^pg_'
