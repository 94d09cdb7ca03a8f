//! Panics of libraries on damaged input, which become errors.

use std::cell::Cell;

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic on this thread would be caught at once and become an error, as a library that reads a damaged file has no other way
/// to say so. For a panic hook, that it need not tell anybody.
///
/// ```
/// assert!(!migration_transform::catches_panics());
/// ```
#[must_use]
pub fn catches_panics() -> bool {
    GUARDED.get()
}

/// What the work comes to; none if it panics.
#[cfg_attr(not(any(test, feature = "parquet")), expect(dead_code, reason = "no other library needs it"))]
pub(crate) fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    let before = GUARDED.replace(true);
    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).ok();
    GUARDED.set(before);
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_can_ask() {
        assert_eq!(guarded(catches_panics), Some(true));
        assert_eq!(guarded(|| assert!(!catches_panics(), "caught")), None);
        assert!(!catches_panics());
    }
}
