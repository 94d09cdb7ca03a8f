//! Which settings are in force, and where the database's URL is to be had.

use super::{migration, project, refused, report};

#[test]
fn a_section_goes_before_the_file_and_after_everything_else() {
    let project = project();
    let settings = |arguments: &[&str]| {
        let shown = report(&project, &[&["config", "show"], arguments].concat(), 0);
        let rows = shown["data"]["settings"].as_array().unwrap().iter().map(|row| {
            let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
            (text("key"), format!("{} | {}", text("value"), text("source")))
        });
        rows.collect::<std::collections::BTreeMap<_, _>>()
    };
    let production = settings(&["--env", "production"]);
    assert_eq!(production["env"], "production | flag --env");
    assert_eq!(production["database_url"], "sqlite:///production.db | file migration.toml [env.production]");
    assert_eq!(production["lock_timeout"], "60 | file migration.toml [env.production]");
    assert_eq!(production["protected"], "true | file migration.toml [env.production]");
    assert_eq!(production["layout"], "auto | default");
    let dev = settings(&["--env", "dev", "--lock-timeout", "3"]);
    assert_eq!(dev["lock_timeout"], "3 | flag --lock-timeout");
    let none = settings(&[]);
    assert_eq!((none["env"].as_str(), none["database_url"].as_str()), (" | default", " | default"));
    assert_eq!(none["lock_timeout"], "7 | file migration.toml");
}

#[test]
fn the_variable_and_the_file_choose_as_the_flag_does() {
    let project = project();
    let env = |command: migration_tests::Command| {
        let shown = command.run().expect(0).json();
        let rows = shown["data"]["settings"].as_array().unwrap().clone();
        rows.into_iter().find(|row| row["key"] == "env").unwrap()["value"].clone()
    };
    let show = ["config", "show", "--json"];
    assert_eq!(env(migration(&project, &show).env("MIGRATION_ENV", "staging")), "staging");
    project.write("//- migration.toml\ndefault_env = 'b'\n[env.a]\n[env.b]\n");
    assert_eq!(env(migration(&project, &show)), "b");
    assert_eq!(env(migration(&project, &show).env("MIGRATION_ENV", "a")), "a");
    let flag = [&show[..], &["--env", "b"]].concat();
    assert_eq!(env(migration(&project, &flag).env("MIGRATION_ENV", "a")), "b");
}

#[test]
fn an_environment_that_is_not_there() {
    let project = project();
    for command in [["up"].as_slice(), &["status"], &["config", "show"], &["mark"]] {
        let report = refused(&project, &[command, &["--env", "prod"]].concat(), 2, "environment.unknown");
        let why = report["error"]["why"].as_str().unwrap();
        assert!(why.contains("migration.toml has: dev, production, staging"), "{why}");
    }
    project.write("//- migration.toml\n");
    let report = refused(&project, &["up", "--env", "dev"], 2, "environment.unknown");
    assert!(report["error"]["why"].as_str().unwrap().contains("migration.toml has no environments"));
}

#[test]
fn a_file_that_can_not_be_meant() {
    let project = project();
    for (text, line, words) in [
        ("default_env = 'x'\n[env.y]\n", 1, "there is no `[env.x]`"),
        ("protected = true\n", 1, "`protected` is for an environment"),
        ("[env.a]\ndefault_env = 'a'\n", 2, "`default_env` can't stand in an environment"),
        ("[env.a.env.b]\ndir = 'x'\n", 1, "`env` can't stand in an environment"),
        ("[env.a]\nlock_timeout = 'x'\n", 2, "`lock_timeout`"),
        ("[env.a]\ndatabase_url = 'x'\ndatabase_url_env = 'y'\n", 3, "in two ways"),
        ("[env.a]\ndatabase_url_command = []\n", 2, "names no program"),
        ("database_url_env = 'A=B'\n", 1, "no name of a variable"),
        ("[env.\"\"]\n", 1, "1 to 255 bytes"),
    ] {
        project.write(&format!("//- migration.toml\n{text}"));
        let report = refused(&project, &["up"], 2, "config.invalid");
        let why = report["error"]["why"].as_str().unwrap();
        assert!(why.contains(words), "{text}: {why}");
        assert_eq!(report["error"]["where"]["line"], line, "{text}: {report:#}");
    }
}

#[test]
fn the_url_is_had_from_a_variable_a_file_or_a_command() {
    let project = project();
    project.write(
        "\
//- deploy/migration.toml
dir = '../migrations'
[env.variable]
database_url_env = 'THE_URL'
[env.file]
database_url_file = 'secret/url'
[env.command]
database_url_command = ['sh', '-c', 'echo the-secret-is-out >&2; echo sqlite:///told.db']
[env.script]
database_url_command = ['./url.sh', \"an argument; with 'quotes'\"]
//- deploy/secret/url
sqlite:///in-a-file.db
//- deploy/url.sh
#!/bin/sh
echo \"sqlite:///$#.db\"
",
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let script = project.path("deploy/url.sh");
        std::fs::set_permissions(script, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    // That of a variable counts from where the command is called, as that of DATABASE_URL does.
    for (env, path) in [
        ("variable", "here.db"),
        ("file", "deploy/secret/in-a-file.db"),
        ("command", "deploy/told.db"),
        ("script", "deploy/1.db"),
    ] {
        let arguments = ["--config", "deploy/migration.toml", "--env", env, "up", "--json"];
        let output = migration(&project, &arguments).env("THE_URL", "sqlite:///here.db").run().expect(0);
        assert!(project.path(path).exists(), "{env}: {}", output.stderr);
        assert_eq!(output.stderr.contains("the-secret-is-out"), env == "command");
    }
    let arguments = ["--config", "deploy/migration.toml", "--env", "command", "config", "show"];
    let shown = migration(&project, &arguments).run().expect(0).stdout;
    assert!(shown.contains("[env.command], command sh"), "{shown}");
}

#[test]
fn what_is_told_is_never_shown() {
    let project = project();
    project.write(
        "\
//- migration.toml
[env.fails]
database_url_command = ['sh', '-c', 'echo s3cret; exit 3']
[env.nonsense]
database_url_command = ['sh', '-c', 'echo s3cret']
[env.missing]
database_url_command = ['no-such-program-here']
[env.empty]
database_url_file = 'empty'
[env.lines]
database_url_command = ['printf', 's3cret\\ns3cret']
[env.unset]
database_url_env = 'NOT_SET'
[env.masked]
database_url_command = ['echo', 'postgres://u:s3cret@127.0.0.1:1/d']
//- empty
\n",
    );
    for (env, code, words) in [
        ("fails", "environment.url_unavailable", "exit status: 3"),
        ("nonsense", "url.invalid", "[env.nonsense]"),
        ("missing", "environment.url_unavailable", "no-such-program-here"),
        ("empty", "environment.url_unavailable", "it is empty"),
        ("lines", "environment.url_unavailable", "more than one line"),
        ("unset", "environment.url_unavailable", "it is not set"),
        ("masked", "connect.refused", "u:***@127.0.0.1"),
    ] {
        for command in [["up"].as_slice(), &["config", "show"], &["-vvv", "status"]] {
            let output = migration(&project, &[command, &["--env", env, "--json"]].concat()).run();
            assert!(!format!("{output:?}").contains("s3cret"), "{env}: {output:?}");
            if command[0] == "up" {
                assert_eq!(output.code, Some(2), "{output:?}");
                assert_eq!(output.json()["error"]["code"], code, "{output:?}");
                assert!(output.stdout.contains(words), "{words}: {output:?}");
            }
        }
    }
}

#[test]
fn a_variable_that_hides_the_database_of_the_environment_is_told_of() {
    let project = project();
    let status = |env: &str| {
        let url = project.url();
        migration(&project, &["status", "--env", env]).env("DATABASE_URL", &url).run().expect(0).stderr
    };
    assert!(
        status("production").contains("DATABASE_URL is set, and goes before"),
        "{}",
        status("production")
    );
    project.write("//- migration.toml\n[env.plain]\n");
    assert_eq!(status("plain"), "");
}
