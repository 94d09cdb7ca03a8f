//! The tables of the tools as they make them, after two migrations of three have been run.
//!
//! `cargo xtask adopt-check` compares those of the tools that it can install with what the tools really leave
//! ([`super::real_tools`]). The others are written after their sources.

/// A directory of three migrations in a tool's layout, and what the tool leaves in a database after it has run two.
pub(crate) struct Fixture {
    pub(crate) tool: &'static str,
    pub(crate) table: &'static str,
    pub(crate) layout: &'static str,
    /// The files of the first two.
    pub(crate) files: &'static str,
    /// Those of the third.
    pub(crate) third: &'static str,
    /// The file of the second, whose text tools with checksums look at.
    pub(crate) second_file: &'static str,
    pub(crate) ids: [&'static str; 3],
    /// The checksums of the first two, if it keeps any.
    pub(crate) checksums: Option<[&'static str; 2]>,
    /// Whether it keeps times.
    pub(crate) times: bool,
    /// The table with its rows, by database: SQLite, PostgreSQL, MariaDB and MySQL. `@1` and `@2` are the checksums.
    pub(crate) history: [&'static str; 3],
}

impl Fixture {
    /// The script for a database that makes the table with its rows.
    pub(crate) fn history(&self, engine: &str) -> String {
        let place = match engine {
            "sqlite" => 0,
            "postgres" => 1,
            _ => 2,
        };
        let [first, second] = self.checksums.unwrap_or_default();
        self.history[place].replace("@1", first).replace("@2", second)
    }
}

/// What the two migrations did.
pub(crate) const SCHEMA: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL);\n\
     CREATE TABLE items (id INTEGER PRIMARY KEY, price INTEGER);";

pub(crate) const ALL: &[Fixture] = &[DIESEL, GOLANG_MIGRATE, SQLX, FLYWAY, REFINERY, GOOSE, DBMATE, PRISMA];

/// What makes a row say that its migration failed, for the tools whose rows can, with what names it in the error.
pub(crate) const FAILED: &[(&Fixture, &str, &str)] = &[
    (&GOLANG_MIGRATE, "UPDATE schema_migrations SET dirty = 1", "2"),
    (&SQLX, "UPDATE _sqlx_migrations SET success = 0 WHERE version = 2", "2"),
    (&FLYWAY, "UPDATE flyway_schema_history SET success = 0 WHERE installed_rank = 2", "1.1"),
    (&PRISMA, "UPDATE _prisma_migrations SET finished_at = NULL WHERE id = 'id2'", "20240102000001_items"),
];

macro_rules! first {
    () => {
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL);\n"
    };
}
/// With line ends of another system, and more than ASCII.
macro_rules! second {
    () => {
        "-- größer\r\nCREATE TABLE items (id INTEGER PRIMARY KEY, price INTEGER);\r\n"
    };
}
macro_rules! third {
    () => {
        "CREATE TABLE notes (id INTEGER PRIMARY KEY);\n"
    };
}

const DIESEL_ROWS: &str = "\
CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);
INSERT INTO __diesel_schema_migrations VALUES ('20240101000001', '2024-05-01 12:00:00'), ('20240102000001', '2024-05-01 12:00:01');";

pub(crate) const DIESEL: Fixture = Fixture {
    tool: "diesel",
    table: "__diesel_schema_migrations",
    layout: "diesel",
    files: concat!(
        "//- migrations/2024-01-01-000001_users/up.sql\n",
        first!(),
        "//- migrations/2024-01-01-000001_users/down.sql\nDROP TABLE users;\n",
        "//- migrations/2024-01-02-000001_items/up.sql\n",
        second!(),
        "//- migrations/2024-01-02-000001_items/down.sql\nDROP TABLE items;\n",
    ),
    third: concat!(
        "//- migrations/2024-01-03-000001_notes/up.sql\n",
        third!(),
        "//- migrations/2024-01-03-000001_notes/down.sql\nDROP TABLE notes;\n"
    ),
    second_file: "migrations/2024-01-02-000001_items/up.sql",
    ids: ["2024-01-01-000001_users", "2024-01-02-000001_items", "2024-01-03-000001_notes"],
    checksums: None,
    times: true,
    history: [DIESEL_ROWS; 3],
};

const NUMBERED_UP_DOWN: &str = concat!(
    "//- migrations/1_users.up.sql\n",
    first!(),
    "//- migrations/1_users.down.sql\nDROP TABLE users;\n",
    "//- migrations/2_items.up.sql\n",
    second!(),
    "//- migrations/2_items.down.sql\nDROP TABLE items;\n",
);

const GOLANG_MIGRATE_SERVER: &str = "\
CREATE TABLE schema_migrations (version bigint not null primary key, dirty boolean not null);
INSERT INTO schema_migrations VALUES (2, false);";

pub(crate) const GOLANG_MIGRATE: Fixture = Fixture {
    tool: "golang-migrate",
    table: "schema_migrations",
    layout: "golang-migrate",
    files: NUMBERED_UP_DOWN,
    third: concat!("//- migrations/3_notes.up.sql\n", third!()),
    second_file: "migrations/2_items.up.sql",
    ids: ["1_users", "2_items", "3_notes"],
    checksums: None,
    times: false,
    history: [
        "CREATE TABLE schema_migrations (version uint64,dirty bool);
CREATE UNIQUE INDEX version_unique ON schema_migrations (version);
INSERT INTO schema_migrations VALUES (2, false);",
        GOLANG_MIGRATE_SERVER,
        GOLANG_MIGRATE_SERVER,
    ],
};

pub(crate) const SQLX: Fixture = Fixture {
    tool: "sqlx",
    table: "_sqlx_migrations",
    layout: "sqlx",
    files: concat!("//- migrations/1_users.sql\n", first!(), "//- migrations/2_items.sql\n", second!()),
    third: concat!("//- migrations/3_notes.sql\n", third!()),
    second_file: "migrations/2_items.sql",
    ids: ["1_users", "2_items", "3_notes"],
    checksums: Some([
        "e461481ef6d1cbec99536dc4030fc9c44f05ef0fe6a689b56cb48c69a48ce71e6ec89f1e6b7842841871e90c4d3341d4",
        "17bedb325d52f62bd75ca5470605b1a058864772398e4e8cc101d0115a29a3fee2c740d8517ae9866a5316d4bf42876b",
    ]),
    times: true,
    history: [
        "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, \
         installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, checksum BLOB NOT NULL, \
         execution_time BIGINT NOT NULL);
INSERT INTO _sqlx_migrations VALUES (1, 'users', '2024-05-01 12:00:00', true, x'@1', 7000000), \
(2, 'items', '2024-05-01 12:00:01', true, x'@2', -1);",
        "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, \
         installed_on TIMESTAMPTZ NOT NULL DEFAULT now(), success BOOLEAN NOT NULL, checksum BYTEA NOT NULL, \
         execution_time BIGINT NOT NULL);
INSERT INTO _sqlx_migrations VALUES (1, 'users', '2024-05-01 14:00:00+02', true, '\\x@1', 7000000), \
(2, 'items', '2024-05-01 12:00:01+00', true, '\\x@2', -1);",
        "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, \
         installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, checksum BLOB NOT NULL, \
         execution_time BIGINT NOT NULL);
SET time_zone = '+02:00';
INSERT INTO _sqlx_migrations VALUES (1, 'users', '2024-05-01 14:00:00', true, x'@1', 7000000), \
(2, 'items', '2024-05-01 14:00:01', true, x'@2', -1);",
    ],
};

pub(crate) const FLYWAY: Fixture = Fixture {
    tool: "flyway",
    table: "flyway_schema_history",
    layout: "flyway",
    files: concat!("//- migrations/V1__users.sql\n", first!(), "//- migrations/V1.1__items.sql\n", second!()),
    third: concat!("//- migrations/V2__notes.sql\n", third!()),
    second_file: "migrations/V1.1__items.sql",
    ids: ["V1__users", "V1.1__items", "V2__notes"],
    checksums: Some([
        "-2087401455",
        "-1660127823",
    ]),
    times: true,
    history: [
        "CREATE TABLE \"flyway_schema_history\" (\"installed_rank\" INT NOT NULL PRIMARY KEY, \"version\" VARCHAR(50), \
         \"description\" VARCHAR(200) NOT NULL, \"type\" VARCHAR(20) NOT NULL, \"script\" VARCHAR(1000) NOT NULL, \
         \"checksum\" INT, \"installed_by\" VARCHAR(100) NOT NULL, \
         \"installed_on\" TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now')), \
         \"execution_time\" INT NOT NULL, \"success\" BOOLEAN NOT NULL);
CREATE INDEX \"flyway_schema_history_s_idx\" ON \"flyway_schema_history\" (\"success\");
INSERT INTO flyway_schema_history VALUES \
(1, '1', 'users', 'SQL', 'V1__users.sql', @1, '', '2024-05-01 12:00:00.000', 7, 1), \
(2, '1.1', 'items', 'SQL', 'V1.1__items.sql', @2, '', '2024-05-01 12:00:01.000', 5, 1);",
        "CREATE TABLE flyway_schema_history (installed_rank INT NOT NULL, version VARCHAR(50), \
         description VARCHAR(200) NOT NULL, type VARCHAR(20) NOT NULL, script VARCHAR(1000) NOT NULL, checksum INTEGER, \
         installed_by VARCHAR(100) NOT NULL, installed_on TIMESTAMP NOT NULL DEFAULT now(), \
         execution_time INTEGER NOT NULL, success BOOLEAN NOT NULL);
ALTER TABLE flyway_schema_history ADD CONSTRAINT flyway_schema_history_pk PRIMARY KEY (installed_rank);
CREATE INDEX flyway_schema_history_s_idx ON flyway_schema_history (success);
INSERT INTO flyway_schema_history VALUES \
(1, '1', 'users', 'SQL', 'V1__users.sql', @1, 'postgres', '2024-05-01 12:00:00', 7, true), \
(2, '1.1', 'items', 'SQL', 'V1.1__items.sql', @2, 'postgres', '2024-05-01 12:00:01', 5, true);",
        "CREATE TABLE `flyway_schema_history` (`installed_rank` INT NOT NULL, `version` VARCHAR(50), \
         `description` VARCHAR(200) NOT NULL, `type` VARCHAR(20) NOT NULL, `script` VARCHAR(1000) NOT NULL, \
         `checksum` INT, `installed_by` VARCHAR(100) NOT NULL, \
         `installed_on` TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, `execution_time` INT NOT NULL, \
         `success` BOOL NOT NULL, CONSTRAINT `flyway_schema_history_pk` PRIMARY KEY (`installed_rank`)) ENGINE=InnoDB;
CREATE INDEX `flyway_schema_history_s_idx` ON `flyway_schema_history` (`success`);
SET time_zone = '+00:00';
INSERT INTO flyway_schema_history VALUES \
(1, '1', 'users', 'SQL', 'V1__users.sql', @1, 'root', '2024-05-01 12:00:00', 7, 1), \
(2, '1.1', 'items', 'SQL', 'V1.1__items.sql', @2, 'root', '2024-05-01 12:00:01', 5, 1);",
    ],
};

const REFINERY_ROWS: &str = "\
CREATE TABLE refinery_schema_history(version int4 PRIMARY KEY, name VARCHAR(255), applied_on VARCHAR(255), checksum VARCHAR(255));
INSERT INTO refinery_schema_history VALUES (1, 'users', '2024-05-01T12:00:00.5Z', '@1'), (2, 'items', '2024-05-01T14:00:01+02:00', '@2');";

pub(crate) const REFINERY: Fixture = Fixture {
    tool: "refinery",
    table: "refinery_schema_history",
    layout: "refinery",
    files: concat!("//- migrations/V1__users.sql\n", first!(), "//- migrations/V2__items.sql\n", second!()),
    third: concat!("//- migrations/V3__notes.sql\n", third!()),
    second_file: "migrations/V2__items.sql",
    ids: ["V1__users", "V2__items", "V3__notes"],
    checksums: Some(["3008020329845060722", "15454180342444732719"]),
    times: true,
    history: [REFINERY_ROWS; 3],
};

const GOOSE_SERVER: &str = "\
CREATE TABLE goose_db_version (id serial NOT NULL, version_id bigint NOT NULL, is_applied boolean NOT NULL, \
tstamp timestamp NULL default now(), PRIMARY KEY(id));
INSERT INTO goose_db_version (version_id, is_applied, tstamp) VALUES (0, true, '2024-05-01 11:59:59'), \
(1, true, '2024-05-01 12:00:00'), (2, true, '2024-05-01 12:00:01');";

pub(crate) const GOOSE: Fixture = Fixture {
    tool: "goose",
    table: "goose_db_version",
    layout: "goose",
    files: concat!(
        "//- migrations/1_users.sql\n-- +goose Up\n",
        first!(),
        "-- +goose Down\nDROP TABLE users;\n",
        "//- migrations/2_items.sql\n-- +goose Up\n",
        second!(),
        "-- +goose Down\nDROP TABLE items;\n",
    ),
    third: concat!("//- migrations/3_notes.sql\n-- +goose Up\n", third!()),
    second_file: "migrations/2_items.sql",
    ids: ["1_users", "2_items", "3_notes"],
    checksums: None,
    times: true,
    history: [
        "CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL, \
         is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')));
INSERT INTO goose_db_version (version_id, is_applied, tstamp) VALUES (0, 1, '2024-05-01 11:59:59'), \
(1, 1, '2024-05-01 12:00:00'), (2, 1, '2024-05-01 12:00:01');",
        GOOSE_SERVER,
        GOOSE_SERVER,
    ],
};

pub(crate) const DBMATE: Fixture = Fixture {
    tool: "dbmate",
    table: "schema_migrations",
    layout: "dbmate",
    files: concat!(
        "//- migrations/20240101000001_users.sql\n-- migrate:up\n",
        first!(),
        "-- migrate:down\nDROP TABLE users;\n",
        "//- migrations/20240102000001_items.sql\n-- migrate:up\n",
        second!(),
        "-- migrate:down\nDROP TABLE items;\n",
    ),
    third: concat!(
        "//- migrations/20240103000001_notes.sql\n-- migrate:up\n",
        third!(),
        "-- migrate:down\nDROP TABLE notes;\n"
    ),
    second_file: "migrations/20240102000001_items.sql",
    ids: ["20240101000001_users", "20240102000001_items", "20240103000001_notes"],
    checksums: None,
    times: false,
    history: [
        "CREATE TABLE \"schema_migrations\" (version varchar(128) primary key);
INSERT INTO schema_migrations VALUES ('20240101000001'), ('20240102000001');",
        "CREATE TABLE schema_migrations (version varchar not null primary key);
INSERT INTO schema_migrations VALUES ('20240101000001'), ('20240102000001');",
        "CREATE TABLE `schema_migrations` (version varchar(128) primary key);
INSERT INTO schema_migrations VALUES ('20240101000001'), ('20240102000001');",
    ],
};

pub(crate) const PRISMA: Fixture = Fixture {
    tool: "prisma",
    table: "_prisma_migrations",
    layout: "prisma",
    files: concat!(
        "//- migrations/20240101000001_users/migration.sql\n",
        first!(),
        "//- migrations/20240102000001_items/migration.sql\n",
        second!(),
    ),
    third: concat!("//- migrations/20240103000001_notes/migration.sql\n", third!()),
    second_file: "migrations/20240102000001_items/migration.sql",
    ids: ["20240101000001_users", "20240102000001_items", "20240103000001_notes"],
    checksums: Some([
        "bbeb4b3684cd8758afdaf19ab1bdcfdae0e7dfd42ad32de402557df1cf073ad3",
        "88672b9bb23321877424f49a783b711b6031a803da7c27b82d12bd86989ec9e5",
    ]),
    times: true,
    history: [
        "CREATE TABLE \"_prisma_migrations\" (\"id\" TEXT PRIMARY KEY NOT NULL, \"checksum\" TEXT NOT NULL, \
         \"finished_at\" DATETIME, \"migration_name\" TEXT NOT NULL, \"logs\" TEXT, \"rolled_back_at\" DATETIME, \
         \"started_at\" DATETIME NOT NULL DEFAULT current_timestamp, \
         \"applied_steps_count\" INTEGER UNSIGNED NOT NULL DEFAULT 0);
INSERT INTO _prisma_migrations VALUES \
('id1', '@1', 1714564800007, '20240101000001_users', NULL, NULL, 1714564800000, 1), \
('id2', '@2', '2024-05-01T12:00:01.005+00:00', '20240102000001_items', NULL, NULL, '2024-05-01T12:00:01.000+00:00', 1);",
        "CREATE TABLE _prisma_migrations (id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, \
         finished_at TIMESTAMPTZ, migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ, \
         started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0);
INSERT INTO _prisma_migrations VALUES \
('id1', '@1', '2024-05-01 12:00:00.007+00', '20240101000001_users', NULL, NULL, '2024-05-01 12:00:00+00', 1), \
('id2', '@2', '2024-05-01 12:00:01.005+00', '20240102000001_items', NULL, NULL, '2024-05-01 12:00:01+00', 1);",
        "CREATE TABLE _prisma_migrations (id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, \
         finished_at DATETIME(3), migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at DATETIME(3), \
         started_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3), \
         applied_steps_count INTEGER UNSIGNED NOT NULL DEFAULT 0) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
INSERT INTO _prisma_migrations VALUES \
('id1', '@1', '2024-05-01 12:00:00.007', '20240101000001_users', NULL, NULL, '2024-05-01 12:00:00', 1), \
('id2', '@2', '2024-05-01 12:00:01.005', '20240102000001_items', NULL, NULL, '2024-05-01 12:00:01', 1);",
    ],
};
