//! The words and signs of an expression.

use super::ExpressionError;

/// A word or sign and where it begins, counted in bytes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind<'a>,
    pub(super) start: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind<'a> {
    /// A name or keyword.
    Word(&'a str),
    /// A name in double quotes, without them.
    Quoted(String),
    /// A text in single quotes, without them.
    Text(String),
    /// A number without sign.
    Number(&'a str),
    /// An operator, bracket, comma or dot.
    Sign(&'static str),
    End,
}

/// Longer ones first, so that `<=` isn't read as `<`.
const SIGNS: &[&str] =
    &["||", "==", "!=", "<>", "<=", ">=", "=", "<", ">", "+", "-", "*", "/", "%", "(", ")", ",", "."];

/// The tokens of a text, with [`Kind::End`] at the end.
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, ExpressionError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    loop {
        let rest = &text[at..];
        let rest = rest.trim_start();
        at = text.len() - rest.len();
        let Some(first) = rest.chars().next() else {
            tokens.push(Token { kind: Kind::End, start: at });
            return Ok(tokens);
        };
        let (kind, length) = match first {
            '\'' => quoted(rest, '\'').map(|(said, length)| (Kind::Text(said), length)),
            '"' => quoted(rest, '"').map(|(said, length)| (Kind::Quoted(said), length)),
            _ if first.is_ascii_digit() || is_fraction(rest) => number(rest),
            _ if starts_word(first) => {
                let end = rest.find(|sign| !continues_word(sign)).unwrap_or(rest.len());
                Ok((Kind::Word(&rest[..end]), end))
            }
            _ => match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
                Some(sign) => Ok((Kind::Sign(sign), sign.len())),
                None => Err(format!("`{first}` means nothing here")),
            },
        }
        .map_err(|why| ExpressionError::at(text, at, why))?;
        tokens.push(Token { kind, start: at });
        at += length;
    }
}

fn starts_word(sign: char) -> bool {
    sign.is_alphabetic() || sign == '_'
}

fn continues_word(sign: char) -> bool {
    sign.is_alphanumeric() || sign == '_' || sign == '$'
}

fn is_fraction(text: &str) -> bool {
    text.as_bytes().first() == Some(&b'.') && text.as_bytes().get(1).is_some_and(u8::is_ascii_digit)
}

/// What stands between quotes, where two of them are one, and the length with the quotes.
fn quoted(text: &str, quote: char) -> Result<(String, usize), String> {
    let mut said = String::new();
    let mut at = 1;
    loop {
        let Some(end) = text[at..].find(quote) else { return Err(format!("there is no second {quote}")) };
        said.push_str(&text[at..at + end]);
        at += end + 1;
        if !text[at..].starts_with(quote) {
            return Ok((said, at));
        }
        said.push(quote);
        at += 1;
    }
}

fn number(text: &str) -> Result<(Kind<'_>, usize), String> {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') {
        end += 1 + digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = bytes.get(end + 1 + sign).map_or(0, |_| digits(end + 1 + sign));
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    let tail = text[end..].find(|sign| !continues_word(sign) && sign != '.').unwrap_or(text.len() - end);
    if tail > 0 || text[..end].ends_with('.') {
        return Err(format!("`{}` is no number", &text[..end + tail]));
    }
    Ok((Kind::Number(&text[..end]), end))
}
