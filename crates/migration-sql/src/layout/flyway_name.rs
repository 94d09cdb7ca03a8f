//! The names of files with a prefix and a version, as Flyway and refinery give them: `V1.2__name.sql`.

use std::cmp::Ordering;

/// What a migration of these layouts is, by its first letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prefix {
    /// `V`: runs once, in the order of the versions.
    Versioned,
    /// `U`: undoes the one with its version (Flyway), or runs once in any order (refinery).
    Undo,
    /// `B`: stands for all versions up to its own.
    Baseline,
    /// `R`: runs again whenever it changes.
    Repeatable,
}

/// A name without its extension, taken apart.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name<'a> {
    pub(super) stem: &'a str,
    pub(super) prefix: Prefix,
    /// As it is written; empty for repeatable ones.
    pub(super) version: &'a str,
    /// As it is written; may be empty.
    pub(super) description: &'a str,
}

impl<'a> Name<'a> {
    /// Takes a stem apart. The version ends at the first `__`; without one it is all there is. Repeatable ones must not
    /// have a version, all others need one that [`Version`] can read.
    pub(super) fn parse(stem: &'a str) -> Option<Self> {
        let prefix = match stem.chars().next()? {
            'V' => Prefix::Versioned,
            'U' => Prefix::Undo,
            'B' => Prefix::Baseline,
            'R' => Prefix::Repeatable,
            _ => return None,
        };
        let rest = &stem[1..];
        let (version, description) = match (rest.split_once("__"), prefix) {
            (Some(parts), _) => parts,
            (None, Prefix::Repeatable) => return None,
            (None, _) => (rest, ""),
        };
        let fits =
            if prefix == Prefix::Repeatable { version.is_empty() } else { Version::parse(version).is_some() };
        fits.then_some(Self { stem, prefix, version, description })
    }

    /// What people call it.
    pub(super) fn label(&self) -> &'a str {
        if self.description.is_empty() { self.stem.trim() } else { self.description.trim() }
    }
}

/// A version of numbers of any size between dots or single underscores, which mean the same. Parts that are missing count
/// as zero: `1` is `1.0`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Version {
    /// Each without zeros in front, the last not zero unless it is the only one.
    parts: Vec<String>,
}

impl Version {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = Vec::new();
        for part in text.split(['.', '_']) {
            if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            parts.push(part.trim_start_matches('0').to_owned());
        }
        while parts.len() > 1 && parts.last().is_some_and(String::is_empty) {
            parts.pop();
        }
        Some(Self { parts })
    }

    /// Whether the text has more than one part.
    pub(super) fn is_dotted(text: &str) -> bool {
        text.contains(['.', '_'])
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        // The longer number is the greater, as neither has zeros in front.
        let number = |part: &String| (part.len(), part.clone());
        self.parts.iter().map(number).cmp(other.parts.iter().map(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_part_by_part() {
        let version = |text: &str| Version::parse(text).unwrap();
        let mut texts = ["10", "1.10", "2", "1_9", "1.9.1", "0", "1", "07_00_00_002", "99999999999999999999"];
        texts.sort_by_key(|text| version(text));
        assert_eq!(
            texts,
            ["0", "1", "1_9", "1.9.1", "1.10", "2", "07_00_00_002", "10", "99999999999999999999"]
        );
        for (a, b) in [("1", "1.0.0"), ("1_2", "1.2"), ("01", "1"), ("0", "0.0"), ("1.0.3", "01_000_003")] {
            assert_eq!(version(a), version(b), "{a} {b}");
        }
        for text in ["", ".", "1.", "_1", "1..2", "1.a", "-1", "1 ", "v"] {
            assert_eq!(Version::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn names_are_taken_apart() {
        let parts = |stem| Name::parse(stem).map(|name| (name.prefix, name.version, name.description));
        assert_eq!(parts("V1_2__a__b"), Some((Prefix::Versioned, "1_2", "a__b")));
        assert_eq!(parts("V1"), Some((Prefix::Versioned, "1", "")));
        assert_eq!(parts("U1.0__a"), Some((Prefix::Undo, "1.0", "a")));
        assert_eq!(parts("B3__a"), Some((Prefix::Baseline, "3", "a")));
        assert_eq!(parts("R__a b"), Some((Prefix::Repeatable, "", "a b")));
        for stem in ["V1_a", "V__a", "R1__a", "R", "v1__a", "V1.x__a", "", "é"] {
            assert_eq!(parts(stem), None, "{stem:?}");
        }
    }
}
