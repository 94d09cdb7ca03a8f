//! golang-migrate's layout: `N_name.up.sql` and `N_name.down.sql`.
//!
//! As in its `source/parse.go` (v4): the version is a decimal number of up to 64 bits, so that `1`, `0001` and
//! `20240101000000` compare as numbers; the two files of a migration are told by the version and not by the name; what
//! doesn't match is ignored. There is no marker for running without a transaction. What we don't take are files in other
//! languages than SQL (`N_name.up.json`): they are named in a warning.

use super::listing::{Entry, Listing};
use super::numbered::{self, Name, Part, Verdict};
use super::publish::Draft;
use super::{Format, Layout, LoadError, LoadOptions, Loaded, NewMigration};

pub(super) const FORMAT: Format = Format { claims, load, draft };

const OTHER_LANGUAGE: &str =
    "golang-migrate would run it, but its name doesn't end in `.up.sql` or `.down.sql`";

/// A directory that also has an `N_name.sql` is one of sqlx.
fn claims(listing: &Listing) -> Result<Option<&Entry>, LoadError> {
    if numbered::whole(listing).is_some() {
        return Ok(None);
    }
    let is_part = |name: Name<'_>| name.is_numeric() && name.part != Part::Whole;
    Ok(listing.entries.iter().find(|entry| Name::parse(&entry.name).is_some_and(is_part)))
}

fn load(listing: &Listing, _: &LoadOptions) -> Result<Loaded, LoadError> {
    numbered::load(listing, "`N_name.up.sql` or `N_name.down.sql`", judge)
}

fn draft(listing: &Listing, new: &NewMigration) -> Result<Draft, LoadError> {
    let hints = ["-- The SQL that applies this migration.", "-- The SQL that undoes this migration."];
    numbered::draft(listing, new, Layout::GolangMigrate, u64::MAX.into(), false, hints)
}

fn judge(file: &str) -> Verdict<'_> {
    let Some(name) = Name::parse(file).filter(|name| name.is_numeric() && name.part != Part::Whole) else {
        return if is_of_another_language(file) {
            Verdict::LeftOut(OTHER_LANGUAGE)
        } else {
            Verdict::Ignored
        };
    };
    match name.version.parse::<u64>() {
        Ok(number) => Verdict::Part(name, number.into()),
        Err(_) => Verdict::Refused { version: name.version, reason: "it has more than 64 bits" },
    }
}

/// Whether the tool's own pattern, `^([0-9]+)_(.*)\.(down|up)\.(.*)$`, takes a name that ours doesn't.
fn is_of_another_language(file: &str) -> bool {
    let Some((version, rest)) = file.split_once('_') else { return false };
    let numeric = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
    numeric && (rest.contains(".up.") || rest.contains(".down."))
}
