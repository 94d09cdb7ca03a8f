//! What functions return.

use bumpalo::collections::String as Text;

use super::calculate::{absolute, integral, rounded};
use super::evaluate::{Evaluated, Scope, append, compared};
use super::function::Function;
use super::node::{Comparison, Node};
use super::operand::{Fields, Operand};
use crate::reason::Reason;

/// Calls a function; the parser has counted the arguments.
pub(super) fn call<'a, F: Fields>(
    scope: &Scope<'a, F>,
    function: Function,
    arguments: &'a [Node],
) -> Evaluated<'a> {
    // Those that don't look at all arguments, or that take null.
    match function {
        Function::Coalesce => return first_not_null(scope, arguments),
        Function::Concat => return concat(scope, arguments),
        Function::Iif => return iif(scope, arguments),
        _ => {}
    }
    let mut values = [Operand::Null; 3];
    for (value, argument) in values.iter_mut().zip(arguments) {
        *value = scope.evaluate(argument)?;
    }
    let [first, second, third] = values;
    if function == Function::NullIf {
        let same = first != Operand::Null && compared(Comparison::Equal, first, second)? == Some(true);
        return Ok(if same { Operand::Null } else { first });
    }
    if values[..arguments.len().min(3)].contains(&Operand::Null) {
        return Ok(Operand::Null);
    }
    match function {
        Function::Lower => mapped(scope, first.text()?, char::to_lowercase),
        Function::Upper => mapped(scope, first.text()?, char::to_uppercase),
        Function::Trim => Ok(Operand::Text(first.text()?.trim_matches([' ', '\t', '\n', '\r']))),
        Function::Length => Ok(Operand::Int(first.text()?.chars().count() as i128)),
        Function::Substr => {
            let length = if arguments.len() > 2 { Some(whole(third)?) } else { None };
            Ok(Operand::Text(part(first.text()?, whole(second)?, length)))
        }
        Function::Replace => replace(scope, first.text()?, second.text()?, third.text()?),
        Function::StartsWith => Ok(Operand::Bool(first.text()?.starts_with(second.text()?))),
        Function::EndsWith => Ok(Operand::Bool(first.text()?.ends_with(second.text()?))),
        Function::Contains => Ok(Operand::Bool(first.text()?.contains(second.text()?))),
        Function::Abs => absolute(first),
        Function::Round if arguments.len() > 1 => rounded(first, whole(second)?),
        Function::Round => integral(first, f64::round),
        Function::Floor => integral(first, f64::floor),
        Function::Ceil => integral(first, f64::ceil),
        Function::Coalesce | Function::Concat | Function::Iif | Function::NullIf => Ok(Operand::Null),
    }
}

fn first_not_null<'a, F: Fields>(scope: &Scope<'a, F>, arguments: &'a [Node]) -> Evaluated<'a> {
    for argument in arguments {
        let value = scope.evaluate(argument)?;
        if value != Operand::Null {
            return Ok(value);
        }
    }
    Ok(Operand::Null)
}

/// As `||`, but what is null is left out.
fn concat<'a, F: Fields>(scope: &Scope<'a, F>, arguments: &'a [Node]) -> Evaluated<'a> {
    let mut joined = Text::new_in(scope.arena);
    for argument in arguments {
        let value = scope.evaluate(argument)?;
        if value != Operand::Null {
            value.with_text(|text| append(&mut joined, text))??;
        }
    }
    Ok(Operand::Text(joined.into_bump_str()))
}

fn iif<'a, F: Fields>(scope: &Scope<'a, F>, arguments: &'a [Node]) -> Evaluated<'a> {
    let [condition, then, otherwise] = arguments else { return Ok(Operand::Null) };
    let chosen = scope.evaluate(condition)?.truth()? == Some(true);
    scope.evaluate(if chosen { then } else { otherwise })
}

/// Character by character.
fn mapped<'a, F, I: Iterator<Item = char>>(
    scope: &Scope<'a, F>,
    text: &str,
    map: fn(char) -> I,
) -> Evaluated<'a> {
    let mut mapped = Text::with_capacity_in(text.len(), scope.arena);
    mapped.extend(text.chars().flat_map(map));
    Ok(Operand::Text(mapped.into_bump_str()))
}

/// All places from the left; an empty text is found nowhere.
fn replace<'a, F>(scope: &Scope<'a, F>, text: &'a str, from: &str, to: &str) -> Evaluated<'a> {
    if from.is_empty() {
        return Ok(Operand::Text(text));
    }
    let mut replaced = Text::with_capacity_in(text.len(), scope.arena);
    for (place, piece) in text.split(from).enumerate() {
        if place > 0 {
            append(&mut replaced, to)?;
        }
        append(&mut replaced, piece)?;
    }
    Ok(Operand::Text(replaced.into_bump_str()))
}

/// Characters from a place that counts from 1, or from the end if it is negative; 0 is as 1.
fn part(text: &str, start: i128, length: Option<i128>) -> &str {
    let from_end = || text.chars().count().saturating_sub(clamp(start.saturating_neg()));
    let skipped = if start < 0 { from_end() } else { clamp(start.saturating_sub(1)) };
    let place =
        |text: &str, characters: usize| text.char_indices().nth(characters).map_or(text.len(), |(at, _)| at);
    let rest = &text[place(text, skipped)..];
    length.map_or(rest, |length| &rest[..place(rest, clamp(length))])
}

/// Negative ones as none, large ones as more than any text has.
fn clamp(number: i128) -> usize {
    if number < 0 { 0 } else { usize::try_from(number).unwrap_or(usize::MAX) }
}

fn whole(value: Operand<'_>) -> Result<i128, Reason> {
    value.int().ok_or(Reason::TypeMismatch)
}
