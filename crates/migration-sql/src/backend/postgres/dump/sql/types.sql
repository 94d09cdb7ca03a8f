-- Enumerations, composite types, domains and ranges. What a table is a type of comes with the table; so do arrays and
-- multiranges with what they are of.
WITH collations AS (
    SELECT c.oid, format('%I.%I', n.nspname, c.collname) AS name
    FROM pg_collation c
    JOIN pg_namespace n ON n.oid = c.collnamespace
)
SELECT t.tableoid::int8 AS class, t.oid::int8 AS oid, n.nspname || '.' || t.typname AS name,
    CASE t.typtype
        WHEN 'e' THEN (
            SELECT format('CREATE TYPE %I.%I AS ENUM (', n.nspname, t.typname)
                || COALESCE(string_agg(E'\n    ' || quote_literal(e.enumlabel), ',' ORDER BY e.enumsortorder), '')
                || E'\n)'
            FROM pg_enum e
            WHERE e.enumtypid = t.oid
        )
        WHEN 'c' THEN (
            SELECT format('CREATE TYPE %I.%I AS (', n.nspname, t.typname)
                || COALESCE(string_agg(
                    format(E'\n    %I %s', a.attname, format_type(a.atttypid, a.atttypmod))
                        || CASE WHEN a.attcollation <> y.typcollation THEN ' COLLATE ' || l.name ELSE '' END,
                    ',' ORDER BY a.attnum), '')
                || E'\n)'
            FROM pg_attribute a
            JOIN pg_type y ON y.oid = a.atttypid
            LEFT JOIN collations l ON l.oid = a.attcollation
            WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
        )
        WHEN 'd' THEN concat(
            format('CREATE DOMAIN %I.%I AS %s', n.nspname, t.typname, format_type(t.typbasetype, t.typtypmod)),
            CASE WHEN t.typcollation <> b.typcollation THEN ' COLLATE ' || o.name END,
            ' DEFAULT ' || COALESCE(pg_get_expr(t.typdefaultbin, 0), quote_literal(t.typdefault)),
            CASE WHEN t.typnotnull THEN ' NOT NULL' END,
            (
                SELECT string_agg(
                    format(E'\n    CONSTRAINT %I %s', k.conname, pg_get_constraintdef(k.oid)), '' ORDER BY k.conname)
                FROM pg_constraint k
                WHERE k.contypid = t.oid AND k.contype = 'c' AND k.convalidated
            ),
            (
                SELECT string_agg(
                    format(E';\nALTER DOMAIN %I.%I ADD CONSTRAINT %I %s',
                        n.nspname, t.typname, k.conname, pg_get_constraintdef(k.oid)),
                    '' ORDER BY k.conname)
                FROM pg_constraint k
                WHERE k.contypid = t.oid AND k.contype = 'c' AND NOT k.convalidated
            )
        )
        WHEN 'r' THEN (
            SELECT concat(
                format('CREATE TYPE %I.%I AS RANGE (', n.nspname, t.typname),
                E'\n    SUBTYPE = ', format_type(r.rngsubtype, NULL),
                CASE WHEN NOT p.opcdefault THEN format(E',\n    SUBTYPE_OPCLASS = %I.%I', pn.nspname, p.opcname) END,
                CASE WHEN r.rngcollation <> s.typcollation THEN E',\n    COLLATION = ' || l.name END,
                E',\n    CANONICAL = ' || NULLIF(r.rngcanonical, 0)::regproc,
                E',\n    SUBTYPE_DIFF = ' || NULLIF(r.rngsubdiff, 0)::regproc,
                (
                    SELECT format(E',\n    MULTIRANGE_TYPE_NAME = %I.%I', mn.nspname, m.typname)
                    FROM pg_type m
                    JOIN pg_namespace mn ON mn.oid = m.typnamespace
                    WHERE m.oid = (to_jsonb(r) ->> 'rngmultitypid')::oid
                ),
                E'\n)'
            )
            FROM pg_range r
            JOIN pg_type s ON s.oid = r.rngsubtype
            JOIN pg_opclass p ON p.oid = r.rngsubopc
            JOIN pg_namespace pn ON pn.oid = p.opcnamespace
            LEFT JOIN collations l ON l.oid = r.rngcollation
            WHERE r.rngtypid = t.oid
        )
    END AS sql
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_type b ON b.oid = t.typbasetype
LEFT JOIN collations o ON o.oid = t.typcollation
LEFT JOIN pg_class c ON c.oid = t.typrelid
WHERE n.nspname !~ '^pg_' AND t.typtype IN ('e', 'c', 'd', 'r') AND COALESCE(c.relkind, 'c') = 'c'
