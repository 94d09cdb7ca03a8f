//! Values in the place of names: on request, and refused without.

use migration_kit::sql::{Layout, LoadOptions, MigrationSet, PlaceholderValue, Placeholders};

use super::sample::Sample;
use super::{Case, Group};

const PLACEHOLDER: &str = "CREATE TABLE a (x text DEFAULT '${name}');";
const VARIABLE: &str = "-- +goose ENVSUB ON\nCREATE TABLE a (x text DEFAULT '$NAME');";

pub(super) const GROUP: Group = Group {
    title: "Values",
    about: "In the layouts whose tools replace names by values that is done on request only (`--placeholder`,\n\
            `--env-substitution`); without it such a script is refused. *kept*: to the layout's tool it is SQL\n\
            like any other.",
    cases: &[
        Case { what: "`${name}`, no value given", answer: |to| read(to, PLACEHOLDER, &|_| {}) },
        Case {
            what: "`${name}`, values given",
            answer: |to| read(to, PLACEHOLDER, &|options| give(options, "name")),
        },
        Case {
            what: "`${name}`, only others given",
            answer: |to| read(to, PLACEHOLDER, &|options| give(options, "other")),
        },
        Case { what: "`$NAME` below `-- +goose ENVSUB ON`", answer: |to| read(to, VARIABLE, &|_| {}) },
        Case {
            what: "the same on request",
            answer: |to| read(to, VARIABLE, &|options| set(options, "NAME")),
        },
        Case {
            what: "the same, and it is not set",
            answer: |to| read(to, VARIABLE, &|options| set(options, "OTHER")),
        },
    ],
};

fn give(options: &mut LoadOptions, name: &str) {
    let mut placeholders = Placeholders::default();
    let value = PlaceholderValue { text: "value".to_owned(), secret: false };
    placeholders.values.insert(name.to_owned(), value);
    options.placeholders = Some(placeholders);
}

fn set(options: &mut LoadOptions, name: &str) {
    options.environment = Some([(name.to_owned(), "value".to_owned())].into());
}

fn read(to: Layout, sql: &str, ask: &dyn Fn(&mut LoadOptions)) -> String {
    let sample = Sample::new(to);
    _ = sample.migration("", "1", "a", sql);
    let mut options = sample.options();
    ask(&mut options);
    match MigrationSet::load_with(sample.directory(), &options) {
        Err(_) => "refused",
        Ok(set) => match &*set.migrations()[0].up.text {
            text if text.contains("'value'") => "replaced",
            text if text.contains("'${name}'") || text.contains("'$NAME'") => "kept",
            _ => "no",
        },
    }
    .to_owned()
}
