//! goose's environment substitution: `$NAME` and `${NAME}` in the lines behind `-- +goose ENVSUB ON`.
//!
//! The grammar is that of `mfridman/interpolate`, which goose uses line by line: names are letters, digits and `_`, and
//! begin with a letter; `${NAME:-text}` is the text if the variable is empty or not set, `${NAME-text}` if it is not set, and
//! may have variables itself; `${NAME?message}` has to be set; `$$` and `\$` are a dollar sign, `\\` and `$(` stay as they are.
//!
//! Where we differ: a variable that is not set is an error and not an empty text, and parts of values (`${NAME:1:2}`) are
//! refused.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use migration_model::message;

use super::LoadError;
use super::read::place;
use crate::replaced::Replacer;

/// Puts values into the lines of `text` that `lines` are (byte spans in order).
///
/// # Errors
/// [`LoadError::Unset`] for a variable that is not set, [`LoadError::Unsupported`] for what is no expansion.
pub(super) fn substitute(
    text: &str,
    lines: &[Range<usize>],
    variables: &HashMap<String, String>,
    path: &Path,
    replacer: &mut Replacer<'_>,
) -> Result<(), LoadError> {
    for line in lines {
        let mut expander = Expander { text: &text[..line.end], at: line.start, variables };
        while let Some((place, value)) = expander.next(None).map_err(|fault| fault.of(text, path))? {
            replacer.put(place, &value.text, value.secret);
        }
    }
    Ok(())
}

/// What a dollar sign and what follows stand for.
struct Value {
    text: String,
    /// Whether it came from the environment.
    secret: bool,
}

struct Fault {
    at: usize,
    what: What,
}

enum What {
    Unset(String),
    Odd(String),
}

impl Fault {
    fn of(self, text: &str, path: &Path) -> LoadError {
        let ((line, column), path) = (place(text.as_bytes(), self.at), path.to_owned());
        match self.what {
            What::Unset(what) => LoadError::Unset { path, line, column, what },
            What::Odd(what) => LoadError::Unsupported { path, line: Some(line), column: Some(column), what },
        }
    }
}

struct Expander<'a> {
    /// Up to the end of the line.
    text: &'a str,
    at: usize,
    variables: &'a HashMap<String, String>,
}

impl Expander<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn odd<T>(at: usize, what: impl Into<String>) -> Result<T, Fault> {
        Err(Fault { at, what: What::Odd(what.into()) })
    }

    /// The next part that stands for something else, up to `stop` or the end of the line.
    fn next(&mut self, stop: Option<char>) -> Result<Option<(Range<usize>, Value)>, Fault> {
        while let Some(sign) = self.peek().filter(|sign| Some(*sign) != stop) {
            let at = self.at;
            if self.rest().starts_with("\\\\") || self.rest().starts_with("$(") {
                self.at += 2;
            } else if self.rest().starts_with("\\$") || self.rest().starts_with("$$") {
                self.at += 2;
                return Ok(Some((at..self.at, Value { text: "$".into(), secret: false })));
            } else if sign == '$' && !self.rest()[1..].trim_end_matches(['\r', '\n']).is_empty() {
                self.at += 1;
                let value = self.expansion(at)?;
                return Ok(Some((at..self.at, value)));
            } else {
                self.at += sign.len_utf8();
            }
        }
        Ok(None)
    }

    /// What follows a dollar sign.
    fn expansion(&mut self, at: usize) -> Result<Value, Fault> {
        if self.peek() != Some('{') {
            let name = self.name(at)?;
            return self.value(at, &name, None);
        }
        self.at += 1;
        let name = self.name(at)?;
        let rest = self.rest();
        let operator = [":-", "-", "?", "}"].into_iter().find(|operator| rest.starts_with(operator));
        let Some(operator) = operator else {
            return Self::odd(
                at,
                "this is no expansion that is known here: expected `${NAME}`, `${NAME:-text}`, `${NAME-text}` or \
                 `${NAME?message}`",
            );
        };
        self.at += operator.len();
        if operator == "}" {
            return self.value(at, &name, None);
        }
        let word = self.word(at)?;
        match operator {
            "?" => self.value(at, &name, Some(&word.text)),
            ":-" if self.variables.get(&name).is_some_and(String::is_empty) => Ok(word),
            _ if self.variables.contains_key(&name) => self.value(at, &name, None),
            _ => Ok(word),
        }
    }

    /// The text behind an operator, and the brace that ends it.
    fn word(&mut self, at: usize) -> Result<Value, Fault> {
        let mut word = Value { text: String::new(), secret: false };
        let mut from = self.at;
        while let Some((place, value)) = self.next(Some('}'))? {
            word.text.push_str(&self.text[from..place.start]);
            word.text.push_str(&value.text);
            word.secret |= value.secret;
            from = place.end;
        }
        word.text.push_str(&self.text[from..self.at]);
        if self.peek() != Some('}') {
            return Self::odd(at, "the expansion that begins here has no `}` on its line");
        }
        self.at += 1;
        Ok(word)
    }

    fn name(&mut self, at: usize) -> Result<String, Fault> {
        let rest = self.rest();
        let end = rest.find(|sign: char| !sign.is_alphanumeric() && sign != '_').unwrap_or(rest.len());
        let name = rest[..end].to_owned();
        if !name.starts_with(char::is_alphabetic) {
            return Self::odd(
                at,
                "goose expects the name of a variable behind the dollar sign; `$$` stands for the sign itself",
            );
        }
        self.at += end;
        Ok(name)
    }

    fn value(&self, at: usize, name: &str, message: Option<&str>) -> Result<Value, Fault> {
        let Some(text) = self.variables.get(name) else {
            let message = message.map(|message| format!(" ({})", message::clip(message))).unwrap_or_default();
            let what = format!("the environment variable `{}`{message}", message::clip(name));
            return Err(Fault { at, what: What::Unset(what) });
        };
        Ok(Value { text: text.clone(), secret: true })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &str) {
        let variables = [("A", "aé"), ("EMPTY", ""), ("B_2", "b")];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let mut replacer = Replacer::new(line);
        let lines = std::iter::once(0..line.len()).collect::<Vec<_>>();
        let done = substitute(line, &lines, &variables, Path::new("f"), &mut replacer);
        let text = done.map_or_else(|error| format!("{}: {error}", error.code()), |()| replacer.finish().0);
        assert_eq!(text, expected, "{line}");
    }

    #[test]
    fn values_take_the_place_of_names() {
        for (line, expected) in [
            ("SELECT '$A', ${A}x, $B_2;", "SELECT 'aé', aéx, b;"),
            ("${EMPTY}|$EMPTY|", "||"),
            ("${NO:-x y}|${EMPTY:-x}|${A:-x}", "x y|x|aé"),
            ("${NO-x}|${EMPTY-x}|${A-x}|${NO-}", "x||aé|"),
            ("${NO:-${NOT:-<$A>}}", "<aé>"),
            ("${A?has to be there}", "aé"),
            (r"\$A $$A \\ $(pwd) $", r"$A $A \\ $(pwd) $"),
            ("a $\r\n", "a $\r\n"),
        ] {
            check(line, expected);
        }
    }

    #[test]
    fn what_goes_wrong() {
        let odd =
            "goose expects the name of a variable behind the dollar sign; `$$` stands for the sign itself";
        check("\n x $NO", "load.unset_value: `f` line 2: the environment variable `NO` has no value");
        check(
            "${NO?set it}",
            "load.unset_value: `f` line 1: the environment variable `NO` (set it) has no value",
        );
        check("$1", &format!("load.unsupported: `f` line 1: {odd}"));
        check("${_A}", &format!("load.unsupported: `f` line 1: {odd}"));
        check(
            "${A",
            "load.unsupported: `f` line 1: this is no expansion that is known here: expected `${NAME}`, \
             `${NAME:-text}`, `${NAME-text}` or `${NAME?message}`",
        );
        check(
            "${NO:-x",
            "load.unsupported: `f` line 1: the expansion that begins here has no `}` on its line",
        );
    }
}
