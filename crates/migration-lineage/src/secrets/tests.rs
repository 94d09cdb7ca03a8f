use proptest::prelude::*;

use super::*;

const ALL: [Dialect; 3] = [Dialect::Postgres, Dialect::Mysql, Dialect::Sqlite];

/// Statements with a secret, quoted as `{}` or as `{'}` without quotes of its own.
const TEMPLATES: &[(&[Dialect], &str)] = &[
    (&[Dialect::Mysql], "CREATE USER 'bob'@'localhost' IDENTIFIED BY {}"),
    (
        &[Dialect::Mysql],
        "CREATE USER IF NOT EXISTS bob IDENTIFIED WITH mysql_native_password BY {} REQUIRE SSL",
    ),
    (
        &[Dialect::Mysql],
        "CREATE USER a IDENTIFIED BY 'x', 'b'@'%' IDENTIFIED WITH caching_sha2_password AS {}",
    ),
    (&[Dialect::Mysql], "ALTER USER bob IDENTIFIED BY 'new' REPLACE {} RETAIN CURRENT PASSWORD"),
    (
        &[Dialect::Mysql],
        "CREATE USER bob IDENTIFIED VIA ed25519 USING 'x' OR unix_socket OR ed25519 USING {}",
    ),
    (&[Dialect::Mysql], "CREATE OR REPLACE USER bob IDENTIFED BY {}"),
    (&[Dialect::Mysql], "GRANT ALL ON db.* TO 'bob'@'%' IDENTIFIED BY {}"),
    (&[Dialect::Mysql], "SET PASSWORD FOR 'bob'@'localhost' = PASSWORD({})"),
    (&[Dialect::Mysql], "SET PASSWORD = {}"),
    (&[Dialect::Mysql], "SET PASSWORD FOR bob TO {}"),
    (
        &[Dialect::Mysql],
        "CHANGE MASTER TO MASTER_HOST='h', MASTER_USER='u', MASTER_PASSWORD={}, MASTER_PORT=3306",
    ),
    (
        &[Dialect::Mysql],
        "CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (USER 'u', PASSWORD {}, HOST 'h')",
    ),
    (&[Dialect::Mysql], "SET @db_password := {}, @a = 1"),
    (&[Dialect::Mysql], "/*!50001 CREATE USER bob IDENTIFIED BY {} */"),
    (&[Dialect::Mysql], "SELECT AES_ENCRYPT(name, {}) FROM t"),
    (&[Dialect::Mysql], "PREPARE s FROM 'CREATE USER bob IDENTIFIED BY \"{'}\"'"),
    (&[Dialect::Postgres], "CREATE USER bob WITH PASSWORD {} VALID UNTIL '2030-01-01'"),
    (&[Dialect::Postgres], "CREATE ROLE bob LOGIN ENCRYPTED /* the */ PASSWORD\n -- one\n {}"),
    (&[Dialect::Postgres], "ALTER ROLE bob PASSWORD {}"),
    (&[Dialect::Postgres], "CREATE USER MAPPING FOR bob SERVER s OPTIONS (user 'bob', password {})"),
    (&[Dialect::Postgres], "ALTER USER MAPPING FOR bob SERVER s OPTIONS (SET password {}, SET user 'x')"),
    (&[Dialect::Postgres], "CREATE SUBSCRIPTION s CONNECTION 'host=h user=u password={'}' PUBLICATION p"),
    (&[Dialect::Postgres], "SELECT * FROM dblink('host=h password={'} dbname=d', 'SELECT 1') AS t(a int)"),
    (&[Dialect::Postgres], "SELECT dblink_connect('postgres://bob:{'}@h/d')"),
    (&[Dialect::Postgres], "SELECT dblink_connect('postgres://h/d?user=bob&password={'}')"),
    (&[Dialect::Postgres], "DO $$ BEGIN EXECUTE 'ALTER ROLE x PASSWORD ''{'}'''; END $$"),
    (&[Dialect::Postgres], "DO $x$ BEGIN CREATE USER bob PASSWORD {}; END $x$"),
    (
        &[Dialect::Postgres],
        "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'ALTER ROLE x PASSWORD ''{'}'''",
    ),
    (&[Dialect::Postgres], "ALTER SYSTEM SET primary_conninfo = 'host=h password={'}'"),
    (&[Dialect::Postgres], "SELECT pgp_sym_encrypt(name, {}) FROM t"),
    (&[Dialect::Postgres], "UPDATE users SET password = crypt({}, gen_salt('bf')) WHERE name = 'bob'"),
    (&[Dialect::Postgres], "SELECT set_config('app.secret_key', {}, false)"),
    (&[Dialect::Postgres], "ALTER DATABASE d SET app.jwt_secret TO {}"),
    (&[Dialect::Sqlite], "PRAGMA key = {}"),
    (&[Dialect::Sqlite], "ATTACH DATABASE 'a.db' AS a KEY {}"),
    (&ALL, "UPDATE users SET password = {}, name = 'bob'"),
    (&ALL, "UPDATE users SET \"password\" = {} WHERE id = 1"),
    (&ALL, "CREATE TABLE users (id int, password varchar(255) NOT NULL DEFAULT {}, name text)"),
    (&ALL, "INSERT INTO users (id, name, password_hash) VALUES (1, 'a', {}), (2, 'b', {})"),
    (&ALL, "INSERT INTO users (api_key, name) SELECT {}, 'b' FROM t"),
    (&ALL, "INSERT INTO settings VALUES ('smtp', 'smtp://bob:{'}@mail:25')"),
    (&ALL, "INSERT INTO settings VALUES ('{\"password\": \"{'}\"}')"),
    (&ALL, "UPDATE accounts SET (id, secret) = (1, {}), name = 'a'"),
    (&ALL, "UPDATE accounts SET (id, secret) = (SELECT 1, {} FROM t) WHERE id = 2"),
    (&ALL, "SELECT * FROM accounts WHERE (name, token) = ('a', {})"),
    (&ALL, "SELECT * FROM accounts WHERE (name, token) IN (('a', 'x'), ('b', {}))"),
    (&ALL, "CREATE VIEW v AS SELECT id, {} AS password FROM accounts"),
    (&ALL, "SELECT CASE WHEN id = 1 THEN {} ELSE 'y' END AS \"token\" FROM accounts"),
    (&ALL, "SELECT id, cast({} AS char(9)) AS token FROM accounts"),
    (&ALL, "SELECT {} token, 1"),
    (&ALL, "CREATE VIEW v (id, password) AS SELECT 1, {} UNION SELECT 2, {}"),
    (&ALL, "CREATE TABLE t AS SELECT * FROM (VALUES (1, {}), (2, 'a')) AS x (id, password)"),
    (&ALL, "INSERT INTO a (id, password) WITH x (id, password) AS (VALUES (1, {})) SELECT * FROM x"),
    (&ALL, "INSERT INTO a (id, password) WITH x AS (SELECT 1, {}) SELECT * FROM x"),
    (
        &ALL,
        "INSERT INTO a (id, password) SELECT b.id, 'x' FROM b JOIN c ON b.id = c.id UNION ALL SELECT 1, {}",
    ),
    (&ALL, "WITH x (password) AS (SELECT {}) SELECT password FROM x"),
    (&ALL, "UPDATE settings SET value = {} WHERE name = 'smtp_password'"),
    (
        &ALL,
        "UPDATE settings SET value = {}, kind = 'x' WHERE id IN (SELECT id FROM names WHERE name = 'api_key')",
    ),
    (&ALL, "INSERT INTO settings VALUES ('smtp_password', 'text', {})"),
    (&ALL, "INSERT INTO settings (kind, value, name) VALUES ('text', {}, 'smtp_password')"),
    (&[Dialect::Postgres], "DO $$ BEGIN EXECUTE format('ALTER USER a PASSWORD %L', {}); END $$"),
    (&[Dialect::Postgres], "DO $$ BEGIN EXECUTE 'ALTER USER a PASSWORD ' || quote_literal({}); END $$"),
    (&[Dialect::Postgres], "DO $$ BEGIN EXECUTE 'UPDATE u SET password = $1' USING {}; END $$"),
    (&[Dialect::Mysql], "SET @sql = CONCAT('ALTER USER a ', 'IDENTIFIED BY ', QUOTE({}))"),
    (&[Dialect::Sqlite], "ATTACH 'file:x.db?mode=rw&key={'}&cache=shared' AS x"),
    (&[Dialect::Postgres], "COPY t FROM PROGRAM 'curl -s -u me:{'} https://example.com/a'"),
    (&[Dialect::Postgres], "COPY t FROM PROGRAM 'load --password {'} --all'"),
    (&ALL, "SELECT http('Authorization: Bearer {'}')"),
    (&ALL, "INSERT INTO files VALUES ('https://example.com/a?X-Amz-Expires=9&X-Amz-Signature={'}&b=c')"),
    (&ALL, "SELECT 1 /* password: {'} */"),
    (&ALL, "SELECT 1 -- password={'}\n"),
    (&ALL, "SELECT * FROM users WHERE token = {} AND name = 'bob'"),
];

fn quoted(secret: &str, dialect: Dialect) -> String {
    let doubled = secret.replace('\'', "''");
    format!("'{}'", if dialect == Dialect::Mysql { doubled.replace('\\', "\\\\") } else { doubled })
}

fn filled(template: &str, secret: &str, dialect: Dialect) -> String {
    template.replace("{}", &quoted(secret, dialect)).replace("{'}", secret)
}

#[test]
fn every_template_hides_its_secret() {
    for (dialects, template) in TEMPLATES {
        for dialect in *dialects {
            let sql = filled(template, "hunter2", *dialect);
            let masked = mask_secrets(&sql, *dialect);
            assert!(!masked.contains("hunter2") && masked.contains(MASK), "{dialect}: {sql}\n{masked}");
            let again = mask_secrets(&masked, *dialect);
            assert_eq!(again, masked, "masked twice");
        }
    }
}

#[test]
fn the_rest_stays() {
    let cases = [
        (
            Dialect::Mysql,
            "CREATE USER 'bob'@'localhost' IDENTIFIED BY 'x'",
            "CREATE USER 'bob'@'localhost' IDENTIFIED BY '***'",
        ),
        (
            Dialect::Mysql,
            "CREATE USER 'a' IDENTIFIED BY 'x', 'b' IDENTIFIED BY \"y\"",
            "CREATE USER 'a' IDENTIFIED BY '***', 'b' IDENTIFIED BY \"***\"",
        ),
        (
            Dialect::Mysql,
            "SET PASSWORD FOR 'bob'@'h' = PASSWORD('x')",
            "SET PASSWORD FOR 'bob'@'h' = PASSWORD('***')",
        ),
        (
            Dialect::Postgres,
            "ALTER ROLE r PASSWORD E'a\\'b' VALID UNTIL '2030-01-01'",
            "ALTER ROLE r PASSWORD '***' VALID UNTIL '2030-01-01'",
        ),
        (Dialect::Postgres, "CREATE ROLE r PASSWORD $$x$$", "CREATE ROLE r PASSWORD $$***$$"),
        (
            Dialect::Postgres,
            "SELECT dblink('host=h password=x dbname=d')",
            "SELECT dblink('host=h password=*** dbname=d')",
        ),
        (
            Dialect::Postgres,
            "SELECT 'postgres://u:x@h:5432/d?sslmode=off'",
            "SELECT 'postgres://u:***@h:5432/d?sslmode=off'",
        ),
        (Dialect::Postgres, "SET app.password = hunter2", "SET app.password = '***'"),
        (
            Dialect::Sqlite,
            "UPDATE u SET password = 'x' || 'y', name = 'z'",
            "UPDATE u SET password = '***' || '***', name = 'z'",
        ),
        (
            Dialect::Sqlite,
            "INSERT INTO u (a, pwd) VALUES ('p', 'q'), ('r', 's')",
            "INSERT INTO u (a, pwd) VALUES ('p', '***'), ('r', '***')",
        ),
        (
            Dialect::Sqlite,
            "SELECT password, 'x' FROM u WHERE password = ? AND name = 'y'",
            "SELECT password, 'x' FROM u WHERE password = ? AND name = 'y'",
        ),
        (
            Dialect::Postgres,
            "UPDATE u SET (a, pwd, b) = ('p', 'q', 'r'), c = f('s') WHERE d = 't'",
            "UPDATE u SET (a, pwd, b) = ('p', '***', 'r'), c = f('s') WHERE d = 't'",
        ),
        (
            Dialect::Postgres,
            "SELECT 'a' AS b, 'c' AS pwd, 'd' AS e FROM (SELECT 'f' AS g) AS passwords",
            "SELECT 'a' AS b, '***' AS pwd, 'd' AS e FROM (SELECT 'f' AS g) AS passwords",
        ),
        (
            Dialect::Sqlite,
            "WITH x (a, pwd) AS (VALUES ('b', 'c')) SELECT 'd', 'e' FROM x",
            "WITH x (a, pwd) AS (VALUES ('b', '***')) SELECT 'd', 'e' FROM x",
        ),
        (
            Dialect::Postgres,
            "SELECT format('%s needs %s', 'a', 'b'), 'a' || 'b'",
            "SELECT format('%s needs %s', 'a', 'b'), 'a' || 'b'",
        ),
        (
            Dialect::Sqlite,
            "ATTACH 'file:x.db?key=abc&cache=shared' AS x",
            "ATTACH 'file:x.db?key=***&cache=shared' AS x",
        ),
        (
            Dialect::Postgres,
            "COPY t FROM PROGRAM 'curl -u me:x https://example.com/a?page=2'",
            "COPY t FROM PROGRAM 'curl -u me:*** https://example.com/a?page=2'",
        ),
    ];
    for (dialect, sql, masked) in cases {
        assert_eq!(mask_secrets(sql, dialect), masked);
    }
}

#[test]
fn what_has_no_secret_is_as_it_was() {
    let texts = [
        "CREATE TABLE password_resets (id int PRIMARY KEY, state text DEFAULT 'new', CHECK (state IN ('new', 'done')))",
        "CREATE TABLE users (id int, password varchar(255) NOT NULL, key text, FOREIGN KEY (id) REFERENCES t (id))",
        "INSERT INTO users (name, mail) VALUES ('bob', 'bob@example.com')",
        "SELECT 'https://example.com:8080/a', 'a@b'",
        "GRANT SELECT ON t TO bob",
        "CREATE INDEX i ON users (password)",
        "SELECT 'a password is needed'",
        "ALTER TABLE users ADD COLUMN api_key text",
        "SELECT count(password) AS total, 'x' AS kind FROM users UNION SELECT 1, 'y'",
        "SELECT 'the bearer of this', 'sort -u file'",
        "UPDATE users SET name = 'x' WHERE kind = 'y' AND password IS NULL",
        "CREATE TABLE t (a text, b text CHECK (b IN ('x', 'y')), FOREIGN KEY (a) REFERENCES tokens (token))",
        "INSERT INTO t (a, b) VALUES ('x', 'y'), ('z', 'w')",
    ];
    for text in texts {
        for dialect in ALL {
            assert_eq!(mask_secrets(text, dialect), text);
        }
    }
}

#[test]
fn messages_quote_nothing() {
    let sql = "CREATE USER bob IDENTIFIED BY 'hunter2' PASWORD";
    let said = "You have an error in your SQL syntax near 'hunter2' PASWORD' at line 1";
    assert_eq!(
        mask_message(said, sql, Dialect::Mysql),
        "You have an error in your SQL syntax near '***' PASWORD' at line 1"
    );
    let cases = [
        ("Key (password)=(hunter2) already exists.", "Key (password)=(***) already exists."),
        ("Failing row contains (1, bob, x(y)).", "Failing row contains (***)."),
        (
            "could not connect to postgres://u:p@h/d: refused",
            "could not connect to postgres://u:***@h/d: refused",
        ),
        (
            "password authentication failed for user \"bob\"",
            "password authentication failed for user \"bob\"",
        ),
        ("connection \"host=h password=x y=z\" failed", "connection \"host=h password=*** y=z\" failed"),
        ("https://ghp_x@github.com/a", "https://***@github.com/a"),
    ];
    for (said, masked) in cases {
        assert_eq!(mask_message(said, "", Dialect::Postgres), masked);
    }
}

#[test]
fn a_text_that_is_cut_off_shows_nothing_of_what_was_open() {
    for dialect in ALL {
        let masked = mask_secrets("ALTER ROLE bob PASSWORD 'hunter2", dialect);
        assert_eq!(masked, "ALTER ROLE bob PASSWORD ***");
    }
}

#[test]
fn a_name_that_looks_like_a_dollar_quoted_string() {
    let masked = mask_secrets("SET password = $ab$\u{10ba9}c", Dialect::Mysql);
    assert_eq!(masked, "SET password = '***'");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Whatever the secret is made of, no piece of it is left where it was quoted as the database demands.
    #[test]
    fn a_secret_never_appears(
        which in 0..TEMPLATES.len(),
        core in "[A-Za-z0-9]{6,12}",
        strange in "[ -~éß☃\\\\'\"$;,()@:/=&]{0,12}",
        upper in any::<bool>(),
    ) {
        let (dialects, template) = TEMPLATES[which];
        let core = format!("Zq{core}");
        for dialect in dialects {
            // Where the secret stands unquoted within something else, its own rules of quoting are not at hand.
            let simple = template.contains("{'}");
            // `$$` would end the body that it stands in, whatever quotes are around it.
            let strange = if template.contains("$$") { strange.replace('$', "") } else { strange.clone() };
            let secret = if simple { core.clone() } else { format!("{strange}{core}{strange}") };
            let template = if upper { template.to_owned() } else { template.replace("PASSWORD", "password").replace("IDENTIFIED", "identified") };
            let sql = filled(&template, &secret, *dialect);
            let masked = mask_secrets(&sql, *dialect);
            prop_assert!(!masked.contains(&core), "{dialect}: {sql}\n{masked}");
            let message = mask_message(&format!("syntax error near {}", quoted(&secret, *dialect)), &sql, *dialect);
            prop_assert!(!message.contains(&core), "{dialect}: {sql}\n{message}");
        }
    }

    /// No text makes it panic, and none without a hint is changed.
    #[test]
    fn any_text(text in "\\PC{0,80}", word in prop::sample::select(vec!["password", "IDENTIFIED BY", "://", "INSERT INTO x (password) VALUES (", "crypt(", "PRAGMA key="])) {
        for dialect in ALL {
            let _ = mask_secrets(&format!("{word}{text}"), dialect);
            let _ = mask_message(&format!("{text}{word}{text}"), &text, dialect);
        }
    }
}

#[test]
fn in_place_lines_and_columns_stay() {
    let check = |sql: &str, expected: &str| {
        for dialect in ALL {
            let masked = mask_secrets_in_place(sql, dialect);
            assert_eq!(masked, expected, "{dialect}");
            assert_eq!(masked.len(), sql.len());
        }
    };
    check(
        "ALTER ROLE x PASSWORD 'hunter2' VALID;\nSELECT 1",
        "ALTER ROLE x PASSWORD '*******' VALID;\nSELECT 1",
    );
    check("SELECT 'it''s', 1 -- a\n", "SELECT 'it''s', 1 -- a\n");
    check("SELECT 'postgres://u:hunter2@h/db', 2", "SELECT 'postgres://u:*******@h/db', 2");
    check("-- password=hunter2\nSELECT 1", "-- password=*******\nSELECT 1");
    // What is not closed ends with its line here.
    check("ALTER ROLE x PASSWORD 'hunter2\n;SELECT 1", "ALTER ROLE x PASSWORD '*******\n;SELECT 1");
    check("ALTER ROLE x PASSWORD 'hunter2;\r\nSELECT 1", "ALTER ROLE x PASSWORD '********\r\nSELECT 1");
    check("SELECT 'postgres://u:hunter2@h/db\n, x", "SELECT 'postgres://u:*******@h/db\n, x");
    check("/* password=hunter2\nSELECT 1", "/* password=*******\nSELECT 1");
    check("SELECT 'a token\n; ALTER ROLE x PASSWORD 'q'", "SELECT 'a token\n; ALTER ROLE x PASSWORD '*'");
    check("SELECT 'token é\n; SET PASSWORD = 'é', x", "SELECT 'token é\n; SET PASSWORD = '**', x");
}

proptest! {
    #[test]
    fn in_place_nothing_moves(text in "(PASSWORD|'|\"|\\$\\$|/\\*|\n|é|://u:p@|=|\\\\| |;){0,12}") {
        for dialect in ALL {
            let masked = mask_secrets_in_place(&text, dialect);
            prop_assert_eq!(masked.len(), text.len());
            let breaks = |text: &str| text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at).collect::<Vec<_>>();
            prop_assert_eq!(breaks(&masked), breaks(&text));
        }
    }
}

#[test]
fn names_are_no_secrets() {
    for sql in [
        "ALTER TABLE t RENAME COLUMN password TO pass_hash",
        "ALTER TABLE t RENAME password TO pass_hash",
        "ALTER TABLE IF EXISTS t RENAME COLUMN password TO \"pass_hash\"",
        "ALTER TABLE t RENAME COLUMN 'password' TO 'pass_hash'",
        "ALTER TABLE `t` RENAME COLUMN `password` TO `pass_hash`, RENAME COLUMN secret TO b",
        "ALTER TABLE t CHANGE password pass_hash VARCHAR(20), CHANGE COLUMN `secret` `other` INT",
        "ALTER TABLE s.passwords RENAME TO \"old\"",
        "ALTER TABLE s.passwords RENAME COLUMN a TO b",
        "ALTER FUNCTION public.check_password(text) OWNER TO postgres",
        "RENAME TABLE passwords TO old, s.tokens TO `gone`",
        "CREATE VIEW v AS SELECT password AS pass_hash, token AS t, t.secret AS `b` FROM t",
        "SELECT password AS pass_hash INTO x FROM t",
        "ALTER INDEX by_token RENAME TO by_hash",
    ] {
        for dialect in ALL {
            assert_eq!(mask_secrets(sql, dialect), sql, "{dialect}");
        }
    }
    // In MySQL it may be a value in quotes.
    let sql = "SELECT password AS \"pass_hash\" FROM t";
    assert_eq!(mask_secrets(sql, Dialect::Postgres), sql);
    let sql = "ALTER TABLE t RENAME COLUMN password TO a, ALTER COLUMN secret SET DEFAULT 'b'";
    let masked = "ALTER TABLE t RENAME COLUMN password TO a, ALTER COLUMN secret SET DEFAULT '***'";
    assert_eq!(mask_secrets(sql, Dialect::Mysql), masked);
}
