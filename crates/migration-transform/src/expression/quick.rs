//! Expressions that can mostly be answered from the JSON as it is written: texts without escapes compared byte by byte,
//! and put together without being decoded. Where that is not clear, [`super::evaluate`] has the word.

use super::Expression;
use super::function::Function;
use super::node::{Comparison, Literal, Node};
use super::operand::compare_int;
use crate::json::text;

/// A field as it is written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Raw<'a> {
    /// `null`, or not there.
    Null,
    /// A text without escapes: the bytes from its first one on, and its length.
    Text(&'a [u8], usize),
    /// A number or a bool, in the same way.
    Bare(&'a [u8], usize),
    /// Something else.
    Unclear,
}

/// It can't be told at a glance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unclear;

/// A condition.
#[derive(Clone, Debug)]
pub(crate) enum Test {
    /// A field that is a bool.
    Field(usize),
    IsNull(usize),
    /// Whether the field is one of the texts.
    In(usize, Texts),
    Text(usize, Comparison, Box<[u8]>),
    Number(usize, Comparison, Number),
    Not(Box<Test>),
    And(Vec<Test>),
    Or(Vec<Test>),
}

/// A value to write.
#[derive(Clone, Debug)]
pub(crate) enum Make {
    /// A field's own.
    Copy(usize),
    /// A text from pieces; null if one of them is, or without those.
    Join { pieces: Vec<Piece>, skips_null: bool },
}

/// A part of a text.
#[derive(Clone, Debug)]
pub(crate) enum Piece {
    /// As JSON has it between quotes.
    Written(Box<[u8]>),
    Field(usize),
}

impl Expression {
    /// The same as a test of what is written, if it is of that kind.
    pub(crate) fn test(&self) -> Option<Test> {
        Test::new(&self.root)
    }

    /// The same as something to write, if it is of that kind.
    pub(crate) fn make(&self) -> Option<Make> {
        let (parts, skips_null) = match &self.root {
            Node::Field(field) => return Some(Make::Copy(*field)),
            Node::Join(parts) => (parts, false),
            Node::Call(Function::Concat, parts) => (parts, true),
            _ => return None,
        };
        Some(Make::Join { pieces: parts.iter().map(piece).collect::<Option<_>>()?, skips_null })
    }
}

fn piece(node: &Node) -> Option<Piece> {
    Some(match node {
        Node::Field(field) => Piece::Field(*field),
        Node::Literal(Literal::Text(said)) => {
            let mut written = Vec::new();
            text::write(said.as_bytes(), &mut written);
            Piece::Written(written[1..written.len() - 1].into())
        }
        _ => return None,
    })
}

impl Test {
    fn new(node: &Node) -> Option<Self> {
        let all = |parts: &[Node]| parts.iter().map(Self::new).collect::<Option<Vec<_>>>();
        match node {
            Node::Field(field) => Some(Self::Field(*field)),
            Node::Not(inner) => Some(Self::Not(Self::new(inner)?.into())),
            Node::And(parts) => Some(Self::And(all(parts)?)),
            Node::Or(parts) => Some(Self::Or(all(parts)?)),
            Node::IsNull(inner) => match **inner {
                Node::Field(field) => Some(Self::IsNull(field)),
                _ => None,
            },
            Node::In(value, list) => {
                let Node::Field(field) = **value else { return None };
                let text = |node: &Node| match node {
                    Node::Literal(Literal::Text(text)) => Some(text.clone()),
                    _ => None,
                };
                Some(Self::In(field, Texts::new(&list.iter().map(text).collect::<Option<Vec<_>>>()?)))
            }
            // As `value >= low and value <= high`.
            Node::Between(value, low, high) => Some(Self::And(vec![
                Self::compare(Comparison::GreaterOrEqual, value, low)?,
                Self::compare(Comparison::LessOrEqual, value, high)?,
            ])),
            Node::Compare(comparison, left, right) => Self::compare(*comparison, left, right)
                .or_else(|| Self::compare(comparison.turned(), right, left)),
            _ => None,
        }
    }

    fn compare(comparison: Comparison, field: &Node, literal: &Node) -> Option<Self> {
        let (Node::Field(field), Node::Literal(literal)) = (field, literal) else { return None };
        Some(match literal {
            Literal::Text(text) if comparison == Comparison::Equal => {
                Self::In(*field, Texts::new(std::slice::from_ref(text)))
            }
            Literal::Text(text) => Self::Text(*field, comparison, text.as_bytes().into()),
            Literal::Int(int) => Self::Number(*field, comparison, Number::Int((*int).try_into().ok()?)),
            Literal::Number(text) if text.contains(['.', 'e', 'E']) => {
                let float: f64 = text.parse().ok()?;
                let digits = text.split(['e', 'E']).next().unwrap_or_default();
                // Smaller than any float, or larger.
                let is_beyond = float.is_infinite()
                    || (float == 0.0 && digits.contains(|digit| matches!(digit, '1'..='9')));
                if is_beyond {
                    return None;
                }
                Self::Number(*field, comparison, Number::Float(float))
            }
            Literal::Number(_) | Literal::Null | Literal::Bool(_) => return None,
        })
    }

    /// Whether it holds; none if it is null. `field` reads fields.
    ///
    /// # Errors
    ///
    /// [`Unclear`]: it must be evaluated.
    #[inline]
    pub(crate) fn holds<'a>(&self, field: &impl Fn(usize) -> Raw<'a>) -> Result<Option<bool>, Unclear> {
        match self {
            Self::In(place, texts) => match field(*place) {
                Raw::Text(text, len) => Ok(Some(texts.has(&text[..len]))),
                Raw::Null => Ok(None),
                Raw::Bare(..) | Raw::Unclear => Err(Unclear),
            },
            _ => self.holds_otherwise(field),
        }
    }

    fn holds_otherwise<'a>(&self, field: &impl Fn(usize) -> Raw<'a>) -> Result<Option<bool>, Unclear> {
        match self {
            Self::Not(inner) => Ok(inner.holds(field)?.map(|truth| !truth)),
            Self::And(parts) => junction(parts, false, field),
            Self::Or(parts) => junction(parts, true, field),
            Self::Field(place)
            | Self::IsNull(place)
            | Self::In(place, _)
            | Self::Text(place, ..)
            | Self::Number(place, ..) => self.holds_for(field(*place)),
        }
    }

    /// A test of one field.
    fn holds_for(&self, raw: Raw<'_>) -> Result<Option<bool>, Unclear> {
        match (self, raw) {
            (Self::IsNull(_), Raw::Null) => Ok(Some(true)),
            (_, Raw::Null) => Ok(None),
            (Self::IsNull(_), Raw::Text(..) | Raw::Bare(..)) => Ok(Some(false)),
            (Self::Field(_), Raw::Bare(text, len)) => match &text[..len] {
                b"true" => Ok(Some(true)),
                b"false" => Ok(Some(false)),
                _ => Err(Unclear),
            },
            (Self::Text(_, comparison, other), Raw::Text(text, len)) => {
                Ok(Some(comparison.fits(text[..len].cmp(other))))
            }
            (Self::Number(_, comparison, other), Raw::Bare(text, len)) => {
                let order = Number::read(&text[..len]).and_then(|number| number.partial_cmp(*other));
                Ok(Some(comparison.fits(order.ok_or(Unclear)?)))
            }
            _ => Err(Unclear),
        }
    }
}

/// From the left, up to the first part that decides.
fn junction<'a>(
    parts: &[Test],
    decisive: bool,
    field: &impl Fn(usize) -> Raw<'a>,
) -> Result<Option<bool>, Unclear> {
    let mut truth = Some(!decisive);
    for part in parts {
        match part.holds(field)? {
            Some(found) if found == decisive => return Ok(Some(decisive)),
            Some(_) => {}
            None => truth = None,
        }
    }
    Ok(truth)
}

/// A number that is exact here: an integer, or a decimal of at most 15 digits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    Int(i64),
    Float(f64),
}

impl Number {
    /// `None` if it is something else, or too long.
    fn read(text: &[u8]) -> Option<Self> {
        const POWERS: [f64; 16] =
            [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
        let (negative, digits) = match text {
            [b'-', digits @ ..] => (true, digits),
            _ => (false, text),
        };
        if digits.len() > 16 {
            return None;
        }
        let (mut value, mut point) = (0_i64, None);
        for (place, byte) in digits.iter().enumerate() {
            match byte {
                b'0'..=b'9' => value = value * 10 + i64::from(byte - b'0'),
                b'.' if point.is_none() => point = Some(digits.len() - 1 - place),
                _ => return None,
            }
        }
        let value = if negative { -value } else { value };
        Some(match point {
            None => Self::Int(value),
            // Both are exact, so that the quotient is the nearest float.
            #[expect(clippy::cast_precision_loss, reason = "15 digits fit")]
            Some(places) => Self::Float(value as f64 / POWERS[places]),
        })
    }

    fn partial_cmp(self, other: Self) -> Option<std::cmp::Ordering> {
        Some(match (self, other) {
            (Self::Int(left), Self::Int(right)) => left.cmp(&right),
            (Self::Float(left), Self::Float(right)) => return left.partial_cmp(&right),
            (Self::Int(int), Self::Float(float)) => compare_int(int.into(), float),
            (Self::Float(float), Self::Int(int)) => compare_int(int.into(), float).reverse(),
        })
    }
}

/// The longest text that is one word.
const WORD: usize = 8;

/// A set of texts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Texts {
    /// Short ones by their length.
    words: Box<[Vec<u64>; WORD + 1]>,
    /// The others, in order.
    long: Vec<Box<[u8]>>,
}

impl Texts {
    fn new(texts: &[Box<str>]) -> Self {
        let mut all = Self::default();
        for text in texts {
            match all.words.get_mut(text.len()) {
                Some(words) => words.push(word(text.as_bytes())),
                None => all.long.push(text.as_bytes().into()),
            }
        }
        all.long.sort();
        all
    }

    #[inline]
    fn has(&self, text: &[u8]) -> bool {
        match self.words.get(text.len()) {
            // All of them: a branch for each would be guessed wrong.
            Some(words) => {
                let word = word(text);
                words.iter().fold(false, |found, other| found | (*other == word))
            }
            None => self.long.binary_search_by(|other| (**other).cmp(text)).is_ok(),
        }
    }
}

/// All of a text of at most eight bytes; texts of the same length have different words.
#[inline]
fn word(text: &[u8]) -> u64 {
    match (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        (Some(first), Some(last)) => {
            u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last))
        }
        _ => text.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}

#[cfg(test)]
mod tests;
