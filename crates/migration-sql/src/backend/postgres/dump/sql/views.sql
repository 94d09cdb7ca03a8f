-- Views, and materialized views without their rows. `bare` is a view of the same columns and no rows, for the case that
-- the view needs what needs the view: `view_parts.sql` has the real one.
WITH options AS (
    SELECT c.oid, format(' WITH (%s)', string_agg(format('%I = %L', o.option_name, o.option_value), ', '
        ORDER BY o.option_name COLLATE "C")) AS text
    FROM pg_class c
    CROSS JOIN LATERAL pg_options_to_table(c.reloptions) o
    WHERE c.relkind IN ('v', 'm')
    GROUP BY c.oid
)
SELECT c.tableoid::int8 AS class, c.oid::int8 AS oid, n.nspname || '.' || c.relname AS name,
    CASE c.relkind
        WHEN 'v' THEN format(E'CREATE VIEW %I.%I%s AS\n%s', n.nspname, c.relname, o.text, pg_get_viewdef(c.oid))
        ELSE concat(
            format('CREATE MATERIALIZED VIEW %I.%I', n.nspname, c.relname),
            CASE WHEN m.amname <> 'heap' THEN format(' USING %I', m.amname) END,
            o.text,
            E' AS\n', rtrim(pg_get_viewdef(c.oid), ';'), E'\nWITH NO DATA',
            s.text
        )
    END AS sql,
    CASE c.relkind WHEN 'v' THEN format(E'CREATE VIEW %I.%I AS\nSELECT ', n.nspname, c.relname) || (
        SELECT string_agg(
            format(E'\n    NULL::%s', format_type(a.atttypid, a.atttypmod))
                || CASE WHEN a.attcollation <> y.typcollation
                    THEN format(' COLLATE %I.%I', ln.nspname, l.collname) ELSE '' END
                || format(' AS %I', a.attname),
            ',' ORDER BY a.attnum)
        FROM pg_attribute a
        JOIN pg_type y ON y.oid = a.atttypid
        LEFT JOIN pg_collation l ON l.oid = a.attcollation
        LEFT JOIN pg_namespace ln ON ln.oid = l.collnamespace
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    ) END AS bare
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_am m ON m.oid = c.relam
LEFT JOIN options o ON o.oid = c.oid
CROSS JOIN LATERAL (
    SELECT string_agg(concat(
        CASE WHEN a.attstorage <> y.typstorage
            THEN format(E';\nALTER TABLE ONLY %I.%I ALTER COLUMN %I SET STORAGE %s', n.nspname, c.relname, a.attname,
                CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN'
                    ELSE 'EXTENDED' END)
        END,
        CASE WHEN a.attstattarget >= 0
            THEN format(E';\nALTER TABLE ONLY %I.%I ALTER COLUMN %I SET STATISTICS %s', n.nspname, c.relname, a.attname,
                a.attstattarget)
        END), '' ORDER BY a.attnum) AS text
    FROM pg_attribute a
    JOIN pg_type y ON y.oid = a.atttypid
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
) s
WHERE c.relkind IN ('v', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
