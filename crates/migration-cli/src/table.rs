//! Aligned columns.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use migration_kit::sql::{MigrationInfo, MigrationState};

use crate::style::{BAD, DIM, GOOD, WAITING, paint};

/// A table of migrations: a marker, state, id, when it was applied, and how long that took.
pub(crate) fn of_migrations(migrations: &[MigrationInfo]) -> String {
    let mut table = blank();
    for migration in migrations {
        let state = match migration.progress {
            Some(progress) => {
                format!(
                    "{} {}/{}",
                    migration.status.as_str(),
                    progress.statements_done,
                    progress.statements_total
                )
            }
            None => migration.status.as_str().to_owned(),
        };
        let remark = if migration.out_of_order { "out of order" } else { "" };
        table.add_row([
            marker(migration.status).to_owned(),
            state,
            migration.id.clone(),
            migration.applied_at.clone().unwrap_or_else(|| remark.to_owned()),
            migration.execution_time_ms.map(|ms| format!("{ms} ms")).unwrap_or_default(),
        ]);
    }
    if let Some(column) = table.column_mut(4) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    // One line for each migration, in the same order: ids contain no line ends and nothing is wrapped.
    let lines = table.to_string();
    lines
        .lines()
        .zip(migrations)
        .map(|(line, migration)| coloured(line.trim(), migration.status) + "\n")
        .collect()
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
        MigrationState::Pending => "·",
        _ => "!",
    }
}

fn coloured(line: &str, state: MigrationState) -> String {
    let style = match state {
        MigrationState::Applied => GOOD,
        MigrationState::Pending => WAITING,
        MigrationState::Changed | MigrationState::Missing => DIM.fg_color(BAD.get_fg_color()),
        _ => BAD,
    };
    // Of what is in order only the marker stands out.
    let end = if state == MigrationState::Applied {
        line.find('✓').map_or(0, |at| at + '✓'.len_utf8())
    } else {
        line.len()
    };
    format!("{}{}", paint(style, &line[..end]), &line[end..])
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
        ]);
        expect![[r#"
             ✓  applied      1_users          2024-05-01T12:00:00Z    12 ms
             !  changed      2_a_longer_name  2024-05-01T12:00:01Z  1234 ms
             !  partial 2/5  3_日本
             ·  pending      4_orders         out of order
        "#]]
        .assert_eq(&anstream::adapter::strip_str(&text).to_string());
    }
}
