//! `DECLARE`: variables, cursors, and what MySQL does where a statement fails.

use migration_syntax::Dialect;

use super::blocks::{ROWS, Scan, Step};

impl Scan<'_> {
    /// Behind `DECLARE`.
    pub(super) fn declaration(&mut self, at: usize) {
        if self.dialect == Dialect::Postgres {
            // As many as there are before `BEGIN`, and there may be none.
            self.declaring = true;
            self.at = at;
            return;
        }
        let end = self.end(at);
        let handler = self.find(at, |at| self.is(at, "handler"));
        if handler < end {
            // What it does begins behind the conditions.
            let begins = |at: usize| {
                let leads =
                    ["begin", "set", "if", "leave", "iterate", "rollback", "resignal", "signal", "get"];
                self.is_one_of(at, &leads) || self.is_one_of(at, ROWS)
            };
            self.at = self.find(handler + 1, begins);
            return;
        }
        // MySQL declares one at a time.
        self.variable(at);
    }

    /// A variable or cursor, with what it begins with.
    pub(super) fn variable(&mut self, at: usize) {
        let end = self.end(at);
        let mut last = at;
        while self.sign(last + 1, ",") {
            last += 2;
        }
        let names = self.words(at, last + 1);
        let cursor = self.find(at, |at| self.is(at, "cursor"));
        let query = self.find(cursor, |at| self.is_one_of(at, &["for", "is"]));
        let sign = self.find(at, |at| self.is(at, "default") || self.sign(at, "="));
        let step = if query < end {
            Step::Cursor { name: names, query: self.words(query + 1, end) }
        } else if self.is(last + 1, "alias") && self.is(last + 2, "for") {
            Step::Assign { target: names, value: self.words(last + 3, end) }
        } else {
            let constant = usize::from(self.is(last + 1, "constant"));
            let type_end = sign.min(end) - usize::from(self.sign(sign, "=") && self.sign(sign - 1, ":"));
            let of = self.words(last + 1 + constant, type_end);
            let value = if sign < end { self.words(sign + 1, end) } else { &[] };
            Step::Declare { names, of, value }
        };
        self.steps.push(step);
        self.at = end;
    }
}
