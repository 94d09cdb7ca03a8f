-- What PostgreSQL's grammar has a syntax for, each at least once: the test reads every statement both ways.
CREATE TABLE t (id int PRIMARY KEY, a int, b int, c text, arr int[], j jsonb, at timestamptz DEFAULT now());
CREATE TABLE u (id bigint, a int REFERENCES t (id), c text COLLATE "C", d numeric(10, 2) CHECK (d > 0), UNIQUE (a, c));

-- Queries.
SELECT 1, 'x', E'a\\b', NULL, true, -1, 1.5e3, B'01', X'1f', $1;
SELECT DISTINCT a, b FROM t ORDER BY a DESC NULLS LAST, 2 LIMIT 10 OFFSET 5;
SELECT DISTINCT ON (a) a, b FROM t ORDER BY a, b;
SELECT t.*, u.d AS price FROM t, u WHERE t.a = u.a AND NOT (t.b > 1 OR u.c IS NULL);
SELECT * FROM t JOIN u USING (a) LEFT JOIN (SELECT id AS x, c AS y FROM u) AS v ON v.x = t.id;
SELECT * FROM t NATURAL FULL JOIN u;
SELECT * FROM (t CROSS JOIN u) AS joined (p, q);
SELECT * FROM t RIGHT JOIN (u JOIN t AS w ON w.id = u.id) ON t.id = u.id;
SELECT * FROM t LEFT JOIN LATERAL (SELECT u.d FROM u WHERE u.a = t.a LIMIT 1) AS l ON true;
SELECT (SELECT max(d) FROM u WHERE u.a = t.a), EXISTS (SELECT 1 FROM u), ARRAY(SELECT c FROM u), a IN (SELECT a FROM u), a NOT IN (SELECT id FROM u), a = ANY (SELECT a FROM u), b > ALL (SELECT id FROM u) FROM t;
SELECT (a, b) = (SELECT a, id FROM u LIMIT 1), ROW(a, b), (a, b) IN ((1, 2), (3, 4)) FROM t;
SELECT a FROM t UNION SELECT a FROM u UNION ALL (SELECT id FROM t ORDER BY 1 LIMIT 1) EXCEPT SELECT b FROM t;
(SELECT a FROM t) INTERSECT (SELECT a FROM u UNION SELECT id FROM u) ORDER BY 1;
VALUES (1, 'a'), (2, 'b') ORDER BY 1;
SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v (n, s);
WITH x AS MATERIALIZED (SELECT a, b FROM t), y (m) AS (SELECT max(b) FROM x GROUP BY a) SELECT m FROM y;
WITH RECURSIVE r (n, path) AS (SELECT id, c FROM u UNION ALL SELECT t.id, r.path || t.c FROM t JOIN r ON r.n = t.a) SELECT * FROM r;
WITH gone AS (DELETE FROM u WHERE d < 0 RETURNING id, c), added AS (INSERT INTO t (id, c) SELECT id, c FROM gone RETURNING *) SELECT * FROM added;

-- Groups and windows.
SELECT a, count(*), sum(b) FILTER (WHERE b > 0), string_agg(DISTINCT c, ',' ORDER BY c), percentile_cont(0.5) WITHIN GROUP (ORDER BY b) FROM t GROUP BY a HAVING count(*) > 1;
SELECT a, b, grouping(a, b), count(*) FROM t GROUP BY ROLLUP (a, b);
SELECT a, b, count(*) FROM t GROUP BY GROUPING SETS ((a, b), (a), ());
SELECT a, c, count(*) FROM t GROUP BY CUBE (a, c);
SELECT rank() OVER w, lag(b, 1) OVER (PARTITION BY a ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW), sum(b) OVER (w RANGE UNBOUNDED PRECEDING) FROM t WINDOW w AS (PARTITION BY a ORDER BY id);

-- Expressions.
SELECT a + b * 2 - 1, (a + b) * 2, a - (b - 1), -a, a ^ 2, a % 3, c || 'x', a <> b, NOT a = b, @ a, ~ a, |/ a FROM t;
SELECT a BETWEEN 1 AND 2, a NOT BETWEEN b AND b + 1, c LIKE 'a%', c NOT LIKE 'b!%' ESCAPE '!', c ILIKE 'x', c SIMILAR TO 'x', c ~ '^a', c !~* 'b' FROM t;
SELECT a IS NULL, b IS NOT NULL, (a > 1) IS TRUE, (a > 1) IS NOT FALSE, (a > 1) IS UNKNOWN, a IS DISTINCT FROM b, a IS NOT DISTINCT FROM b FROM t;
SELECT CASE WHEN a > 1 THEN b ELSE id END, CASE a WHEN 1 THEN c END, coalesce(a, b, 0), nullif(a, b), greatest(a, b), least(a, 1) FROM t;
SELECT a::text, CAST(b AS numeric(10, 2)), '2020-01-01'::date, date '2020-01-01', interval '1 day', c::varchar(3)[], at AT TIME ZONE 'UTC' FROM t;
SELECT arr[1], arr[1:2], t.arr[1], (t).a, (u).c, ARRAY[a, b], ARRAY[[1, 2], [3, 4]] FROM t, u;
SELECT extract(year FROM at), position('x' IN c), substring(c FROM 1 FOR 2), overlay(c PLACING 'y' FROM 1), trim(BOTH ' ' FROM c), (at, at) OVERLAPS (at, at) FROM t;
SELECT current_date, current_timestamp(3), localtime, current_user, session_user, now(), pg_catalog.lower(c) FROM t;
SELECT j -> 'a', j ->> 'b', j #> '{a,b}', j @> '{}'::jsonb, j ? 'k', make_interval(days => a) FROM t;
SELECT c COLLATE "de_DE", md5(c), count(DISTINCT a) FROM t GROUP BY c;

-- Functions in FROM.
SELECT n, ord FROM unnest(ARRAY[1, 2]) WITH ORDINALITY AS x (n, ord);
SELECT s FROM generate_series(1, 3) AS s;
SELECT x.k, x.v FROM t, jsonb_to_recordset(t.j) AS x (k text, v int);
SELECT key, value FROM t, jsonb_each(t.j);

-- Changes.
INSERT INTO t (id, a) VALUES (1, 2), (3, DEFAULT);
INSERT INTO t DEFAULT VALUES;
INSERT INTO t AS x (id, a) SELECT id, a FROM u ON CONFLICT (id) DO UPDATE SET a = excluded.a + x.a WHERE x.b > 0 RETURNING id, a AS changed;
INSERT INTO t (id) SELECT id FROM u ON CONFLICT DO NOTHING;
INSERT INTO t (id, a) VALUES (1, 2) ON CONFLICT (id, a) WHERE b > 0 AND (c IS NULL) DO UPDATE SET a = excluded.a;
INSERT INTO u (a, c) VALUES (1, 'x') ON CONFLICT ON CONSTRAINT u_a_c_key DO UPDATE SET (c, d) = (excluded.c, 1);
UPDATE t SET a = u.a, (b, c) = (SELECT x.id, x.c FROM u AS x WHERE x.a = t.a) FROM u WHERE u.id = t.id RETURNING t.*;
DELETE FROM t USING u WHERE u.id = t.id AND u.d > 1 RETURNING t.a;
MERGE INTO t USING (SELECT id, a FROM u) AS s ON s.id = t.id WHEN MATCHED AND s.a > 1 THEN UPDATE SET a = s.a WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (id, a) VALUES (s.id, s.a);
TRUNCATE t, u;
COPY t (id, a) FROM 'rows.csv' WITH (FORMAT csv);
SELECT t.a FROM ONLY t JOIN ONLY (u) ON u.id = t.id;
UPDATE ONLY t SET a = 1;
COPY (SELECT a FROM t) TO STDOUT;
EXPLAIN SELECT a FROM t;
EXPLAIN ANALYZE DELETE FROM t;
SELECT a, b INTO made FROM t;

-- Definitions.
CREATE TABLE kept AS SELECT a, b AS c FROM t WHERE a > 0;
CREATE TABLE named (x, y) AS SELECT a, b FROM t WITH NO DATA;
CREATE TEMP TABLE IF NOT EXISTS temporary_one (id serial, n int GENERATED ALWAYS AS IDENTITY, m int GENERATED ALWAYS AS (n * 2) STORED);
CREATE TABLE parted (id int, at date NOT NULL, CONSTRAINT pk PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE part PARTITION OF parted FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE child (more text) INHERITS (t);
CREATE TABLE other (LIKE t INCLUDING ALL);
CREATE TABLE keys (id int, a int, FOREIGN KEY (id) REFERENCES t (id) ON DELETE CASCADE, CONSTRAINT positive CHECK (a > 0 AND id > 0), UNIQUE (a));
CREATE VIEW v (p, q) AS SELECT a, sum(b) FROM t GROUP BY a;
CREATE OR REPLACE VIEW w AS SELECT * FROM v WHERE p > 1;
CREATE MATERIALIZED VIEW m AS SELECT a, count(*) AS n FROM t GROUP BY a WITH DATA;
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON t USING btree (lower(c), a DESC) INCLUDE (b) WHERE b > 0;
CREATE POLICY own ON t USING (a = 1 AND b > 0) WITH CHECK (c IS NOT NULL);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO u (a, c) VALUES (NEW.a, NEW.c) ON CONFLICT DO NOTHING; RETURN NEW; END $$;
CREATE TRIGGER g AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
DO $$ BEGIN UPDATE t SET a = b; END $$;

-- Changes of definitions.
ALTER TABLE t ADD COLUMN e int NOT NULL DEFAULT 0, ADD f text, DROP COLUMN IF EXISTS nothing;
ALTER TABLE t ALTER COLUMN a TYPE bigint USING a + b, ALTER b SET NOT NULL, ALTER e DROP DEFAULT, ALTER f SET DEFAULT 'x';
ALTER TABLE ONLY t ADD CONSTRAINT positive CHECK (a > 0) NOT VALID, ADD FOREIGN KEY (b) REFERENCES u (id);
ALTER TABLE t DROP CONSTRAINT IF EXISTS positive;
ALTER TABLE t RENAME COLUMN e TO g;
ALTER TABLE t RENAME CONSTRAINT t_pkey TO t_key;
ALTER TABLE IF EXISTS kept RENAME TO old;
ALTER TABLE old SET SCHEMA archive;
ALTER TABLE t OWNER TO me;
ALTER TABLE t ENABLE ROW LEVEL SECURITY, ALTER COLUMN a SET STATISTICS 100;
DROP VIEW IF EXISTS w, v CASCADE;
DROP TABLE child, other RESTRICT;
DROP MATERIALIZED VIEW m;
DROP INDEX i;
DROP SCHEMA archive CASCADE;
