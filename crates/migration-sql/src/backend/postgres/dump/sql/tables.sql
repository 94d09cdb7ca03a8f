-- Tables with all that is part of them: columns, defaults, CHECK constraints, inheritance, storage, row level security.
-- `bare` is the same without the defaults and CHECK constraints that `table_parts.sql` can add later.
--
-- A partition is made by itself and attached then, as its columns may stand in another order than the parent's; so it
-- shows its inherited columns and CHECK constraints too, which attaching merges.
WITH tables AS (
    SELECT c.*, c.tableoid::int8 AS class, n.nspname, format('%I.%I', n.nspname, c.relname) AS name
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
), columns AS (
    SELECT t.oid AS "table", a.attnum, t.name, quote_ident(a.attname) AS "column",
        a.attislocal OR t.relispartition AS shown,
        t.reloftype <> 0 AS typed,
        format_type(a.atttypid, a.atttypmod) AS type,
        concat(
            ' OPTIONS (' || (
                SELECT string_agg(format('%I %L', o.option_name, o.option_value), ', ')
                FROM pg_options_to_table(a.attfdwoptions) o
            ) || ')',
            CASE WHEN a.attcollation <> y.typcollation AND t.reloftype = 0
                THEN (
                    SELECT format(' COLLATE %I.%I', ln.nspname, l.collname)
                    FROM pg_collation l
                    JOIN pg_namespace ln ON ln.oid = l.collnamespace
                    WHERE l.oid = a.attcollation
                )
            END
        ) AS options,
        -- What can't be added later.
        concat(
            CASE a.attgenerated
                WHEN 's' THEN format(' GENERATED ALWAYS AS (%s) STORED', pg_get_expr(f.adbin, f.adrelid))
                WHEN 'v' THEN format(' GENERATED ALWAYS AS (%s) VIRTUAL', pg_get_expr(f.adbin, f.adrelid))
            END,
            ' GENERATED ' || CASE a.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END
                || ' AS IDENTITY (SEQUENCE NAME ' || i.name
                || format(' START WITH %s INCREMENT BY %s', i.seqstart, i.seqincrement)
                || format(' MINVALUE %s MAXVALUE %s CACHE %s%s)', i.seqmin, i.seqmax, i.seqcache,
                    CASE WHEN i.seqcycle THEN ' CYCLE' END),
            CASE WHEN a.attnotnull THEN COALESCE(
                CASE WHEN k.conname <> left(t.relname || '_' || a.attname || '_not_null', 63) OR k.connoinherit
                    THEN format(' CONSTRAINT %I NOT NULL', k.conname) END,
                ' NOT NULL') || CASE WHEN k.connoinherit THEN ' NO INHERIT' ELSE '' END
            END
        ) AS rest,
        CASE WHEN a.attgenerated = '' THEN ' DEFAULT ' || pg_get_expr(f.adbin, f.adrelid) END AS preset,
        -- Statements of their own, for a column that the table has by inheritance or by its type.
        CASE WHEN NOT a.attislocal AND NOT t.relispartition AND a.attgenerated = '' THEN concat(
            CASE
                WHEN a.attnotnull AND NOT u.attnotnull
                    THEN format(E';\nALTER TABLE ONLY %s ALTER COLUMN %I SET NOT NULL', t.name, a.attname)
            END,
            CASE
                WHEN f.oid IS NOT NULL THEN format(E';\nALTER TABLE ONLY %s ALTER COLUMN %I SET DEFAULT %s', t.name,
                    a.attname, pg_get_expr(f.adbin, f.adrelid))
                WHEN u.atthasdef
                    THEN format(E';\nALTER TABLE ONLY %s ALTER COLUMN %I DROP DEFAULT', t.name, a.attname)
            END
        ) END AS inherited,
        concat(
            CASE WHEN a.attstorage <> y.typstorage
                THEN format(E';\nALTER TABLE ONLY %s ALTER COLUMN %I SET STORAGE %s', t.name, a.attname,
                    CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN'
                        ELSE 'EXTENDED' END)
            END,
            CASE to_jsonb(a) ->> 'attcompression'
                WHEN 'p' THEN format(E';\nALTER TABLE ONLY %s ALTER COLUMN %I SET COMPRESSION pglz', t.name, a.attname)
                WHEN 'l' THEN format(E';\nALTER TABLE ONLY %s ALTER COLUMN %I SET COMPRESSION lz4', t.name, a.attname)
            END,
            CASE WHEN a.attstattarget >= 0
                THEN format(E';\nALTER TABLE ONLY %s ALTER COLUMN %I SET STATISTICS %s', t.name, a.attname,
                    a.attstattarget)
            END,
            format(E';\nALTER TABLE ONLY %s ALTER COLUMN %I SET (', t.name, a.attname) || (
                SELECT string_agg(format('%I = %L', o.option_name, o.option_value), ', ')
                FROM pg_options_to_table(a.attoptions) o
                -- Recent servers stamp each column with the position in the log at which it was made.
                WHERE o.option_name <> 'pg_attver'
            ) || ')'
        ) AS storage
    FROM tables t
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type y ON y.oid = a.atttypid
    LEFT JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
    -- From PostgreSQL 18 on, NOT NULL has a name.
    LEFT JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'n' AND k.conkey = ARRAY[a.attnum]
    LEFT JOIN LATERAL (
        SELECT format('%I.%I', sn.nspname, sc.relname) AS name, s.*
        FROM pg_depend d
        JOIN pg_sequence s ON s.seqrelid = d.objid
        JOIN pg_class sc ON sc.oid = s.seqrelid
        JOIN pg_namespace sn ON sn.oid = sc.relnamespace
        WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid AND d.refobjsubid = a.attnum
            AND d.classid = 'pg_class'::regclass AND d.deptype = 'i' AND a.attidentity <> ''
    ) i ON true
    LEFT JOIN LATERAL (
        SELECT COALESCE(bool_or(p.attnotnull), false) AS attnotnull, COALESCE(bool_or(p.atthasdef), false) AS atthasdef
        FROM pg_inherits h
        JOIN pg_attribute p ON p.attrelid = h.inhparent AND p.attname = a.attname AND NOT p.attisdropped
        WHERE h.inhrelid = t.oid
    ) u ON true
), texts AS (
    SELECT "table",
        string_agg(CASE
            WHEN NOT typed AND shown THEN format(E'\n    %s %s', "column", type || options || COALESCE(preset, '') || rest)
            WHEN typed AND COALESCE(preset, '') || rest <> ''
                THEN format(E'\n    %s WITH OPTIONS%s', "column", COALESCE(preset, '') || rest)
        END, ',' ORDER BY attnum) AS sql,
        string_agg(CASE
            WHEN NOT typed AND shown THEN format(E'\n    %s %s', "column", type || options || rest)
            WHEN typed AND rest <> '' THEN format(E'\n    %s WITH OPTIONS%s', "column", rest)
        END, ',' ORDER BY attnum) AS bare,
        string_agg(concat(CASE WHEN NOT typed THEN inherited END, storage), '' ORDER BY attnum) AS own
    FROM columns
    GROUP BY "table"
), checks AS (
    SELECT k.conrelid AS "table",
        string_agg(format(E'\n    CONSTRAINT %I %s', k.conname, pg_get_constraintdef(k.oid)), ','
            ORDER BY k.conname) FILTER (WHERE k.convalidated) AS sql,
        string_agg(format(E';\nALTER TABLE ONLY %s ADD CONSTRAINT %I %s', t.name, k.conname,
            pg_get_constraintdef(k.oid)), '' ORDER BY k.conname) FILTER (WHERE NOT k.convalidated) AS later
    FROM tables t
    JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'c' AND (k.conislocal OR t.relispartition)
    GROUP BY k.conrelid
), parents AS (
    SELECT h.inhrelid AS "table", string_agg(format('%I.%I', pn.nspname, p.relname), ', ' ORDER BY h.inhseqno) AS names
    FROM pg_inherits h
    JOIN pg_class p ON p.oid = h.inhparent
    JOIN pg_namespace pn ON pn.oid = p.relnamespace
    GROUP BY h.inhrelid
), owned AS (
    SELECT d.refobjid AS "table",
        string_agg(format(E';\nALTER SEQUENCE %I.%I OWNED BY %I.%I.%I', n.nspname, s.relname, tn.nspname, t.relname,
            a.attname), '' ORDER BY n.nspname, s.relname) AS sql
    FROM pg_depend d
    JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
    JOIN pg_namespace n ON n.oid = s.relnamespace
    JOIN pg_class t ON t.oid = d.refobjid
    JOIN pg_namespace tn ON tn.oid = t.relnamespace
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
    WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'a'
    GROUP BY d.refobjid
)
SELECT t.class, t.oid::int8 AS oid, t.nspname || '.' || t.relname AS name,
    concat(
        s.head,
        CASE WHEN s.columns <> '' OR t.reloftype = 0 THEN format(E' (%s\n)', s.columns) END,
        s.tail, x.own, s.later, s.finally
    ) AS sql,
    concat(
        s.head,
        CASE WHEN s.bare <> '' OR t.reloftype = 0 THEN format(E' (%s\n)', s.bare) END,
        s.tail, x.own, s.finally
    ) AS bare
FROM tables t
LEFT JOIN texts x ON x."table" = t.oid
LEFT JOIN checks k ON k."table" = t.oid
LEFT JOIN parents p ON p."table" = t.oid
LEFT JOIN owned o ON o."table" = t.oid
LEFT JOIN pg_am m ON m.oid = t.relam
LEFT JOIN pg_foreign_table ft ON ft.ftrelid = t.oid
LEFT JOIN pg_foreign_server fs ON fs.oid = ft.ftserver
LEFT JOIN pg_class toast ON toast.oid = t.reltoastrelid
CROSS JOIN LATERAL (
    SELECT concat_ws(',', x.sql, k.sql) AS columns, COALESCE(x.bare, '') AS bare, k.later,
        concat(
            'CREATE ', CASE WHEN t.relpersistence = 'u' THEN 'UNLOGGED ' END,
            CASE WHEN t.relkind = 'f' THEN 'FOREIGN ' END, 'TABLE ', t.name,
            CASE WHEN t.reloftype <> 0 THEN ' OF ' || format_type(t.reloftype, NULL) END
        ) AS head,
        concat(
            CASE WHEN NOT t.relispartition THEN E'\nINHERITS (' || p.names || ')' END,
            CASE WHEN t.relkind = 'p' THEN E'\nPARTITION BY ' || pg_get_partkeydef(t.oid) END,
            CASE WHEN m.amname <> 'heap' THEN format(E'\nUSING %I', m.amname) END,
            E'\nSERVER ' || quote_ident(fs.srvname),
            E'\nOPTIONS (' || (
                SELECT string_agg(format('%I %L', o.option_name, o.option_value), ', ')
                FROM pg_options_to_table(ft.ftoptions) o
            ) || ')',
            E'\nWITH (' || (
                SELECT string_agg(r.text, ', ' ORDER BY r.text COLLATE "C")
                FROM (
                    SELECT format('%I = %L', o.option_name, o.option_value) FROM pg_options_to_table(t.reloptions) o
                    UNION ALL
                    SELECT format('toast.%I = %L', o.option_name, o.option_value)
                    FROM pg_options_to_table(toast.reloptions) o
                ) r(text)
            ) || ')'
        ) AS tail,
        concat(
            CASE WHEN t.relispartition
                THEN format(E';\nALTER TABLE ONLY %s ATTACH PARTITION %s %s', p.names, t.name,
                    pg_get_expr(t.relpartbound, t.oid))
            END,
            o.sql,
            CASE WHEN t.relkind <> 'f' THEN CASE t.relreplident
                WHEN 'f' THEN format(E';\nALTER TABLE ONLY %s REPLICA IDENTITY FULL', t.name)
                WHEN 'n' THEN format(E';\nALTER TABLE ONLY %s REPLICA IDENTITY NOTHING', t.name)
            END END,
            CASE WHEN t.relrowsecurity THEN format(E';\nALTER TABLE %s ENABLE ROW LEVEL SECURITY', t.name) END,
            CASE WHEN t.relforcerowsecurity THEN format(E';\nALTER TABLE ONLY %s FORCE ROW LEVEL SECURITY', t.name) END
        ) AS finally
) s
