//! How much is tried, and from which seeds.

/// How much is tried, and from which seeds.
#[derive(Debug, Clone)]
pub struct Effort {
    pub(crate) seeds: Vec<u64>,
    /// How many faults have to hit, for each seed.
    pub(crate) faults: usize,
}

/// A seed that is tried every time, so that what was found with it stays found.
const FIXED: u64 = 1;

impl Effort {
    /// What the environment asks for: `MIGRATION_FAULT_SEED` and `MIGRATION_FAULT_ROUNDS`, how many faults have to hit.
    /// Without them one fixed and one random seed share `faults`.
    ///
    /// # Panics
    /// When a variable holds no number.
    #[must_use]
    pub fn from_environment(faults: usize) -> Self {
        let random = fastrand::u64(1_000..1_000_000_000);
        let wanted = number("MIGRATION_FAULT_ROUNDS").map(|n| usize::try_from(n).unwrap_or(usize::MAX));
        match (number("MIGRATION_FAULT_SEED"), wanted) {
            (Some(seed), wanted) => Self { seeds: vec![seed], faults: wanted.unwrap_or(faults) },
            (None, Some(wanted)) => Self { seeds: vec![random], faults: wanted },
            (None, None) => Self { seeds: vec![FIXED, random], faults: faults.div_ceil(2) },
        }
    }
}

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is no number: {text}")))
}
