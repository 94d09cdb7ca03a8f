//! URLs that are none, and passwords in those that are.

use std::fs;

use migration_tests::{Output, Project};

use super::{Tree, assert_no_panic, check_error, half_applied, refused, shown};

const PASSWORD: &str = "hunter2";

#[test]
fn texts_that_are_no_url() {
    let project = half_applied();
    let before = Tree::of(project.root());
    for (url, word) in [
        ("app.db", "no scheme"),
        ("/tmp/app.db", "no scheme"),
        ("ftp://host/db", "`ftp`"),
        ("postgres:host/db", "`//`"),
        ("mysql:/host/db", "`//`"),
        ("sqlite://", "no file"),
        ("sqlite:///", "no file"),
        ("sqlite:///app.db?mode=w", "`mode`"),
        ("sqlite:///app.db?busy_timeout=soon", "`busy_timeout`"),
        ("sqlite:///app.db?cache=shared", "`cache`"),
        ("sqlite:///%ff%fe.db", "UTF-8"),
        ("sqlite:///app%00.db", "NUL"),
        ("://", "scheme"),
        ("🚀", "no scheme"),
    ] {
        for command in ["up", "status", "dump", "wait"] {
            let words = ["not a database URL", word, "sqlite:///relative.db", "postgres://", "mysql://"];
            let _ = check_error(&project, &[command, "--database-url", url], 2, "url.invalid", &words);
        }
        let by_variable = project.migration(&["up"]).env("DATABASE_URL", url).run();
        shown(&by_variable, 2, "url.invalid", &[word, "DATABASE_URL"]);
    }
    let _ = check_error(&project, &["up", "--database-url", ""], 2, "url.invalid", &["empty"]);
    before.assert_unchanged("by a URL that is none");
}

#[test]
fn no_url_at_all() {
    let project = half_applied();
    for command in ["up", "status"] {
        let output = project.migration(&[command, "--json"]).env("DATABASE_URL", "").run();
        let _ = refused(&output, 2, "usage.no_database_url", &["no database"]);
        let output = project.migration(&[command]).env("DATABASE_URL", "").run();
        shown(&output, 2, "usage.no_database_url", &["--database-url", "DATABASE_URL", "migration.toml"]);
    }
}

#[test]
fn servers_that_can_not_be_reached() {
    let project = half_applied();
    for (url, why) in [
        ("postgres://me:hunter2@localhost:1/db", "port 1 failed"),
        ("postgresql://me:hunter2@127.0.0.1:1/db?connect_timeout=2", "port 1 failed"),
        ("mysql://me:hunter2@127.0.0.1:1/db", "connect to"),
        ("mariadb://me:hunter2@localhost/db?socket=/no/such/socket", "/no/such/socket"),
    ] {
        for command in ["up", "status", "down", "verify", "dump"] {
            let arguments = [command, "--database-url", url];
            let words = ["me:***@", why];
            let _ = check_error(&project, &arguments, 2, "connect.refused", &words);
        }
    }
    let url = "postgres://me:hunter2@localhost:1/db?sslmode=off";
    let _ = check_error(&project, &["up", "--database-url", url], 2, "connect.refused", &["sslmode"]);
}

/// Where the password is seen.
#[derive(Default)]
struct Leaks(Vec<String>);

impl Leaks {
    fn look(&mut self, output: &Output, what: &str) {
        assert_no_panic(output);
        for text in [&output.stdout, &output.stderr] {
            let lines = text.lines().filter(|line| line.contains(PASSWORD));
            self.0.extend(lines.map(|line| format!("{what}: {line}")));
        }
    }

    #[track_caller]
    fn assert_none(&self) {
        assert!(self.0.is_empty(), "{} lines show the password:\n{}", self.0.len(), self.0.join("\n"));
    }
}

/// URLs that are one by their looks.
const URLS: [&str; 14] = [
    "postgres://me:hunter2@localhost:1/db",
    "postgres://me:hunter2@[::1]:1/db",
    "postgres://:hunter2@localhost/db",
    "postgres://localhost/db?user=me&password=hunter2",
    "mysql://me:a@b:hunter2@localhost/db",
    "mysql://me:hunter2/x@localhost/db",
    "mysql://me:hunter2?x@localhost/db",
    "mysql://me:hunter2 x@localhost/db",
    "mysql://me:hunter2'x@localhost/db",
    "MYSQL://me:hunter2@localhost/db",
    " mysql://me:hunter2@localhost/db ",
    "ftp://me:hunter2@localhost/db",
    "jdbc:mysql://me:hunter2@localhost/db",
    "sqlite:///app.db?password=hunter2",
];

/// What somebody may take for one, or mistype.
const NEARLY: [&str; 16] = [
    "mysql://me:hunter2\nx@localhost/db",
    "postgres//me:hunter2@localhost/db",
    "postgres:me:hunter2@localhost/db",
    "postgres:/me:hunter2@localhost/db",
    "me:hunter2@localhost/db",
    "//me:hunter2@localhost/db",
    "jdbc:mysql://localhost/db?user=me&password=hunter2",
    "sqlserver://localhost;user=me;password=hunter2",
    "host=localhost user=me password=hunter2",
    "Server=localhost;User=me;Password=hunter2",
    "sqlite://me:hunter2@localhost/app.db",
    "sqlite://me:hunt%65r2@localhost/app.db",
    "sqlite:///app.db?key=hunter2",
    "sqlite:///app.db?mode=hunter2",
    "sqlite:///app.db?busy_timeout=hunter2",
    "sqlite:///no/such/folder?password=hunter2",
];

#[test]
fn a_password_is_never_shown() {
    let project = half_applied();
    let mut leaks = Leaks::default();
    for url in URLS.iter().chain(&NEARLY) {
        fs::write(project.path("migration.toml"), format!("database_url = '''{url}'''\n")).unwrap();
        for command in [
            ["status"].as_slice(),
            &["status", "--json"],
            &["up", "-v", "-v"],
            &["up", "--json", "-vvv"],
            &["down", "-vv"],
            &["config", "show"],
            &["config", "show", "--json", "-vv"],
            &["wait", "--timeout", "0", "-vv"],
        ] {
            let by_flag = project.migration(&[command, &["--database-url", url]].concat()).run();
            leaks.look(&by_flag, &format!("--database-url {url:?} {command:?}"));
            let by_variable = project.migration(command).env("DATABASE_URL", url).run();
            leaks.look(&by_variable, &format!("DATABASE_URL={url:?} {command:?}"));
            let by_file =
                project.migration(command).env("DATABASE_URL", "").env("MIGRATION_LOG", "trace").run();
            leaks.look(&by_file, &format!("{url:?} in migration.toml, {command:?}"));
        }
    }
    leaks.assert_none();
}

#[test]
fn a_password_in_the_wrong_place_or_beside_a_mistake() {
    let project = half_applied();
    let mut leaks = Leaks::default();
    for url in URLS {
        for arguments in [
            ["up", url].as_slice(),
            &["up", "--database-url", url, "--nope"],
            &["up", "--database-ulr", url],
            &["up", &format!("--database-url={url}"), "--json", "--steps", "x"],
            &["status", "--json", url],
            &["--dir", url, "up"],
            &["--dir", url, "up", "--json"],
            &["--config", url, "up"],
            &["--layout", url, "up"],
            &["up", "--to", url],
        ] {
            let output = project.migration(arguments).run();
            leaks.look(&output, &format!("{arguments:?}"));
            assert_ne!(output.code, Some(0), "{arguments:?}");
        }
    }
    leaks.assert_none();
}

#[test]
fn a_password_in_a_settings_file_with_a_mistake() {
    let project = Project::new("");
    let mut leaks = Leaks::default();
    let url = "mysql://me:hunter2@localhost/db";
    for text in [
        format!("database_url = \"{url}\n"),
        format!("database_url = \"{url}\" oops\n"),
        format!("database_url = {url}\n"),
        format!("database-url = \"{url}\"\n"),
        format!("layout = \"{url}\"\n"),
        format!("lock_timeout = \"{url}\"\n"),
        format!("database_url = [\"{url}\"]\n"),
        format!("database_url = \"{url}\"\ndirr = 1\n"),
        "password = \"hunter2\"\n".to_owned(),
        "database_url = \"mysql://localhost\"\npassword = 'hunter2'\n".to_owned(),
    ] {
        fs::write(project.path("migration.toml"), &text).unwrap();
        let json = project.migration(&["up", "--json", "-vv"]).run();
        let _ = refused(&json, 2, "config.invalid", &["migration.toml"]);
        leaks.look(&json, &text);
        let plain = project.migration(&["up", "-vv"]).run();
        shown(&plain, 2, "config.invalid", &["migration.toml"]);
        leaks.look(&plain, &text);
    }
    leaks.assert_none();
}
