//! Aligned columns.

use std::borrow::Cow;
use std::fmt::Write as _;

use comfy_table::{ContentArrangement, Table, presets};
use migration_kit::sql::{MigrationInfo, MigrationState};
use unicode_width::UnicodeWidthStr;

use crate::style::{BAD, DIM, GOOD, WAITING, paint};

/// A table of migrations: a marker, state, id, when it was applied, and how long that took.
///
/// There may be thousands: every line is put together in place, and nothing is wrapped.
pub(crate) fn of_migrations(migrations: &[MigrationInfo]) -> String {
    let rows: Vec<[Cow<'_, str>; COLUMNS]> = migrations.iter().map(cells).collect();
    let mut widths = [0; COLUMNS];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    let (mut table, mut line) = (String::new(), String::new());
    for (row, migration) in rows.iter().zip(migrations) {
        line.clear();
        line.push_str(marker(migration.status));
        for (place, (cell, width)) in row.iter().zip(widths).enumerate() {
            let blanks = 2 + width - cell.width();
            let (before, after) = if place == COLUMNS - 1 { (blanks, 0) } else { (2, blanks - 2) };
            line.extend(std::iter::repeat_n(' ', before));
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', after));
        }
        colour(&mut table, line.trim_end(), migration.status);
        table.push('\n');
    }
    table
}

/// The columns behind the marker.
const COLUMNS: usize = 4;

/// What a row says: state, id, when, how long.
fn cells(migration: &MigrationInfo) -> [Cow<'_, str>; COLUMNS] {
    let state = match migration.progress {
        Some(progress) => Cow::Owned(format!(
            "{} {}/{}",
            migration.status.as_str(),
            progress.statements_done,
            progress.statements_total
        )),
        None => migration.status.as_str().into(),
    };
    let remark = match (migration.out_of_order, migration.status) {
        (true, _) => "out of order",
        (_, MigrationState::Outdated) => "runs again",
        _ => "",
    };
    let when: Cow<'_, str> = match migration.applied_at.as_deref() {
        Some(at) if remark.is_empty() => at.into(),
        Some(at) => format!("{at}, {remark}").into(),
        None => remark.into(),
    };
    let time = migration.execution_time_ms.map(|ms| Cow::Owned(format!("{ms} ms"))).unwrap_or_default();
    [state, migration.id.as_str().into(), when, time]
}

/// A table of plain text.
pub(crate) fn of_rows(rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut table = blank();
    table.add_rows(rows);
    table.to_string().lines().map(|line| format!("{}\n", line.trim())).collect()
}

fn blank() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table
}

fn marker(state: MigrationState) -> &'static str {
    match state {
        MigrationState::Applied => "✓",
        MigrationState::Pending | MigrationState::Outdated => "·",
        _ => "!",
    }
}

/// Appends a line in its colours.
fn colour(table: &mut String, line: &str, state: MigrationState) {
    let style = match state {
        MigrationState::Applied => GOOD,
        MigrationState::Pending | MigrationState::Outdated => WAITING,
        MigrationState::Changed | MigrationState::Missing => DIM.fg_color(BAD.get_fg_color()),
        _ => BAD,
    };
    // Of what is in order only the marker stands out.
    let end = if state == MigrationState::Applied { marker(state).len() } else { line.len() };
    _ = write!(table, "{}{}", paint(style, &line[..end]), &line[end..]);
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use migration_kit::model::{Checksum, MigrationDirection};
    use migration_kit::sql::Progress;

    use super::*;

    fn info(id: &str, status: MigrationState, applied_at: Option<&str>, ms: Option<i64>) -> MigrationInfo {
        MigrationInfo {
            id: id.into(),
            name: id.into(),
            description: None,
            status,
            applied_at: applied_at.map(str::to_owned),
            checksum: Some(Checksum::of(id)),
            dependencies: Vec::new(),
            execution_time_ms: ms,
            out_of_order: status == MigrationState::Pending,
            repeatable: status == MigrationState::Outdated,
            reversible: true,
            progress: None,
        }
    }

    #[test]
    fn migrations() {
        let mut cut_off = info("3_日本", MigrationState::Partial, None, None);
        let direction = MigrationDirection::Up;
        cut_off.progress = Some(Progress { direction, statements_done: 2, statements_total: 5 });
        let text = of_migrations(&[
            info("1_users", MigrationState::Applied, Some("2024-05-01T12:00:00Z"), Some(12)),
            info("2_a_longer_name", MigrationState::Changed, Some("2024-05-01T12:00:01Z"), Some(1234)),
            cut_off,
            info("4_orders", MigrationState::Pending, None, None),
            info("R__view", MigrationState::Outdated, Some("2024-05-01T12:00:02Z"), Some(3)),
        ]);
        expect![[r#"
            ✓  applied      1_users          2024-05-01T12:00:00Z                12 ms
            !  changed      2_a_longer_name  2024-05-01T12:00:01Z              1234 ms
            !  partial 2/5  3_日本
            ·  pending      4_orders         out of order
            ·  outdated     R__view          2024-05-01T12:00:02Z, runs again     3 ms
        "#]]
        .assert_eq(&anstream::adapter::strip_str(&text).to_string());
    }
}
