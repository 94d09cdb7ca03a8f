//! What a directory is read with besides its files.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use migration_syntax::Dialect;

use super::Layout;

/// How directories are read, and with which values. By default nothing of the world outside gets into a migration.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct LoadOptions {
    /// The layout; `None`: that which the files show.
    pub layout: Option<Layout>,
    /// What Flyway's placeholders stand for. `None`: a script that has one is refused.
    pub placeholders: Option<Placeholders>,
    /// The variables that take the place of their names where a file of goose asks for it (`ENVSUB ON`). `None`: such a file
    /// is refused. None of the values is shown anywhere: they are likely to be passwords.
    pub environment: Option<HashMap<String, String>>,
    /// The kind of database, which says what folder of a directory is meant that has one for each kind. `None`: such a directory
    /// is refused.
    pub dialect: Option<Dialect>,
}

impl From<Option<Layout>> for LoadOptions {
    fn from(layout: Option<Layout>) -> Self {
        Self { layout, ..Self::default() }
    }
}

/// Without the variables, of which some are secret and most are nobody's business.
impl fmt::Debug for LoadOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoadOptions")
            .field("layout", &self.layout)
            .field("placeholders", &self.placeholders)
            .field("dialect", &self.dialect)
            .field("environment", &self.environment.as_ref().map(HashMap::len))
            .finish()
    }
}

/// What Flyway's placeholders (`${name}`) stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Placeholders {
    /// What a placeholder begins with: `${` unless told otherwise, as in Flyway.
    pub prefix: String,
    /// What it ends with: `}` unless told otherwise.
    pub suffix: String,
    /// The values by name; case does not count in names.
    pub values: BTreeMap<String, PlaceholderValue>,
}

impl Default for Placeholders {
    fn default() -> Self {
        Self { prefix: "${".into(), suffix: "}".into(), values: BTreeMap::new() }
    }
}

/// What a placeholder stands for.
#[derive(Clone, PartialEq, Eq)]
pub struct PlaceholderValue {
    /// The text.
    pub text: String,
    /// Whether it is sent to the database and shown nowhere.
    pub secret: bool,
}

impl fmt::Debug for PlaceholderValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.secret { f.write_str("PlaceholderValue(***)") } else { write!(f, "{:?}", self.text) }
    }
}
