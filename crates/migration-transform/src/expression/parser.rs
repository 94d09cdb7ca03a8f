//! From a text to a tree. From the loosest to the tightest: `or`, `and`, `not`, comparisons, `||`, `+ -`, `* / %`, sign.

mod cursor;

use super::ExpressionError;
use super::function::Function;
use super::node::{Case, Comparison, Literal, Node, OnFailure, Operator};
use super::token::{Kind, Token, tokens};
use crate::path::Path;
use crate::spec::{Target, Type};

/// How deeply parts may be nested in one another, and how many sums and products there may be: evaluation is recursive.
const MAX_NESTING: usize = 64;
const MAX_CALCULATIONS: usize = 512;

/// Words that are no names of fields unless they are in double quotes.
const RESERVED: &[&str] = &[
    "and", "or", "not", "in", "between", "like", "is", "null", "true", "false", "case", "when", "then",
    "else", "end", "as", "escape",
];

/// The tree and the paths that it reads.
pub(super) fn parse(text: &str) -> Result<(Node, Vec<Path>), ExpressionError> {
    let mut parser =
        Parser { text, tokens: tokens(text)?, at: 0, paths: Vec::new(), nesting: 0, calculations: 0 };
    let node = parser.expression()?;
    match parser.kind() {
        Kind::End => Ok((node, parser.paths)),
        _ => Err(parser.unexpected("an operator or the end")),
    }
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token<'a>>,
    at: usize,
    paths: Vec<Path>,
    nesting: usize,
    calculations: usize,
}

type Parsed = Result<Node, ExpressionError>;

impl<'a> Parser<'a> {
    fn expression(&mut self) -> Parsed {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            return Err(self.wrong("this is nested too deeply"));
        }
        let node = self.several("or", Self::conjunction, Node::Or);
        self.nesting -= 1;
        node
    }

    fn conjunction(&mut self) -> Parsed {
        self.several("and", Self::negation, Node::And)
    }

    /// One part, or several with a word between them.
    fn several(&mut self, word: &str, part: fn(&mut Self) -> Parsed, all: fn(Vec<Node>) -> Node) -> Parsed {
        let first = part(self)?;
        let mut parts = vec![first];
        while self.take_word(word) {
            parts.push(part(self)?);
        }
        if parts.len() > 1 { Ok(all(parts)) } else { parts.pop().ok_or_else(|| self.unexpected("a value")) }
    }

    fn negation(&mut self) -> Parsed {
        let mut negated = false;
        let mut any = false;
        while self.take_word("not") {
            (negated, any) = (!negated, true);
        }
        let node = self.comparison()?;
        let negate = |node| Node::Not(Box::new(node));
        Ok(match (any, negated) {
            (false, _) => node,
            (true, true) => negate(node),
            // That the value is a bool has to be checked all the same.
            (true, false) => negate(negate(node)),
        })
    }

    fn comparison(&mut self) -> Parsed {
        let mut left = self.joined()?;
        loop {
            if let Some(comparison) = self.comparison_sign() {
                let right = self.joined()?;
                left = Node::Compare(comparison, Box::new(left), Box::new(right));
                if self.peek_comparison() {
                    return Err(self.wrong("comparisons don't chain: put `and` between two"));
                }
                continue;
            }
            if self.take_word("is") {
                let negated = self.take_word("not");
                if !self.take_word("null") {
                    return Err(self.unexpected("`null`"));
                }
                left = not_if(negated, Node::IsNull(Box::new(left)));
                continue;
            }
            let negated = self.is_word("not") && self.take_word("not");
            left = not_if(
                negated,
                if self.take_word("in") {
                    self.expect("(")?;
                    Node::In(Box::new(left), self.list()?)
                } else if self.take_word("between") {
                    let low = self.joined()?;
                    if !self.take_word("and") {
                        return Err(self.unexpected("`and`"));
                    }
                    Node::Between(Box::new(left), Box::new(low), Box::new(self.joined()?))
                } else if self.take_word("like") {
                    let pattern = self.joined()?;
                    Node::Like(Box::new(left), Box::new(pattern), self.escape()?)
                } else if negated {
                    return Err(self.unexpected("`in`, `between` or `like`"));
                } else {
                    return Ok(left);
                },
            );
        }
    }

    fn peek_comparison(&mut self) -> bool {
        let at = self.at;
        let found = self.comparison_sign().is_some();
        self.at = at;
        found
    }

    fn comparison_sign(&mut self) -> Option<Comparison> {
        let comparison = match self.kind() {
            Kind::Sign("=" | "==") => Comparison::Equal,
            Kind::Sign("!=" | "<>") => Comparison::NotEqual,
            Kind::Sign("<") => Comparison::Less,
            Kind::Sign("<=") => Comparison::LessOrEqual,
            Kind::Sign(">") => Comparison::Greater,
            Kind::Sign(">=") => Comparison::GreaterOrEqual,
            _ => return None,
        };
        self.at += 1;
        Some(comparison)
    }

    fn escape(&mut self) -> Result<Option<char>, ExpressionError> {
        if !self.take_word("escape") {
            return Ok(None);
        }
        if let Kind::Text(text) = self.kind()
            && let (Some(sign), true) = (text.chars().next(), text.chars().count() == 1)
        {
            self.at += 1;
            return Ok(Some(sign));
        }
        Err(self.unexpected("one character in single quotes"))
    }

    fn joined(&mut self) -> Parsed {
        let first = self.sum()?;
        let mut parts = vec![first];
        while self.take("||") {
            parts.push(self.sum()?);
        }
        if parts.len() > 1 {
            Ok(Node::Join(parts))
        } else {
            parts.pop().ok_or_else(|| self.unexpected("a value"))
        }
    }

    fn sum(&mut self) -> Parsed {
        self.calculation(&[("+", Operator::Add), ("-", Operator::Subtract)], Self::product)
    }

    fn product(&mut self) -> Parsed {
        let operators = &[("*", Operator::Multiply), ("/", Operator::Divide), ("%", Operator::Remainder)];
        self.calculation(operators, Self::signed)
    }

    fn calculation(&mut self, operators: &[(&str, Operator)], part: fn(&mut Self) -> Parsed) -> Parsed {
        let mut left = part(self)?;
        while let Some((_, operator)) = operators.iter().find(|(sign, _)| self.take(sign)) {
            self.calculations += 1;
            if self.calculations > MAX_CALCULATIONS {
                return Err(self.wrong("there are too many sums and products in this expression"));
            }
            left = Node::Calculate(*operator, Box::new(left), Box::new(part(self)?));
        }
        Ok(left)
    }

    fn signed(&mut self) -> Parsed {
        let mut minus = 0;
        let mut any = false;
        loop {
            if self.take("-") {
                minus += 1;
            } else if !self.take("+") {
                break;
            }
            any = true;
        }
        let node = self.primary()?;
        Ok(match node {
            Node::Literal(Literal::Int(number)) if any => {
                Node::Literal(Literal::Int(if minus % 2 == 1 { -number } else { number }))
            }
            Node::Literal(Literal::Number(text)) if any => {
                Node::Literal(Literal::Number(if minus % 2 == 1 { negated(&text) } else { text }))
            }
            node if any => {
                let once = Node::Negate(Box::new(node));
                if minus % 2 == 1 { once } else { Node::Negate(Box::new(once)) }
            }
            node => node,
        })
    }

    fn primary(&mut self) -> Parsed {
        let kind = self.kind().clone();
        match kind {
            Kind::Number(text) => {
                self.at += 1;
                Ok(Node::Literal(
                    number(text).ok_or_else(|| self.wrong_before(format!("`{text}` is no number")))?,
                ))
            }
            Kind::Text(text) => {
                self.at += 1;
                Ok(Node::Literal(Literal::Text(text.into())))
            }
            Kind::Sign("(") => {
                self.at += 1;
                let inner = self.expression()?;
                self.expect(")")?;
                Ok(inner)
            }
            Kind::Quoted(_) => self.field(),
            Kind::Word(word) => self.word(word),
            _ => Err(self.unexpected("a value")),
        }
    }

    fn word(&mut self, word: &'a str) -> Parsed {
        let lower = word.to_ascii_lowercase();
        let literal = match lower.as_str() {
            "null" => Some(Literal::Null),
            "true" => Some(Literal::Bool(true)),
            "false" => Some(Literal::Bool(false)),
            _ => None,
        };
        if let Some(literal) = literal {
            self.at += 1;
            return Ok(Node::Literal(literal));
        }
        if lower == "case" {
            self.at += 1;
            return self.case();
        }
        if RESERVED.contains(&lower.as_str()) {
            return Err(self.unexpected("a value"));
        }
        if self.tokens.get(self.at + 1).is_some_and(|next| next.kind == Kind::Sign("(")) {
            return self.call(&lower);
        }
        self.field()
    }

    /// A path: names with dots between them.
    fn field(&mut self) -> Parsed {
        let mut names = Vec::new();
        loop {
            match self.kind() {
                Kind::Word(word) => names.push((*word).to_owned()),
                Kind::Quoted(name) => names.push(name.clone()),
                _ => return Err(self.unexpected("a name")),
            }
            self.at += 1;
            if !self.take(".") {
                break;
            }
        }
        let path = Path::through(names);
        let slot = self.paths.iter().position(|known| *known == path).unwrap_or_else(|| {
            self.paths.push(path);
            self.paths.len() - 1
        });
        Ok(Node::Field(slot))
    }

    fn call(&mut self, name: &str) -> Parsed {
        let start = self.at;
        self.at += 2;
        if name == "cast" || name == "try_cast" {
            let value = self.expression()?;
            if !self.take_word("as") {
                return Err(self.unexpected("`as`"));
            }
            let to = self.type_name()?;
            self.expect(")")?;
            let on_failure = if name == "cast" { OnFailure::Fail } else { OnFailure::Null };
            return Ok(Node::Cast(Box::new(value), Target::from(to), on_failure));
        }
        let at_name =
            |parser: &Self, why: String| ExpressionError::at(parser.text, parser.tokens[start].start, why);
        let Some(function) = Function::from_name(name) else {
            return Err(at_name(self, format!("there is no function `{name}`, only {}", Function::names())));
        };
        let arguments = if self.take(")") { Vec::new() } else { self.list()? };
        let (least, most) = function.arguments();
        if arguments.len() < least || arguments.len() > most {
            return Err(at_name(self, format!("`{}` takes {}", function.name(), function.usage())));
        }
        Ok(Node::Call(function, arguments))
    }

    fn type_name(&mut self) -> Result<Type, ExpressionError> {
        if let Kind::Word(word) = self.kind()
            && let Some(to) = Type::from_name(&word.to_ascii_lowercase())
        {
            self.at += 1;
            return Ok(to);
        }
        Err(self.unexpected(&format!("a type ({})", Type::ALL.map(Type::name).join(", "))))
    }

    /// Values with commas between them, up to a closing bracket.
    fn list(&mut self) -> Result<Vec<Node>, ExpressionError> {
        let mut values = vec![self.expression()?];
        while self.take(",") {
            values.push(self.expression()?);
        }
        self.expect(")")?;
        Ok(values)
    }

    fn case(&mut self) -> Parsed {
        let subject = if self.is_word("when") { None } else { Some(Box::new(self.expression()?)) };
        let mut arms = Vec::new();
        while self.take_word("when") {
            let when = self.expression()?;
            if !self.take_word("then") {
                return Err(self.unexpected("`then`"));
            }
            arms.push((when, self.expression()?));
        }
        if arms.is_empty() {
            return Err(self.unexpected("`when`"));
        }
        let otherwise = if self.take_word("else") { Some(Box::new(self.expression()?)) } else { None };
        if !self.take_word("end") {
            return Err(self.unexpected("`when`, `else` or `end`"));
        }
        Ok(Node::Case(Case { subject, arms, otherwise }))
    }
}

/// The number with the other sign; it may have one already, from inside of brackets.
fn negated(text: &str) -> Box<str> {
    text.strip_prefix('-').map_or_else(|| format!("-{text}").into(), Into::into)
}

fn not_if(negated: bool, node: Node) -> Node {
    if negated { Node::Not(Box::new(node)) } else { node }
}

/// A number as JSON has it, which wants a digit before the dot and no zeros in front.
fn number(text: &str) -> Option<Literal> {
    if text.bytes().all(|byte| byte.is_ascii_digit())
        && let Ok(int) = text.parse()
    {
        return Some(Literal::Int(int));
    }
    let digits = text.trim_start_matches('0');
    let plain = if digits.starts_with(|first: char| first.is_ascii_digit()) { "" } else { "0" };
    let text = format!("{plain}{digits}");
    crate::value::Number::from_text(&text)?;
    Some(Literal::Number(text.into()))
}
