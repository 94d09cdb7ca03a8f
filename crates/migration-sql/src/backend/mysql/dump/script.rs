//! Writing the text.

use migration_syntax::{Dialect, TokenKind, tokens};

use super::objects::Object;

/// The text is read as it is written here whoever runs it. Checks of foreign keys are off, so that tables may come before
/// those that they refer to. A table may have a zero as a moment's default, which a strict mode refuses.
const HEAD: &str =
    "SET @migration_client = @@character_set_client, @migration_results = @@character_set_results, \
    @migration_collation = @@collation_connection;
SET @migration_sql_mode = @@sql_mode, @migration_time_zone = @@time_zone, \
    @migration_foreign_key_checks = @@foreign_key_checks;
SET NAMES utf8mb4;
SET sql_mode = 'NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', foreign_key_checks = 0;
";

const FOOT: &str = "
SET sql_mode = @migration_sql_mode, time_zone = @migration_time_zone, \
    foreign_key_checks = @migration_foreign_key_checks;
SET character_set_client = @migration_client, character_set_results = @migration_results, \
    collation_connection = @migration_collation;
";

const SQL_MODE: &str = "NO_ENGINE_SUBSTITUTION";
const TIME_ZONE: &str = "+00:00";

/// Foreign keys to columns that are no unique key as a whole
/// (<https://dev.mysql.com/doc/refman/en/server-system-variables.html#sysvar_restrict_fk_on_non_standard_key>).
const LOOSE: (&str, &str) = (
    "SET @migration_restrict_fk = @@restrict_fk_on_non_standard_key, restrict_fk_on_non_standard_key = OFF;\n",
    "SET restrict_fk_on_non_standard_key = @migration_restrict_fk;\n",
);

/// Tried in this order; then longer ones.
const DELIMITERS: &[&str] = &["//", ";;", "$$", "%%"];

/// The text that comes to be.
pub(super) struct Script {
    text: String,
    /// The settings that are in effect, by name.
    settings: [(&'static str, String); 3],
    loose: bool,
}

impl Script {
    /// One with only its head.
    pub(super) fn new(loose_foreign_keys: bool) -> Self {
        let text = if loose_foreign_keys { HEAD.to_owned() + LOOSE.0 } else { HEAD.to_owned() };
        let settings = [
            ("sql_mode", SQL_MODE.to_owned()),
            ("time_zone", TIME_ZONE.to_owned()),
            // What `SET NAMES` makes it depends on the server.
            ("collation_connection", String::new()),
        ];
        Self { text, settings, loose: loose_foreign_keys }
    }

    /// Writes what makes an object, after an empty line, with the settings that it was made under.
    pub(super) fn add(&mut self, object: &Object) {
        self.text.push('\n');
        let mut changes = Vec::new();
        let sql_mode = object.sql_mode.as_deref().unwrap_or(SQL_MODE);
        let time_zone = object.time_zone.as_deref().unwrap_or(TIME_ZONE);
        let wanted = [Some(sql_mode), Some(time_zone), object.collation.as_deref()];
        for ((name, current), wanted) in self.settings.iter_mut().zip(wanted) {
            if let Some(value) = wanted.filter(|value| *value != current.as_str()) {
                changes.push(format!("{name} = '{}'", value.replace('\'', "''")));
                *current = value.to_owned();
            }
        }
        if !changes.is_empty() {
            self.text.push_str(&format!("SET {};\n", changes.join(", ")));
        }
        let sql = object.sql.trim_end();
        if has_semicolon(sql) {
            let delimiter = delimiter_for(sql);
            self.text.push_str(&format!("DELIMITER {delimiter}\n{sql}\n{delimiter}\nDELIMITER ;\n"));
        } else {
            // A body may end in a comment, which must not take the semicolon in.
            let in_comment =
                sql.lines().next_back().is_some_and(|line| line.contains("--") || line.contains('#'));
            self.text.push_str(sql);
            self.text.push_str(if in_comment { "\n;\n" } else { ";\n" });
        }
    }

    /// Notes what the text doesn't make.
    pub(super) fn leave_out(&mut self, what: &str) {
        self.text.push_str(&format!("\n-- Left out: {}\n", what.replace(['\r', '\n'], " ")));
    }

    /// The whole text.
    pub(super) fn finish(mut self) -> String {
        self.text.push_str(FOOT);
        if self.loose {
            self.text.push_str(LOOSE.1);
        }
        self.text
    }
}

/// Whether a semicolon stands outside of texts and comments; also where that can't be told, as under a mode in which a
/// backslash is one.
fn has_semicolon(sql: &str) -> bool {
    tokens(sql, Dialect::Mysql).any(|token| token.map_or(true, |token| token.kind == TokenKind::Semicolon))
}

/// One that stands nowhere in a statement: the servers' client looks for it in strings, too, if a quote confuses it.
fn delimiter_for(sql: &str) -> String {
    let longer = (1..).map(|number| format!("//{number}//"));
    let mut candidates = DELIMITERS.iter().map(|&delimiter| delimiter.to_owned()).chain(longer);
    candidates.find(|delimiter| !sql.contains(delimiter.as_str())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn settings_change_when_they_must_and_bodies_get_a_delimiter() {
        let object = |sql: &str, mode: Option<&str>| Object {
            sql: sql.to_owned(),
            sql_mode: mode.map(str::to_owned),
            ..Object::default()
        };
        let mut script = Script::new(false);
        script.add(&object("CREATE TABLE t (a int) COMMENT ';'", None));
        script.add(&object("CREATE PROCEDURE p() BEGIN SELECT 1; END", Some("ANSI")));
        script.add(&object("CREATE PROCEDURE q() BEGIN SELECT '//'; END -- ;", Some("ANSI")));
        script.add(&object("CREATE PROCEDURE r() SELECT 1 # one", Some("")));
        script.leave_out("view `a\nb`");
        let text = script.finish();
        let body = text.strip_prefix(HEAD).and_then(|text| text.strip_suffix(FOOT)).unwrap();
        expect![[r"

            CREATE TABLE t (a int) COMMENT ';';

            SET sql_mode = 'ANSI';
            DELIMITER //
            CREATE PROCEDURE p() BEGIN SELECT 1; END
            //
            DELIMITER ;

            DELIMITER ;;
            CREATE PROCEDURE q() BEGIN SELECT '//'; END -- ;
            ;;
            DELIMITER ;

            SET sql_mode = '';
            CREATE PROCEDURE r() SELECT 1 # one
            ;

            -- Left out: view `a b`
        "]]
        .assert_eq(body);
    }
}
