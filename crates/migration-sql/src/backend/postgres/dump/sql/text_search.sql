-- Parsers and templates come with extensions; dictionaries and configurations are made by people.
SELECT d.tableoid::int8 AS class, d.oid::int8 AS oid, format('1 %s.%s', n.nspname, d.dictname) AS name,
    format('CREATE TEXT SEARCH DICTIONARY %I.%I (TEMPLATE = %I.%I', n.nspname, d.dictname, tn.nspname, t.tmplname)
        || COALESCE(', ' || d.dictinitoption, '') || ')' AS sql
FROM pg_ts_dict d
JOIN pg_namespace n ON n.oid = d.dictnamespace
JOIN pg_ts_template t ON t.oid = d.dicttemplate
JOIN pg_namespace tn ON tn.oid = t.tmplnamespace
WHERE n.nspname !~ '^pg_'
UNION ALL
SELECT c.tableoid::int8, c.oid::int8, format('2 %s.%s', n.nspname, c.cfgname),
    format('CREATE TEXT SEARCH CONFIGURATION %I.%I (PARSER = %I.%I)', n.nspname, c.cfgname, pn.nspname, p.prsname)
        || COALESCE((
            SELECT string_agg(
                format(E';\nALTER TEXT SEARCH CONFIGURATION %I.%I ADD MAPPING FOR %I WITH %s',
                    n.nspname, c.cfgname, y.alias, y.dictionaries),
                '' ORDER BY y.alias COLLATE "C")
            FROM (
                SELECT k.alias,
                    string_agg(format('%I.%I', dn.nspname, d.dictname), ', ' ORDER BY m.mapseqno) AS dictionaries
                FROM pg_ts_config_map m
                JOIN ts_token_type(p.oid) k ON k.tokid = m.maptokentype
                JOIN pg_ts_dict d ON d.oid = m.mapdict
                JOIN pg_namespace dn ON dn.oid = d.dictnamespace
                WHERE m.mapcfg = c.oid
                GROUP BY k.alias
            ) y
        ), '')
FROM pg_ts_config c
JOIN pg_namespace n ON n.oid = c.cfgnamespace
JOIN pg_ts_parser p ON p.oid = c.cfgparser
JOIN pg_namespace pn ON pn.oid = p.prsnamespace
WHERE n.nspname !~ '^pg_'
