-- What is read both ways, and wrongly without PostgreSQL's grammar.
CREATE TABLE t (id int PRIMARY KEY, a int, c text);

-- A keyword is taken for a column; `treat` is called like the type.
SELECT treat(a AS int), normalize(c, NFC) FROM t;
-- A value is taken for a table.
SELECT f FROM current_date AS f;
