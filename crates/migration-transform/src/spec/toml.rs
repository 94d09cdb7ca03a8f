//! Chains from TOML: numbers with all the digits that are written, dates as their text.

use ::toml::Spanned;
use ::toml::de::{DeFloat, DeInteger, DeTable, DeValue};

use super::literal;
use super::misplaced::Misplaced;
use crate::error::Error;
use crate::value::{Record, Value};

/// What a TOML document says.
///
/// # Errors
/// If it is none, or has a number that JSON can't have: an infinity, NaN, or more than 128 bits to another base than ten.
pub(super) fn read(text: &str) -> Result<Value, Error> {
    let syntax = |source| Error::Syntax { language: "TOML", source };
    let document = DeTable::parse(text).map_err(|mut error| {
        error.set_input(Some(text));
        syntax(error.into())
    })?;
    table(document.get_ref()).map_err(|(at, why)| syntax(Misplaced::new(text, at, why).into()))
}

/// What can't be said in JSON: where, and what.
type Unsayable = (usize, String);

fn table(table: &DeTable<'_>) -> Result<Value, Unsayable> {
    let fields = table.iter().map(|(name, found)| Ok((name.get_ref().as_ref(), value(found)?)));
    Ok(Value::Object(fields.collect::<Result<Record, Unsayable>>()?))
}

fn value(spanned: &Spanned<DeValue<'_>>) -> Result<Value, Unsayable> {
    let wrong = |why: String| (spanned.span().start, why);
    Ok(match spanned.get_ref() {
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Integer(integer) => integer_of(integer).map_err(wrong)?,
        DeValue::Float(float) => float_of(float).map_err(wrong)?,
        DeValue::Boolean(bool) => Value::Bool(*bool),
        DeValue::Datetime(time) => Value::from(time.to_string()),
        DeValue::Array(list) => Value::Array(list.iter().map(value).collect::<Result<_, _>>()?),
        DeValue::Table(inner) => table(inner)?,
    })
}

fn integer_of(integer: &DeInteger<'_>) -> Result<Value, String> {
    let number = match integer.radix() {
        10 => literal::number(integer.as_str()),
        radix => literal::integer(integer.as_str(), radix),
    };
    number.map(Value::Number).ok_or_else(|| format!("`{integer}` has more than 128 bits"))
}

fn float_of(float: &DeFloat<'_>) -> Result<Value, String> {
    let number = literal::number(float.as_str()).map(Value::Number);
    number.ok_or_else(|| format!("`{float}`: infinity and NaN are no JSON numbers"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, json: &str) {
        assert_eq!(read(&format!("v = {text}")).unwrap().to_json(), format!("{{\"v\":{json}}}"), "{text}");
    }

    #[test]
    fn numbers_are_as_they_are_written() {
        for same in [
            "1.10",
            "0.1000000000000000055511151231257827",
            "1e400",
            "-0.0",
            "18446744073709551616",
            "-123456789012345678901234567890123456789012345",
            "1.0e+5",
        ] {
            check(same, same);
        }
        check("+1_000.50", "1000.50");
        check("+7", "7");
        check("0xff_ff", "65535");
        check("0o17", "15");
        check("0b11", "3");
    }

    #[test]
    fn what_json_has_not_is_told() {
        let told = |text: &str| {
            let Err(Error::Syntax { source, .. }) = read(text) else { panic!("{text} is read") };
            source.to_string()
        };
        for (text, float) in [("inf", "inf"), ("-inf", "-inf"), ("nan", "nan")] {
            let told = told(&format!("a = 1\nv = [{text}]"));
            assert_eq!(told, format!("line 2, column 6: `{float}`: infinity and NaN are no JSON numbers"));
        }
        assert!(told(&format!("v = 0x{}", "f".repeat(33))).ends_with("has more than 128 bits"));
        assert!(told("v = 012").contains("line 1, column 5"), "{}", told("v = 012"));
    }

    #[test]
    fn all_else_is_as_it_was() {
        check("2024-01-02T03:04:05Z", r#""2024-01-02T03:04:05Z""#);
        check("{ y = [true, 'a'], x = { z = \"\\u00e9\" } }", r#"{"y":[true,"a"],"x":{"z":"é"}}"#);
    }
}
