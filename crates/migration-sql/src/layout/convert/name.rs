//! What migrations are called in another layout.

use crate::layout::Layout;
use crate::layout::refinery::is_word;
use crate::{MigrationSet, SqlMigration};

/// A way to name all migrations of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// By the ids that they have.
    Ids,
    /// By the versions that they have.
    Versions,
    /// By their places in the order.
    Numbers,
}

impl Naming {
    /// The best first.
    pub(super) const ALL: [Self; 3] = [Self::Ids, Self::Versions, Self::Numbers];

    /// The names, in the order of the migrations. Whether the layout takes them is for its loader to say.
    pub(super) fn names(self, set: &MigrationSet, to: Layout) -> Vec<String> {
        let migrations = set.migrations();
        let versions = migrations.iter().filter_map(|migration| migration.version.as_deref());
        let widest = versions.map(str::len).max().unwrap_or(0);
        let digits = migrations.len().to_string().len().max(4);
        let name = |(place, migration): (usize, &SqlMigration)| match self {
            Self::Ids => migration.id.clone(),
            Self::Versions => match &migration.version {
                // These compare versions as texts.
                Some(version)
                    if matches!(to, Layout::Diesel | Layout::Dbmate | Layout::Prisma | Layout::Json) =>
                {
                    let zeros = if is_number(version) { widest.saturating_sub(version.len()) } else { 0 };
                    join(to, &format!("{}{version}", "0".repeat(zeros)), migration)
                }
                Some(version) => join(to, version, migration),
                None => migration.id.clone(),
            },
            Self::Numbers => join(to, &format!("{:0digits$}", place + 1), migration),
        };
        migrations.iter().enumerate().map(name).collect()
    }
}

fn is_number(version: &str) -> bool {
    version.bytes().all(|byte| byte.is_ascii_digit())
}

/// Version and name as the layout joins them.
fn join(to: Layout, version: &str, migration: &SqlMigration) -> String {
    let fits = |sign: char| match to {
        Layout::Refinery => is_word(sign),
        _ => !(sign.is_whitespace() || sign.is_control() || matches!(sign, '/' | '\\')),
    };
    let slug: String =
        migration.name.trim().chars().map(|sign| if fits(sign) { sign } else { '_' }).collect();
    match to {
        Layout::Flyway | Layout::Refinery => format!("V{version}__{slug}"),
        _ => format!("{version}_{slug}"),
    }
}
