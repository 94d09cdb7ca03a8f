//! Who wins, and what relative paths are relative to.

use super::*;

fn literal(url: &str) -> UrlSource {
    UrlSource::Literal(Secret(url.into()))
}

fn file() -> FileSettings {
    FileSettings {
        database_url: Some(literal("sqlite:///app.db?mode=rw")),
        dir: Some(vec!["db/migrations".into()]),
        lock_timeout: Some(Duration::from_secs(3)),
        ..FileSettings::default()
    }
}

fn resolve(
    flags: &GlobalArgs,
    variables: &[(&str, &str)],
    config: Option<&str>,
    file: FileSettings,
) -> Settings {
    let get =
        |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value));
    let config = config.map(|path| Sourced { value: path.into(), origin: Origin::Default });
    Settings::resolve(flags, &Environment(&get), config, file).unwrap()
}

#[test]
fn flags_then_environment_then_file_then_defaults() {
    let flags = GlobalArgs { dir: vec!["flag".into()], ..GlobalArgs::default() };
    let variables = [("MIGRATION_DIR", "env"), ("DATABASE_URL", "sqlite:///env.db")];

    let settings = resolve(&flags, &variables, Some("/p/migration.toml"), file());
    assert_eq!(settings.dirs, Sourced { value: vec!["flag".into()], origin: Origin::Flag("--dir") });
    let url = settings.database_url.unwrap();
    assert_eq!((url.value, url.origin), (literal("sqlite:///env.db"), Origin::Environment("DATABASE_URL")));
    assert_eq!(settings.lock_timeout.origin, Origin::File("/p/migration.toml".into()));
    assert_eq!(settings.history_table.origin, Origin::Default);

    let settings = resolve(&GlobalArgs::default(), &variables, Some("/p/migration.toml"), file());
    assert_eq!(settings.dirs.origin, Origin::Environment("MIGRATION_DIR"));
}

#[test]
fn paths_in_the_file_are_relative_to_its_folder() {
    let settings = resolve(&GlobalArgs::default(), &[], Some("/p 100%/migration.toml"), file());
    assert_eq!(settings.dirs.value, [Path::new("/p 100%/db/migrations")]);
    let url = settings.url().unwrap();
    assert_eq!(url.path(), Some(Path::new("/p 100%/app.db")));
    assert!(url.secret().ends_with("?mode=rw"));

    let mut absolute = file();
    absolute.database_url = Some(literal("sqlite:////var/app.db"));
    let settings = resolve(&GlobalArgs::default(), &[], Some("/p/migration.toml"), absolute);
    assert_eq!(settings.url().unwrap().path(), Some(Path::new("/var/app.db")));
}

#[test]
fn an_empty_variable_is_not_set() {
    let settings = resolve(&GlobalArgs::default(), &[("DATABASE_URL", "")], None, FileSettings::default());
    assert_eq!(settings.url().unwrap_err().code, "usage.no_database_url");
    assert_eq!(settings.dirs.value, [Path::new("migrations")]);
}

#[test]
fn a_bad_url_names_its_origin_and_not_its_text() {
    let settings =
        resolve(&GlobalArgs::default(), &[("DATABASE_URL", "p4ss!:word")], None, FileSettings::default());
    let failure = settings.url().unwrap_err();
    assert_eq!(failure.why.as_deref(), Some("it comes from: environment DATABASE_URL"));
    assert!(!failure.message.contains("p4ss"));
    assert!(!format!("{settings:?}").contains("p4ss"));
}

/// A file with what differs in two environments.
fn with_environments() -> FileSettings {
    let section = |dir: &str, protected| FileSettings {
        database_url: Some(UrlSource::Variable(format!("{dir}_url"))),
        dir: Some(vec![dir.into()]),
        protected: Some(protected),
        ..FileSettings::default()
    };
    FileSettings {
        default_env: Some("dev".into()),
        env: [("dev".to_owned(), section("d", false)), ("live".to_owned(), section("l", true))].into(),
        ..file()
    }
}

#[test]
fn an_environment_goes_before_the_rest_of_the_file() {
    let config = Some("/p/migration.toml");
    let chosen = |flags: &GlobalArgs, variables: &[(&str, &str)]| {
        let settings = resolve(flags, variables, config, with_environments());
        let env = settings.env.clone().unwrap();
        let dir = settings.shown_dirs();
        (env.value, env.origin.to_string(), dir, settings.protected.value)
    };
    let none = GlobalArgs::default();
    let live = GlobalArgs { env: Some("live".into()), ..GlobalArgs::default() };
    assert_eq!(chosen(&none, &[]), ("dev".into(), "file /p/migration.toml".into(), "/p/d".into(), false));
    let by_variable = ("live".into(), "environment MIGRATION_ENV".into(), "/p/l".into(), true);
    assert_eq!(chosen(&none, &[("MIGRATION_ENV", "live")]), by_variable);
    let by_flag = ("live".into(), "flag --env".into(), "x".into(), true);
    assert_eq!(chosen(&live, &[("MIGRATION_ENV", "dev"), ("MIGRATION_DIR", "x")]), by_flag);

    let settings = resolve(&live, &[], config, with_environments());
    assert_eq!(settings.dirs.origin.to_string(), "file /p/migration.toml [env.live]");
    let url = settings.database_url.unwrap();
    assert_eq!(url.value, UrlSource::Variable("l_url".into()));
    // What it doesn't say is what the rest of the file says.
    assert_eq!(settings.lock_timeout.origin.to_string(), "file /p/migration.toml");
}

#[test]
fn an_environment_that_is_not_there() {
    let get = |_: &str| None;
    let flags = GlobalArgs { env: Some("life".into()), ..GlobalArgs::default() };
    let config = Some(Sourced { value: "migration.toml".into(), origin: Origin::Default });
    let failure = Settings::resolve(&flags, &Environment(&get), config, with_environments()).unwrap_err();
    assert_eq!(failure.code, "environment.unknown");
    assert_eq!(failure.why.as_deref(), Some("migration.toml has: dev, live (it was named by: flag --env)"));
}
