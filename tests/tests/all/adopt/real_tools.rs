//! The tools themselves: each makes a real database, which is then taken over.
//!
//! `cargo xtask adopt-check` installs those that the registries of crates and of Node.js have and runs these tests;
//! `MIGRATION_PEERS` names the folder with them.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use migration_kit::DatabaseConnector;
use migration_kit::sql::DumpOptions;
use migration_tests::server::{Kind, Mariadb, Postgres};

use super::site::{Make, Site};
use super::tables::{DBMATE, DIESEL, Fixture, PRISMA, REFINERY, SCHEMA, SQLX};

/// The tools that can be had. Prisma's schema engine as npm has it, which talks to the database through a driver of
/// Node.js, crashes on MariaDB; its other engine is in no registry.
fn tools(engine: &str) -> impl Iterator<Item = &'static Fixture> {
    let tools = [&DIESEL, &SQLX, &REFINERY, &DBMATE, &PRISMA].into_iter();
    tools.filter(move |fixture| fixture.tool != "prisma" || engine != "mariadb")
}

const WHY: &str = "needs other tools: `cargo xtask adopt-check` brings them and runs this";

macro_rules! on_every_database {
    ($($test:ident),+) => {
        mod sqlite {
            $(#[test] #[ignore = "needs other tools: `cargo xtask adopt-check` brings them and runs this"]
            fn $test() { super::$test(&super::Site::sqlite); })+
        }
        mod postgres {
            $(#[test] #[ignore = "needs other tools: `cargo xtask adopt-check` brings them and runs this"]
            fn $test() { super::$test(&super::on::<super::Postgres>); })+
        }
        mod mariadb {
            $(#[test] #[ignore = "needs other tools: `cargo xtask adopt-check` brings them and runs this"]
            fn $test() { super::$test(&super::on::<super::Mariadb>); })+
        }
    };
}

on_every_database!(
    a_history_is_taken_over,
    an_edited_file_is_refused,
    a_failed_run_is_told_of,
    the_tables_of_the_tests_are_those_of_the_tools
);

fn on<E: Kind>(files: &str) -> Site {
    Site::on::<E>(files)
}

fn a_history_is_taken_over(make: Make<'_>) {
    let engine = make("").engine();
    for fixture in tools(engine) {
        let site = make(fixture.files);
        deploy(fixture, &site);
        let before = dump(&site);
        let layout = ["--layout", fixture.layout];
        let with = |words: &[&'static str]| [&layout[..], words].concat();

        let status = site.run(&with(&["status"]), 0);
        assert!(status.stderr.contains("adopt --dry-run"), "{}: {status:?}", fixture.tool);
        let refused = site.run(&with(&["up", "--json"]), 2).json();
        assert_eq!(refused["error"]["code"], "history.foreign_tool", "{}", fixture.tool);
        let dry = site.run(&with(&["adopt", "--dry-run", "--json"]), 0).json();
        assert_eq!(dump(&site), before, "{}: a dry run changes nothing", fixture.tool);
        let adopted = site.run(&with(&["adopt", "--json"]), 0).json();
        assert_eq!(dry["data"]["migrations"], adopted["data"]["migrations"]);
        for (migration, id) in adopted["data"]["migrations"].as_array().unwrap().iter().zip(fixture.ids) {
            assert_eq!(migration["id"], id, "{adopted:#}");
            assert_eq!(
                migration["checksum_verified"],
                fixture.checksums.is_some(),
                "{}: {adopted:#}",
                fixture.tool
            );
            assert_eq!(migration["applied_at"].is_string(), fixture.times, "{}: {adopted:#}", fixture.tool);
        }
        _ = site.run(&with(&["status", "--exit-code"]), 0);
        _ = site.run(&with(&["verify"]), 0);
        site.project.write(fixture.third);
        let up = site.run(&with(&["up"]), 0);
        assert!(up.stdout.contains(&format!("applied {}", fixture.ids[2])), "{up:?}");
        assert!(site.has("notes") && site.has("users"));
        assert_eq!(site.recorded().len(), 3);
        let rows = site.rows(&format!("SELECT count(*) FROM {}", fixture.table));
        assert_eq!(rows, ["2"], "{}: its own table is as it was", fixture.tool);
        println!("adopt-check: {} on {}: taken over, then one more", fixture.tool, site.engine());
    }
}

fn an_edited_file_is_refused(make: Make<'_>) {
    let engine = make("").engine();
    for fixture in tools(engine).filter(|fixture| fixture.checksums.is_some()) {
        let site = make(fixture.files);
        deploy(fixture, &site);
        let path = site.project.path(fixture.second_file);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(path, text + "-- edited\n").unwrap();
        let output = site.run(&["--layout", fixture.layout, "adopt", "--json"], 4).json();
        assert_eq!(output["error"]["code"], "adopt.changed", "{output:#}");
        assert!(output["error"]["message"].as_str().unwrap().contains(fixture.ids[1]), "{output:#}");
        assert!(!site.has("_migrations"));
        println!("adopt-check: {} on {}: an edited file is refused", fixture.tool, site.engine());
    }
}

/// The third migration fails half-way. What the tool makes of that is its own affair; what it notes must be understood.
fn a_failed_run_is_told_of(make: Make<'_>) {
    let engine = make("").engine();
    for fixture in tools(engine) {
        let site = make(fixture.files);
        deploy(fixture, &site);
        // refinery sees no error of a later statement on MySQL and MariaDB.
        let (create, fail) =
            ("CREATE TABLE notes (id INTEGER PRIMARY KEY);\n", "INSERT INTO nowhere VALUES (1);\n");
        let broken = if fixture.tool == "refinery" { [fail, create] } else { [create, fail] };
        site.project.write(&fixture.third.replace(create, &broken.concat()));
        let output = run_tool(fixture, &site);
        assert!(!output.status.success(), "{}: {output:?}", fixture.tool);
        // Where it notes beforehand that it begins.
        let notes = match fixture.tool {
            "prisma" => true,
            "sqlx" => site.engine() == "mariadb",
            _ => false,
        };
        let code = if notes { 2 } else { 0 };
        let output = site.run(&["--layout", fixture.layout, "adopt", "--json"], code).json();
        if notes {
            assert_eq!(output["error"]["code"], "adopt.failed_row", "{output:#}");
            assert!(!output["next_actions"][0]["label"].as_str().unwrap().is_empty());
            assert!(!site.has("_migrations"));
        } else {
            assert_eq!(output["data"]["pending"].as_array().unwrap().len(), 1, "{output:#}");
        }
        let outcome = if notes { "refused" } else { "it left no row, so it is pending" };
        println!("adopt-check: {} on {}: a failed run: {outcome}", fixture.tool, site.engine());
    }
}

fn the_tables_of_the_tests_are_those_of_the_tools(make: Make<'_>) {
    let engine = make("").engine();
    for fixture in tools(engine) {
        let (real, ours) = (make(fixture.files), make(""));
        deploy(fixture, &real);
        ours.execute(SCHEMA);
        ours.execute(&fixture.history(ours.engine()));
        assert_eq!(dump(&real), dump(&ours), "{} on {}", fixture.tool, ours.engine());
        if fixture.checksums.is_some() {
            let select = format!("SELECT checksum FROM {} ORDER BY checksum", fixture.table);
            assert_eq!(real.rows(&select), ours.rows(&select), "{}", fixture.tool);
        }
        println!("adopt-check: {} on {}: the fixture is what it makes", fixture.tool, ours.engine());
    }
}

/// The schema, in which blanks and quotes that need not be there make no difference.
fn dump(site: &Site) -> String {
    let mut connector = DatabaseConnector::open(&site.url()).unwrap();
    let text = connector.dump(&DumpOptions::default()).unwrap().replace(['"', '\n'], " ");
    let text = text.replace('(', " ( ").replace(')', " ) ").replace(',', " , ").replace("IF NOT EXISTS", " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase().replace(';', ";\n")
}

fn deploy(fixture: &Fixture, site: &Site) {
    let output = run_tool(fixture, site);
    assert!(output.status.success(), "{} on {}: {output:?}", fixture.tool, site.engine());
}

/// Has the tool apply what is pending.
fn run_tool(fixture: &Fixture, site: &Site) -> Output {
    let file = site.project.path("app.db");
    let file = file.display();
    let (migrations, engine) = (site.project.path("migrations"), site.engine());
    let migrations = migrations.to_str().unwrap();
    let (program, words, url): (_, Vec<&str>, _) = match fixture.tool {
        "diesel" => (
            crate_program("diesel"),
            vec!["migration", "run", "--migration-dir", migrations],
            if engine == "sqlite" { file.to_string() } else { site.url() },
        ),
        "sqlx" => (
            crate_program("sqlx"),
            vec!["migrate", "run", "--source", migrations],
            if engine == "sqlite" { format!("sqlite://{file}?mode=rwc") } else { site.url() },
        ),
        "refinery" => {
            if engine == "sqlite" {
                // It creates none.
                _ = std::fs::OpenOptions::new()
                    .create(true)
                    .append(true)
                    .open(site.project.path("app.db"))
                    .unwrap();
            }
            let url = if engine == "sqlite" { format!("sqlite:////{file}") } else { site.url() };
            (crate_program("refinery"), vec!["migrate", "-e", "DATABASE_URL", "-p", migrations], url)
        }
        "dbmate" => {
            let url = match engine {
                "sqlite" => format!("sqlite:{file}"),
                "postgres" => format!("{}?sslmode=disable", site.url()),
                _ => site.url(),
            };
            (node_program("dbmate"), vec!["--no-dump-schema", "--migrations-dir", migrations, "migrate"], url)
        }
        "prisma" => {
            let url = prepare_prisma(site);
            (node_program("prisma"), vec!["migrate", "deploy", "--config", "prisma.config.mjs"], url)
        }
        other => unreachable!("{other}"),
    };
    let mut command = Command::new(&program);
    // Prisma insists on engines for other purposes than migrations, which it would download.
    for unused in ["PRISMA_QUERY_ENGINE_LIBRARY", "PRISMA_SCHEMA_ENGINE_BINARY"] {
        command.env(unused, "/bin/true");
    }
    command.env("DATABASE_URL", url).env("CHECKPOINT_DISABLE", "1").env("PRISMA_HIDE_UPDATE_MESSAGE", "1");
    let command = command.args(words).current_dir(site.project.root()).stdin(Stdio::null());
    command.output().unwrap_or_else(|error| panic!("{}: {error}", program.display()))
}

/// Writes what Prisma needs beside the migrations. Returns the URL as its driver takes it.
fn prepare_prisma(site: &Site) -> String {
    let (provider, package, adapter) = match site.engine() {
        "sqlite" => ("sqlite", "adapter-libsql/dist/index-node.js", "new m.PrismaLibSQL({ url })"),
        "postgres" => ("postgresql", "adapter-pg/dist/index.js", "new m.PrismaPg({ connectionString: url })"),
        other => unreachable!("{other}"),
    };
    let module = peers().join("npm/node_modules/@prisma").join(package);
    let mut files = format!("//- migrations/migration_lock.toml\nprovider = \"{provider}\"\n");
    _ = write!(
        files,
        "//- schema.prisma\ndatasource db {{\n  provider = \"{provider}\"\n  url = env(\"DATABASE_URL\")\n}}\n\
         //- prisma.config.mjs\nimport * as m from '{}'\nconst url = process.env.DATABASE_URL\n\
         export default {{\n  experimental: {{ adapter: true }}, engine: 'js', schema: 'schema.prisma',\n  \
         migrations: {{ path: 'migrations' }}, adapter: async () => {adapter},\n}}\n",
        module.display()
    );
    site.project.write(&files);
    if site.engine() == "sqlite" {
        format!("file:{}", site.project.path("app.db").display())
    } else {
        site.url()
    }
}

fn peers() -> PathBuf {
    std::env::var_os("MIGRATION_PEERS").map_or_else(|| panic!("{WHY}"), PathBuf::from)
}

fn crate_program(name: &str) -> PathBuf {
    peers().join("every-database/bin").join(name)
}

fn node_program(name: &str) -> PathBuf {
    peers().join("npm/node_modules/.bin").join(name)
}
