//! What becomes of a database that the layout's own tool has migrated.

use std::fs;

use migration_kit::sql::{AdoptReport, AdoptRequest, Error, Layout, MigrationSet};
use migration_kit::{DatabaseConnector, MigrationManager};

use super::{Case, Group};
use crate::adopt::left_by;
use crate::adopt::site::Site;
use crate::adopt::tables::{ALL, FAILED, Fixture};

pub(super) const GROUP: Group = Group {
    title: "Databases of the tool",
    about: "`migration adopt` takes over what the tool's own table says is applied; here two migrations of three. *refused*:\n\
            nothing is recorded. *not seen*: the tool keeps no checksum.",
    cases: &[
        Case { what: "its table", answer: |to| on(to, Left::table) },
        Case { what: "`migration up` beside it, before `adopt`", answer: |to| on(to, Left::up) },
        Case { what: "`migration adopt`", answer: |to| on(to, Left::adopts) },
        Case { what: "its checksums are verified", answer: |to| on(to, Left::checksums) },
        Case { what: "the file was changed since", answer: |to| on(to, Left::changed) },
        Case { what: "the file is gone", answer: |to| on(to, Left::gone) },
        Case { what: "a row says that it failed", answer: |to| on(to, Left::failed) },
    ],
};

/// A database as a tool leaves it.
struct Left {
    fixture: &'static Fixture,
    site: Site,
}

fn on(to: Layout, answer: fn(&Left) -> String) -> String {
    let fixture = ALL.iter().find(|fixture| fixture.layout == to.as_str());
    let left = fixture.map(|fixture| {
        let site = left_by(fixture, &Site::sqlite);
        site.project.write(fixture.third);
        Left { fixture, site }
    });
    left.map_or_else(|| "–".to_owned(), |left| answer(&left))
}

impl Left {
    fn manager(&self) -> MigrationManager {
        let mut manager = MigrationManager::new(DatabaseConnector::open(&self.site.url()).unwrap());
        let layout = self.fixture.layout.parse().unwrap();
        manager.use_set(MigrationSet::load(self.site.project.path("migrations"), Some(layout)).unwrap());
        manager
    }

    fn adopt(&self) -> Result<AdoptReport, Error> {
        self.manager().adopt(&AdoptRequest::default())
    }

    /// `refused` for an error with one of these codes after which nothing is recorded.
    fn outcome<T>(&self, result: Result<T, Error>, code: &str, done: &str) -> String {
        match result {
            Ok(_) => done.to_owned(),
            Err(error) => {
                assert_eq!(error.code(), code, "{}: {error}", self.fixture.tool);
                assert!(!self.site.has("_migrations"), "{}", self.fixture.tool);
                "refused".to_owned()
            }
        }
    }

    fn table(&self) -> String {
        let found = self.manager().foreign_histories().unwrap();
        let [history] = found.as_slice() else { return "no".to_owned() };
        assert_eq!(history.tool.map(|tool| tool.to_string()).as_deref(), Some(self.fixture.tool));
        format!("`{}`", history.table)
    }

    fn up(&self) -> String {
        self.outcome(self.manager().apply_pending_migrations(), "history.foreign_tool", "no")
    }

    fn adopts(&self) -> String {
        let report = self.adopt().unwrap();
        let adopted: Vec<_> = report.migrations.iter().map(|migration| migration.id.as_str()).collect();
        let rest = self.manager().apply_pending_migrations().unwrap();
        let as_wanted = adopted == self.fixture.ids[..2] && report.adopted() == 2;
        let runs = rest.results.len() == 1 && rest.results[0].migration_id == self.fixture.ids[2];
        if as_wanted && runs { "yes" } else { "no" }.to_owned()
    }

    fn checksums(&self) -> String {
        let report = self.adopt().unwrap();
        let verified = report.migrations.iter().filter(|migration| migration.checksum_verified).count();
        match verified {
            0 => "–",
            2 => "yes",
            _ => "no",
        }
        .to_owned()
    }

    fn changed(&self) -> String {
        let path = self.site.project.path(self.fixture.second_file);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("price", "cost")).unwrap();
        self.outcome(self.adopt(), "adopt.changed", "not seen")
    }

    fn gone(&self) -> String {
        let path = self.site.project.path(self.fixture.second_file);
        match self.fixture.layout {
            // A folder without its script is an error of its own.
            "diesel" | "prisma" => fs::remove_dir_all(path.parent().unwrap()).unwrap(),
            _ => fs::remove_file(&path).unwrap(),
        }
        if let Some(stem) = self.fixture.second_file.strip_suffix(".up.sql") {
            _ = fs::remove_file(self.site.project.path(&format!("{stem}.down.sql")));
        }
        self.outcome(self.adopt(), "adopt.missing_file", "no")
    }

    fn failed(&self) -> String {
        let Some((_, fail, _)) = FAILED.iter().find(|(fixture, ..)| fixture.tool == self.fixture.tool) else {
            return "–".to_owned();
        };
        self.site.execute(fail);
        self.outcome(self.adopt(), "adopt.failed_row", "no")
    }
}
