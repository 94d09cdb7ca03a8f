//! Migrations that come from somewhere else than the directory, in their places among those of a set.

use std::cmp::Ordering;

use super::{MigrationSet, SqlMigration};
use crate::layout::LoadError;

impl MigrationSet {
    /// The same with further migrations, such as steps in Rust beside a directory of SQL files.
    ///
    /// Each comes right after those whose ids are smaller, where numbers in ids count as numbers (`2_b` is smaller than
    /// `10_a`), and after its dependencies.
    ///
    /// # Errors
    /// As [`MigrationSet::new`].
    pub fn join(self, mut more: Vec<SqlMigration>) -> Result<Self, LoadError> {
        more.sort_by(|a, b| compare(&a.id, &b.id));
        let mut migrations = self.migrations;
        for migration in more {
            // Repeatable ones stay behind all others, and so are nobody's neighbours.
            let smaller = |other: &SqlMigration| {
                other.repeatable == migration.repeatable && compare(&other.id, &migration.id).is_lt()
            };
            let place = migrations.iter().rposition(smaller).map_or(0, |place| place + 1);
            migrations.insert(place, migration);
        }
        Ok(Self {
            layout: self.layout,
            root: self.root,
            warnings: self.warnings,
            written_for: self.written_for,
            ..Self::new(migrations)?
        })
    }
}

/// By runs of digits as numbers of any size, else by bytes.
fn compare(a: &str, b: &str) -> Ordering {
    let (mut a_rest, mut b_rest) = (a, b);
    loop {
        let (a_text, a_number, a_next) = parts(a_rest);
        let (b_text, b_number, b_next) = parts(b_rest);
        let by_number = || {
            let digits = |number: &str| number.trim_start_matches('0').to_owned();
            let (a, b) = (digits(a_number), digits(b_number));
            a.len().cmp(&b.len()).then(a.cmp(&b))
        };
        let order = a_text.cmp(b_text).then_with(by_number);
        if order.is_ne() {
            return order;
        }
        if a_next.is_empty() || b_next.is_empty() {
            // `01` and `1` are the same number and not the same id.
            return a_next.len().cmp(&b_next.len()).then_with(|| a.cmp(b));
        }
        (a_rest, b_rest) = (a_next, b_next);
    }
}

/// What stands before the first digits, the digits, and the rest.
fn parts(text: &str) -> (&str, &str, &str) {
    let is_digit = |c: char| c.is_ascii_digit();
    let (before, rest) = text.split_at(text.find(is_digit).unwrap_or(text.len()));
    let (number, rest) = rest.split_at(rest.find(|c| !is_digit(c)).unwrap_or(rest.len()));
    (before, number, rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Script;

    #[test]
    fn numbers_in_ids_count_as_numbers() {
        let mut ids = ["10_a", "2_b", "1_z", "2_a", "01_z", "a", "1", "20240101_x", "3"];
        ids.sort_by(|a, b| compare(a, b));
        assert_eq!(ids, ["1", "01_z", "1_z", "2_a", "2_b", "3", "10_a", "20240101_x", "a"]);
    }

    #[test]
    fn each_comes_to_its_place() {
        let migration = |id: &str, needs: &[&str]| {
            let mut migration = SqlMigration::new(id, Script::from_text("SELECT 1"), None);
            migration.dependencies = needs.iter().map(ToString::to_string).collect();
            migration
        };
        let set =
            MigrationSet::new(vec![migration("1_a", &[]), migration("3_c", &[]), migration("10_d", &[])]);
        let more = vec![migration("11_e", &[]), migration("2_b", &[]), migration("0_z", &["3_c"])];
        let joined = set.unwrap().join(more).unwrap();
        let ids = |set: &MigrationSet| set.migrations().iter().map(|m| m.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&joined), ["1_a", "2_b", "3_c", "0_z", "10_d", "11_e"]);
        let repeatable = |id: &str| SqlMigration { repeatable: true, ..migration(id, &[]) };
        let last = joined.clone().join(vec![repeatable("0_r"), migration("9_f", &[])]).unwrap();
        let last = last.join(vec![migration("12_g", &[])]).unwrap();
        assert_eq!(ids(&last), ["1_a", "2_b", "3_c", "0_z", "9_f", "10_d", "11_e", "12_g", "0_r"]);
        let twice = joined.join(vec![migration("1_a", &[])]);
        assert!(twice.unwrap_err().to_string().contains("1_a"));
    }
}
