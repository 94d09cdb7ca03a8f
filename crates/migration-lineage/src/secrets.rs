//! Secrets in SQL and in what databases say about it: found by what stands around them, and masked.
//!
//! A statement may hold a password where the database needs one: `CREATE USER … IDENTIFIED BY`, the connection of a
//! subscription, the options of a user mapping. Whoever keeps or sends texts of statements sends them through here first.

mod in_place;
mod lists;
mod prose;
mod statement;
mod texts;
mod words;

use std::borrow::Cow;

use migration_syntax::Dialect;

use statement::Masked;

/// What stands in the place of a secret.
const MASK: &str = "***";

/// A text of SQL with `***` in the place of every secret in it. What is hidden:
///
/// * what a word like `password`, `secret`, `api_key` or `IDENTIFIED` is followed by: the strings and numbers up to the next
///   comma, semicolon or clause; so `ALTER ROLE … PASSWORD '…'`, `SET PASSWORD … = '…'`, `OPTIONS (password '…')`,
///   `password TEXT DEFAULT '…'` and `UPDATE … SET password = '…'`;
/// * all strings but names of users in a statement that makes, changes or grants to users;
/// * values for a column of such a name: of an `INSERT` that names its columns, of `SET (…) = (…)`, of a query or view whose
///   columns have names of their own, and in front of `AS password`;
/// * values beside such a name: in a row of `VALUES`, and where an `UPDATE` chooses its rows by it;
/// * what is put into a text that has such a name in it, by `||`, `format`, `concat` or `USING`;
/// * arguments of functions that encrypt or hash with a key, and SQLite's `PRAGMA key` and `ATTACH … KEY`;
/// * within other strings, comments and bodies of functions: passwords of URLs and of `key=value` texts, keys and signatures that
///   are parameters of addresses, `Bearer …`, passwords on a command line, and all of the above.
///
/// When in doubt it hides too much. What looks like any other data it can't know to be a secret: a password in a column called
/// `note`, or that of an `INSERT` without names of columns.
///
/// ```
/// use migration_lineage::mask_secrets;
/// use migration_syntax::Dialect;
///
/// let sql = "ALTER ROLE app PASSWORD 'hunter2' VALID UNTIL '2030-01-01'";
/// assert_eq!(mask_secrets(sql, Dialect::Postgres), "ALTER ROLE app PASSWORD '***' VALID UNTIL '2030-01-01'");
/// let sql = "SELECT dblink_connect('host=db password=hunter2')";
/// assert_eq!(mask_secrets(sql, Dialect::Postgres), "SELECT dblink_connect('host=db password=***')");
/// ```
#[must_use]
pub fn mask_secrets(sql: &str, dialect: Dialect) -> Cow<'_, str> {
    if !words::may_hold_a_secret(sql) {
        return Cow::Borrowed(sql);
    }
    Cow::Owned(Masked::of(sql, dialect).text)
}

/// The same with a `*` for each byte of a secret, so that every place in the text stays where it is: for an excerpt beside
/// which lines and columns are told. Of a string that is not closed, what stands in its first line counts.
///
/// ```
/// use migration_lineage::mask_secrets_in_place;
/// use migration_syntax::Dialect;
///
/// let sql = "ALTER ROLE app PASSWORD 'hunter2;\nSELECT 1";
/// assert_eq!(mask_secrets_in_place(sql, Dialect::Postgres), "ALTER ROLE app PASSWORD '********\nSELECT 1");
/// ```
#[must_use]
pub fn mask_secrets_in_place(sql: &str, dialect: Dialect) -> Cow<'_, str> {
    if !words::may_hold_a_secret(sql) {
        return Cow::Borrowed(sql);
    }
    let mut masked = String::with_capacity(sql.len());
    for secret in in_place::secrets(sql, dialect) {
        let start = secret.start.max(masked.len());
        if secret.end <= start {
            continue;
        }
        masked.push_str(&sql[masked.len()..start]);
        // Lines stay as well.
        let hidden = sql.as_bytes().get(start..secret.end).unwrap_or_default().iter();
        masked.extend(hidden.map(|byte| if matches!(byte, b'\n' | b'\r') { char::from(*byte) } else { '*' }));
    }
    masked.push_str(&sql[masked.len()..]);
    Cow::Owned(masked)
}

/// Whether what goes by a name is a secret, as far as the name tells.
#[must_use]
pub fn names_a_secret(name: &str) -> bool {
    words::is_secret(name)
}

/// What somebody said about a statement, with `***` in the place of every secret: of those that the statement holds, quoted
/// or not, and of what looks like one by itself. Without a statement, `sql` is empty.
#[must_use]
pub fn mask_message(message: &str, sql: &str, dialect: Dialect) -> String {
    let mut message = message.to_owned();
    if words::may_hold_a_secret(sql) {
        let mut secrets = Masked::of(sql, dialect).secrets;
        // The longest first: one may be a part of another.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.dedup();
        for secret in secrets {
            // Shorter ones are found in every other word; quoted they are told apart.
            if secret.chars().count() > 2 {
                message = message.replace(&secret, MASK);
            } else if !secret.is_empty() {
                message = message.replace(&format!("'{secret}'"), &format!("'{MASK}'"));
            }
        }
    }
    prose::mask(&message).0
}

#[cfg(test)]
mod tests;
