//! What an expression is for a record. Null in, null out, unless a part says otherwise; a failure is a [`Reason`].

use bumpalo::Bump;
use bumpalo::collections::String as Text;

use super::MAX_TEXT;
use super::calculate::{calculate, negate};
use super::call::call;
use super::like::like;
use super::node::{Case, Comparison, Literal, Node, OnFailure};
use super::operand::{Fields, Operand, compare};
use crate::convert::{Conversion, Outcome};
use crate::reason::Reason;
use crate::spec::Target;

/// The fields and where to put what is made on the way.
pub(super) struct Scope<'a, F> {
    pub(super) fields: &'a F,
    pub(super) arena: &'a Bump,
}

pub(super) type Evaluated<'a> = Result<Operand<'a>, Reason>;

/// Appends to a text that is put together; [`Reason::TooLong`] if it gets longer than [`MAX_TEXT`].
pub(super) fn append(joined: &mut Text<'_>, part: &str) -> Result<(), Reason> {
    if joined.len() + part.len() > MAX_TEXT {
        return Err(Reason::TooLong);
    }
    joined.push_str(part);
    Ok(())
}

impl<'a, F: Fields> Scope<'a, F> {
    pub(super) fn evaluate(&self, node: &'a Node) -> Evaluated<'a> {
        match node {
            Node::Literal(literal) => Ok(literal_operand(literal)),
            Node::Field(slot) => Ok(self.fields.field(*slot, self.arena)),
            Node::Not(inner) => Ok(bool_or_null(self.evaluate(inner)?.truth()?.map(|truth| !truth))),
            Node::Negate(inner) => negate(self.evaluate(inner)?),
            Node::And(parts) => self.junction(parts, false),
            Node::Or(parts) => self.junction(parts, true),
            Node::Join(parts) => self.join(parts),
            Node::Calculate(operator, left, right) => {
                let (left, right) = (self.evaluate(left)?, self.evaluate(right)?);
                calculate(*operator, left, right)
            }
            Node::Compare(comparison, left, right) => {
                let (left, right) = (self.evaluate(left)?, self.evaluate(right)?);
                Ok(bool_or_null(compared(*comparison, left, right)?))
            }
            Node::IsNull(inner) => Ok(Operand::Bool(self.evaluate(inner)? == Operand::Null)),
            Node::In(value, list) => self.is_in(value, list),
            Node::Between(value, low, high) => self.between(value, low, high),
            Node::Like(value, pattern, escape) => {
                let (value, pattern) = (self.evaluate(value)?, self.evaluate(pattern)?);
                if value == Operand::Null || pattern == Operand::Null {
                    return Ok(Operand::Null);
                }
                Ok(Operand::Bool(like(value.text()?, pattern.text()?, *escape)))
            }
            Node::Case(case) => self.case(case),
            Node::Cast(value, target, on_failure) => {
                let cast = self.cast(self.evaluate(value)?, target);
                if *on_failure == OnFailure::Null { Ok(cast.unwrap_or(Operand::Null)) } else { cast }
            }
            Node::Call(function, arguments) => call(self, *function, arguments),
        }
    }

    /// `and` if `decisive` is false, `or` if it is true: from the left, up to the first part that decides.
    fn junction(&self, parts: &'a [Node], decisive: bool) -> Evaluated<'a> {
        let mut truth = Some(!decisive);
        for part in parts {
            match self.evaluate(part)?.truth()? {
                Some(found) if found == decisive => return Ok(Operand::Bool(decisive)),
                Some(_) => {}
                None => truth = None,
            }
        }
        Ok(bool_or_null(truth))
    }

    fn join(&self, parts: &'a [Node]) -> Evaluated<'a> {
        let mut joined = Text::new_in(self.arena);
        let mut null = false;
        for part in parts {
            match self.evaluate(part)? {
                Operand::Null => null = true,
                part => part.with_text(|text| append(&mut joined, text))??,
            }
        }
        Ok(if null { Operand::Null } else { Operand::Text(joined.into_bump_str()) })
    }

    /// As `value = first or value = second or …`.
    fn is_in(&self, value: &'a Node, list: &'a [Node]) -> Evaluated<'a> {
        let value = self.evaluate(value)?;
        let mut found = Some(false);
        for part in list {
            match compared(Comparison::Equal, value, self.evaluate(part)?)? {
                Some(true) => return Ok(Operand::Bool(true)),
                Some(false) => {}
                None => found = None,
            }
        }
        Ok(bool_or_null(found))
    }

    /// As `value >= low and value <= high`.
    fn between(&self, value: &'a Node, low: &'a Node, high: &'a Node) -> Evaluated<'a> {
        let value = self.evaluate(value)?;
        let above = compared(Comparison::GreaterOrEqual, value, self.evaluate(low)?)?;
        if above == Some(false) {
            return Ok(Operand::Bool(false));
        }
        let below = compared(Comparison::LessOrEqual, value, self.evaluate(high)?)?;
        Ok(bool_or_null(if below == Some(true) { above } else { below }))
    }

    fn case(&self, case: &'a Case) -> Evaluated<'a> {
        let subject = case.subject.as_ref().map(|subject| self.evaluate(subject)).transpose()?;
        for (when, then) in &case.arms {
            let when = self.evaluate(when)?;
            let chosen = match subject {
                Some(subject) => compared(Comparison::Equal, subject, when)?,
                None => when.truth()?,
            };
            if chosen == Some(true) {
                return self.evaluate(then);
            }
        }
        case.otherwise.as_ref().map_or(Ok(Operand::Null), |otherwise| self.evaluate(otherwise))
    }

    /// By the rules of the step `convert`.
    fn cast(&self, value: Operand<'a>, target: &Target) -> Evaluated<'a> {
        if value == Operand::Null {
            return Ok(value);
        }
        let mut written = String::new();
        value.write_json(&mut written);
        let mut converted = Vec::new();
        match Conversion::from(target).apply(written.as_bytes(), &mut converted) {
            Outcome::Unchanged => Ok(value),
            Outcome::Malformed => Err(Reason::Malformed),
            Outcome::Changed => {
                let json = std::str::from_utf8(&converted).map_err(|_| Reason::Malformed)?;
                Ok(Operand::from_json(self.arena.alloc_str(json), self.arena))
            }
        }
    }
}

/// The result of a comparison; null if a side is.
pub(super) fn compared(
    comparison: Comparison,
    left: Operand<'_>,
    right: Operand<'_>,
) -> Result<Option<bool>, Reason> {
    if left == Operand::Null || right == Operand::Null {
        return Ok(None);
    }
    if let (Operand::Text(left), Operand::Text(right), Comparison::Equal) = (left, right, comparison) {
        return Ok(Some(left == right));
    }
    Ok(Some(comparison.fits(compare(left, right)?)))
}

fn bool_or_null<'a>(truth: Option<bool>) -> Operand<'a> {
    truth.map_or(Operand::Null, Operand::Bool)
}

fn literal_operand(literal: &Literal) -> Operand<'_> {
    match literal {
        Literal::Null => Operand::Null,
        Literal::Bool(bool) => Operand::Bool(*bool),
        Literal::Int(int) => Operand::Int(*int),
        Literal::Number(text) => Operand::Number(text),
        Literal::Text(text) => Operand::Text(text),
    }
}
