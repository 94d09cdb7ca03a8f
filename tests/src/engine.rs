//! SQLite itself, asked where a statement ends.

#![expect(unsafe_code, reason = "what SQLite says of a text is only to be had from its C interface")]

use std::ffi::{CStr, CString, c_char, c_int};
use std::ptr;

use libsqlite3_sys as ffi;

/// Whether `sqlite3_complete` takes the text for complete.
///
/// # Panics
/// For a text with a NUL.
#[must_use]
pub fn is_complete(text: &str) -> bool {
    let text = CString::new(text).expect("no NUL");
    // SAFETY: the pointer is to a string that ends in a NUL and lives until the call is over.
    unsafe { ffi::sqlite3_complete(text.as_ptr()) != 0 }
}

/// A database in memory that runs a text as `sqlite3_exec` would and notes where each statement ends.
#[derive(Debug)]
pub struct Engine {
    connection: *mut ffi::sqlite3,
}

impl Default for Engine {
    fn default() -> Self {
        let mut connection = ptr::null_mut();
        // SAFETY: the name ends in a NUL; the handle is closed in `drop`, also when opening it failed.
        let code = unsafe { ffi::sqlite3_open(c":memory:".as_ptr(), &raw mut connection) };
        assert_eq!(code, ffi::SQLITE_OK, "a database in memory can be opened");
        let engine = Self { connection };
        let quiet = engine.run("PRAGMA foreign_keys = OFF;");
        assert!(quiet.is_ok(), "{quiet:?}");
        engine
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // SAFETY: the handle is ours and no statement of it is left.
        unsafe { ffi::sqlite3_close(self.connection) };
    }
}

impl Engine {
    /// Runs every statement. Returns the text of each as SQLite sees it: from where the one before ended to its own end.
    ///
    /// # Errors
    /// SQLite's message and the texts before the statement that it refuses.
    ///
    /// # Panics
    /// For a text with a NUL.
    pub fn run<'a>(&self, text: &'a str) -> Result<Vec<&'a str>, String> {
        let owned = CString::new(text).expect("no NUL");
        let mut statements = Vec::new();
        let mut start = 0;
        while start < text.len() {
            let mut statement = ptr::null_mut();
            let mut tail: *const c_char = ptr::null();
            // SAFETY: `start` is within the string, which ends in a NUL and outlives the calls.
            let code = unsafe {
                let from = owned.as_ptr().add(start);
                ffi::sqlite3_prepare_v2(self.connection, from, -1, &raw mut statement, &raw mut tail)
            };
            if code != ffi::SQLITE_OK {
                return Err(format!("{} after {statements:?}", self.message()));
            }
            // SAFETY: SQLite sets `tail` to a place within the text that it was given, or to its end.
            let end =
                usize::try_from(unsafe { tail.offset_from(owned.as_ptr()) }).expect("a place in the text");
            if !statement.is_null() {
                statements.push(&text[start..end]);
                self.finish(statement)?;
            }
            start = end;
        }
        Ok(statements)
    }

    fn finish(&self, statement: *mut ffi::sqlite3_stmt) -> Result<(), String> {
        // SAFETY: the statement was prepared on this connection and is finalized once.
        let code: c_int = unsafe {
            while ffi::sqlite3_step(statement) == ffi::SQLITE_ROW {}
            ffi::sqlite3_finalize(statement)
        };
        if code == ffi::SQLITE_OK { Ok(()) } else { Err(self.message()) }
    }

    fn message(&self) -> String {
        // SAFETY: the message belongs to the connection and is copied before the next call.
        unsafe { CStr::from_ptr(ffi::sqlite3_errmsg(self.connection)) }.to_string_lossy().into_owned()
    }
}
