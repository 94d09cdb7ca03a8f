//! Random statements over a fixed schema: joins (with `ON`, `USING`, `NATURAL`), groups, windows and their frames, sub-queries,
//! `WITH`, set operations, upserts.

use fastrand::Rng;

/// The tables that are read, with the columns that are changed.
pub(super) const TABLES: &[(&str, &[&str])] = &[("t", &["a", "b", "c"]), ("u", &["a", "d", "e"])];

/// Those, one that is written to, and a view.
pub(super) fn schema() -> String {
    "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, b INT, c INT, g INT GENERATED ALWAYS AS (a + b) VIRTUAL);
     CREATE TABLE u (id INTEGER PRIMARY KEY, a INT, d INT, e INT);
     CREATE TABLE sink (k INTEGER PRIMARY KEY, x INT, y INT, z INT DEFAULT 7, s INT GENERATED ALWAYS AS (x * 3) STORED);
     CREATE TABLE made (only_so_that_it_is_there INT);
     INSERT INTO sink (k, x, y) VALUES (1, 1, 1), (2, 2, 2), (3, 5, 8);
     "
    .to_owned()
}

/// Makes statements and data from a seed.
pub(super) struct Generator {
    rng: Rng,
    aliases: usize,
}

/// Relations that can be named, with their columns.
type Scope = Vec<(String, Vec<String>)>;

impl Generator {
    pub(super) fn new(seed: u64) -> Self {
        Generator { rng: Rng::with_seed(seed), aliases: 0 }
    }

    pub(super) fn rows(&mut self) -> Vec<String> {
        let mut rows = Vec::new();
        for table in ["t (a, b, c)", "u (a, d, e)"] {
            for _ in 0..self.rng.usize(3..9) {
                let values: Vec<_> = (0..3).map(|_| self.value()).collect();
                rows.push(format!("INSERT INTO {table} VALUES ({})", values.join(", ")));
            }
        }
        rows
    }

    fn value(&mut self) -> String {
        if self.rng.u8(0..10) == 0 { "NULL".to_owned() } else { self.rng.i32(0..6).to_string() }
    }

    /// Gives one column other values.
    pub(super) fn change(&mut self, table: &str, column: &str) -> String {
        let (factor, plus) = (self.rng.i32(2..5), self.rng.i32(1..9));
        match self.rng.u8(0..3) {
            0 => format!("UPDATE {table} SET {column} = {plus}"),
            1 => format!("UPDATE {table} SET {column} = coalesce({column}, 1) * {factor} + {plus}"),
            _ => format!("UPDATE {table} SET {column} = {plus} - coalesce({column}, 3) WHERE id % 2 = 0"),
        }
    }

    pub(super) fn statement(&mut self) -> String {
        match self.rng.u8(0..8) {
            0..=2 => format!("DROP TABLE made; CREATE TABLE made AS {}", self.query(3, 3)),
            3 => format!("INSERT INTO sink (x, y) {}", self.query(2, 3)),
            // A key comes once: of several rows for one, the last would win, and no order says which that is.
            4 => {
                let query = self.query(3, 2);
                let scope = vec![
                    ("excluded".to_owned(), strings(&["x", "y"])),
                    ("sink".to_owned(), strings(&["x", "y", "z"])),
                ];
                let value = self.expr(&scope, 1);
                let other = self.expr(&scope, 1);
                format!(
                    "INSERT INTO sink (k, x, y) SELECT c0, max(c1), min(c2) FROM ({query}) WHERE c0 IS NOT NULL GROUP BY c0 ON CONFLICT (k) DO UPDATE SET x = {value}, z = excluded.y WHERE {other} IS NOT 2"
                )
            }
            5 => {
                let scope = vec![("sink".to_owned(), strings(&["k", "x", "y", "z"])), relation("t", "t")];
                let (value, other, condition) =
                    (self.expr(&scope, 2), self.expr(&scope, 1), self.condition(&scope, 1));
                format!("UPDATE sink SET x = {value}, z = {other} FROM t WHERE sink.k = t.id AND {condition}")
            }
            6 => {
                let scope = vec![("sink".to_owned(), strings(&["k", "x", "y"]))];
                let value = self.scalar(&scope);
                format!("UPDATE sink SET y = {value} WHERE k IN ({})", self.query(1, 1))
            }
            _ => format!(
                "WITH first (m, n) AS ({}), second AS (SELECT m + n AS total, m FROM first WHERE n IS NOT 3) INSERT INTO sink (x, z) SELECT total, (SELECT max(n) FROM first) FROM second",
                self.query(2, 2)
            ),
        }
    }

    fn alias(&mut self) -> String {
        self.aliases += 1;
        format!("r{}", self.aliases)
    }

    /// A query with columns `c0`, `c1`, …
    fn query(&mut self, columns: usize, depth: usize) -> String {
        match self.rng.u8(0..10) {
            0 if depth > 0 => {
                let op = ["UNION", "UNION ALL", "INTERSECT", "EXCEPT"][self.rng.usize(0..4)];
                format!("{} {op} {}", self.select(columns, depth - 1), self.select(columns, depth - 1))
            }
            1 if depth > 0 && columns == 1 => {
                "WITH RECURSIVE up(n, m) AS (SELECT a, b FROM t UNION SELECT n + 1, m FROM up WHERE n < 4) SELECT n + coalesce(m, 0) AS c0 FROM up".to_owned()
            }
            _ => self.select(columns, depth),
        }
    }

    fn select(&mut self, columns: usize, depth: usize) -> String {
        let (from, scope) = self.from(depth);
        let filter = match self.rng.bool() {
            true => format!(" WHERE {}", self.condition(&scope, depth)),
            false => String::new(),
        };
        if self.rng.u8(0..3) == 0 {
            return self.grouped(columns, &from, &scope, &filter, depth);
        }
        let list: Vec<_> = (0..columns).map(|at| format!("{} AS c{at}", self.item(&scope, depth))).collect();
        let distinct = if self.rng.u8(0..5) == 0 { "DISTINCT " } else { "" };
        format!("SELECT {distinct}{} FROM {from}{filter}", list.join(", "))
    }

    fn grouped(&mut self, columns: usize, from: &str, scope: &Scope, filter: &str, depth: usize) -> String {
        let key = self.column(scope);
        let mut list = vec![format!("{key} AS c0")];
        for at in 1..columns {
            let value = self.expr(scope, depth.min(1));
            let call = match self.rng.u8(0..5) {
                0 => format!("sum({value})"),
                1 => format!("max({value})"),
                2 => format!("count({value})"),
                3 => format!("sum({value}) FILTER (WHERE {})", self.condition(scope, 0)),
                _ => "count(*)".to_owned(),
            };
            list.push(format!("{call} AS c{at}"));
        }
        let having = match self.rng.u8(0..3) {
            0 => format!(" HAVING count({}) > 1", self.column(scope)),
            _ => String::new(),
        };
        format!("SELECT {} FROM {from}{filter} GROUP BY {key}{having}", list.join(", "))
    }

    fn from(&mut self, depth: usize) -> (String, Scope) {
        let (first, mut scope) = self.factor(depth);
        if depth == 0 || self.rng.bool() {
            return (first, scope);
        }
        let (second, more) = self.factor(depth - 1);
        let left = self.column(&scope);
        let right = self.column(&more);
        let is_table =
            |scope: &Scope| scope.iter().all(|(_, columns)| columns.iter().any(|name| name == "id"));
        if is_table(&scope) && is_table(&more) && self.rng.u8(0..3) == 0 {
            let kind = ["JOIN", "LEFT JOIN"][self.rng.usize(0..2)];
            let (join, merged) = match self.rng.u8(0..4) {
                0 => (format!("{first} NATURAL {kind} {second}"), &["id", "a"][..]),
                1 => (format!("{first} {kind} {second} USING (id, a)"), &["id", "a"][..]),
                2 => (format!("{first} {kind} {second} USING (id)"), &["id"][..]),
                _ => (format!("{first} {kind} {second} USING (a)"), &["a"][..]),
            };
            scope.extend(more);
            scope.push((String::new(), strings(merged)));
            return (join, scope);
        }
        let join = match self.rng.u8(0..4) {
            0 => format!("{first} JOIN {second} ON {left} = {right}"),
            1 => format!("{first} LEFT JOIN {second} ON {left} = {right}"),
            2 => format!("{first}, {second}"),
            _ => format!("{first} CROSS JOIN {second}"),
        };
        scope.extend(more);
        (join, scope)
    }

    fn factor(&mut self, depth: usize) -> (String, Scope) {
        let alias = self.alias();
        if depth > 0 && self.rng.u8(0..3) == 0 {
            let query = self.query(2, depth - 1);
            return (format!("({query}) AS {alias}"), vec![(alias, strings(&["c0", "c1"]))]);
        }
        let table = if self.rng.bool() { "t" } else { "u" };
        (format!("{table} AS {alias}"), vec![relation(table, &alias)])
    }

    fn column(&mut self, scope: &Scope) -> String {
        let (alias, columns) = &scope[self.rng.usize(0..scope.len())];
        let column = &columns[self.rng.usize(0..columns.len())];
        // A column that a join has made of two has no qualifier.
        if alias.is_empty() { column.clone() } else { format!("{alias}.{column}") }
    }

    fn item(&mut self, scope: &Scope, depth: usize) -> String {
        match self.rng.u8(0..8) {
            0 => {
                let (value, part, order) = (self.column(scope), self.column(scope), self.column(scope));
                format!("sum({value}) OVER (PARTITION BY {part} ORDER BY {order})")
            }
            7 => {
                let (value, part, order) = (self.column(scope), self.column(scope), self.column(scope));
                let rest = ["", " EXCLUDE GROUP", " EXCLUDE NO OTHERS"][self.rng.usize(0..3)];
                format!(
                    "max({value}) OVER (PARTITION BY {part} ORDER BY {order} GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING{rest})"
                )
            }
            1 => format!("dense_rank() OVER (ORDER BY {})", self.column(scope)),
            2 if depth > 0 => self.scalar(scope),
            _ => self.expr(scope, 2),
        }
    }

    /// A sub-query for one value, which may look at the query around it.
    fn scalar(&mut self, outer: &Scope) -> String {
        let alias = self.alias();
        let table = if self.rng.bool() { "t" } else { "u" };
        let own = vec![relation(table, &alias)];
        let (value, left, right) = (self.expr(&own, 1), self.column(&own), self.column(outer));
        let call = ["max", "min", "sum", "count"][self.rng.usize(0..4)];
        format!("(SELECT {call}({value}) FROM {table} AS {alias} WHERE {left} <= {right})")
    }

    fn expr(&mut self, scope: &Scope, depth: usize) -> String {
        if depth == 0 || self.rng.u8(0..3) == 0 {
            return self.column(scope);
        }
        let (left, right) = (self.expr(scope, depth - 1), self.expr(scope, depth - 1));
        match self.rng.u8(0..8) {
            0 => format!("({left} + {right})"),
            1 => format!("({left} * {right} - 1)"),
            2 => format!("coalesce({left}, {right})"),
            3 => format!("CASE WHEN {} THEN {left} ELSE {right} END", self.condition(scope, 0)),
            4 => format!("iif({left} > {right}, {left}, 0)"),
            5 => format!("abs({left})"),
            6 => format!("CAST({left} AS TEXT)"),
            _ => format!("nullif({left}, {right})"),
        }
    }

    fn condition(&mut self, scope: &Scope, depth: usize) -> String {
        let (left, right) = (self.column(scope), self.column(scope));
        match self.rng.u8(0..7) {
            0 => format!("{left} > {right}"),
            1 => format!("{left} = 2"),
            2 => format!("{left} BETWEEN 1 AND {right}"),
            3 => format!("({left} IS NULL OR {right} < 4)"),
            4 if depth > 0 => format!("{left} IN ({})", self.query(1, depth - 1)),
            5 if depth > 0 => {
                let alias = self.alias();
                format!("EXISTS (SELECT 1 FROM u AS {alias} WHERE {alias}.d = {left})")
            }
            _ => format!("{left} IS NOT {right}"),
        }
    }
}

fn strings(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn relation(table: &str, alias: &str) -> (String, Vec<String>) {
    let columns =
        if table == "t" { strings(&["id", "a", "b", "c", "g"]) } else { strings(&["id", "a", "d", "e"]) };
    (alias.to_owned(), columns)
}
