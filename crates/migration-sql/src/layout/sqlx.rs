//! sqlx's layout: `N_name.sql`, or `N_name.up.sql` with `N_name.down.sql`.
//!
//! As in its `migrate/source.rs` (0.8, 0.9): the version is what stands before the first `_` and is an `i64` (a sign is
//! allowed, anything else is an error); what has no `_` or doesn't end in `.sql` is ignored; a file whose very first bytes
//! are `-- no-transaction` runs in none. sqlx shows the name with blanks for `_`; we leave it as it is written.

use super::listing::{Entry, Listing};
use super::numbered::{self, Name, Part, Verdict};
use super::publish::Draft;
use super::{Format, Layout, LoadError, LoadOptions, Loaded, NewMigration};

pub(super) const FORMAT: Format = Format { claims, load, draft };

const NO_TRANSACTION: &str = "-- no-transaction";
/// What `sqlx migrate add` writes into new files.
const HINTS: [&str; 2] = ["-- Add up migration script here", "-- Add down migration script here"];

fn claims(listing: &Listing) -> Result<Option<&Entry>, LoadError> {
    Ok(numbered::whole(listing))
}

fn load(listing: &Listing, _: &LoadOptions) -> Result<Loaded, LoadError> {
    let mut loaded = numbered::load(listing, "`N_name.sql`", judge)?;
    for migration in &mut loaded.migrations {
        migration.run_in_transaction = !migration.up.text.starts_with(NO_TRANSACTION);
        for script in [Some(&migration.up), migration.down.as_ref()].into_iter().flatten() {
            let marked = script.text.starts_with(NO_TRANSACTION);
            let late =
                script.text.strip_prefix('\u{feff}').is_some_and(|text| text.starts_with(NO_TRANSACTION));
            let doubt = match (late, marked) {
                (true, _) => "`-- no-transaction` doesn't count after a byte-order mark",
                (_, true) if migration.run_in_transaction => {
                    "runs in a transaction, as its up script asks for no other"
                }
                (_, false) if !migration.run_in_transaction => {
                    "runs in no transaction, as its up script asks for none"
                }
                _ => continue,
            };
            let path = script.path.as_deref().unwrap_or(&listing.root);
            loaded.warnings.push(format!("`{}`: {doubt}", path.display()));
        }
    }
    Ok(loaded)
}

/// Irreversible migrations are one file, unless the directory has files in pairs.
fn draft(listing: &Listing, new: &NewMigration) -> Result<Draft, LoadError> {
    let parts = || listing.entries.iter().filter_map(|entry| Name::parse(&entry.name)).map(|name| name.part);
    let whole = new.rollback_sql.is_none()
        && if parts().next().is_some() { parts().all(|part| part == Part::Whole) } else { new.sql.is_some() };
    numbered::draft(listing, new, Layout::Sqlx, i64::MAX.into(), whole, HINTS)
}

/// Whether a script begins with something that no other tool writes or obeys.
pub(super) fn only_sqlx_begins_so(text: &str) -> bool {
    text.starts_with(NO_TRANSACTION) || HINTS.iter().any(|hint| text.starts_with(hint))
}

fn judge(file: &str) -> Verdict<'_> {
    let Some(name) = Name::parse(file) else { return Verdict::Ignored };
    match name.version.parse::<i64>() {
        Ok(number) => Verdict::Part(name, number.into()),
        Err(_) => Verdict::Refused { version: name.version, reason: "it is no whole number of 64 bits" },
    }
}
