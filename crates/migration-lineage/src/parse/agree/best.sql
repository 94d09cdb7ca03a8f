-- What PostgreSQL's grammar alone reads: without it, these are listed as not understood.
CREATE TABLE t (id int PRIMARY KEY, a int, b int, c text, arr int[], j jsonb, x xml);
CREATE TABLE u (id int, a int, c text);

INSERT INTO t (id, c) SELECT id, c FROM u ON CONFLICT (lower(c), (id + 1)) WHERE a > 0 DO UPDATE SET arr[1] = excluded.a;
UPDATE t SET arr[b] = u.a FROM u WHERE u.id = t.id;
SELECT n, s FROM ROWS FROM (generate_series(1, 2), unnest(ARRAY['a'])) WITH ORDINALITY AS r (n, s, o);
SELECT a BETWEEN SYMMETRIC b AND 3 FROM t;
SELECT a FROM t TABLESAMPLE system (10) REPEATABLE (1);
SELECT a, b, count(*) FROM t GROUP BY DISTINCT GROUPING SETS (a, ROLLUP (a, b), CUBE (a, b), GROUPING SETS ((a), ()));
SELECT sum(a) OVER (ORDER BY id GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE TIES) FROM t;
SELECT xmlelement(name row, xmlattributes(a AS n), c), xmlforest(b AS bee), x IS DOCUMENT FROM t;
SELECT r.k FROM t, XMLTABLE('/a/b' PASSING t.x COLUMNS k int PATH 'k', n FOR ORDINALITY) AS r;
SELECT jt.k FROM t, JSON_TABLE(t.j, '$[*]' COLUMNS (n FOR ORDINALITY, k int PATH '$.k', NESTED PATH '$.l' COLUMNS (m text))) AS jt;
SELECT JSON_OBJECT('a' VALUE a, 'b': b), JSON_ARRAY(a, b), JSON_ARRAYAGG(a ORDER BY b), JSON_VALUE(j, '$.a' PASSING a AS n), j IS JSON OBJECT FROM t;
MERGE INTO t USING u ON t.id = u.id WHEN NOT MATCHED BY SOURCE AND t.a > 0 THEN DELETE WHEN NOT MATCHED BY TARGET THEN INSERT (id, a) VALUES (u.id, u.a) RETURNING merge_action(), t.a;
CREATE RECURSIVE VIEW rv (n) AS SELECT id FROM t UNION ALL SELECT n + 1 FROM rv WHERE n < 9;
CREATE TABLE more (LIKE t INCLUDING DEFAULTS, d int);
CREATE TABLE g (a int, b int GENERATED ALWAYS AS (a * 2) VIRTUAL, EXCLUDE USING gist (a WITH =, b WITH &&) WHERE (a > 0));
ALTER TABLE t ALTER COLUMN c SET DATA TYPE varchar(5) COLLATE "C" USING c || 'x', CLUSTER ON t_pkey;
UPDATE t SET a = 1 WHERE CURRENT OF cursor_one;
SELECT OPERATOR(pg_catalog.-) a, a OPERATOR(pg_catalog.+) b FROM t;
SELECT (SELECT t)::text, (t.*) IS NULL FROM t;
