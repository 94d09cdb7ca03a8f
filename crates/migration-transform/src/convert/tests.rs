//! What each type makes of what.

use proptest::prelude::*;

use super::*;

const TIMESTAMP: Conversion = Conversion::Timestamp { unit: Unit::S, zone: None };
const DATE: Conversion = Conversion::Date { unit: Unit::S };

/// `=` unchanged, `!` malformed, else the new text.
fn converted(conversion: &Conversion, raw: &str) -> String {
    let mut out = b"before".to_vec();
    let outcome = conversion.apply(raw.as_bytes(), &mut out);
    let new = String::from_utf8(out).unwrap().strip_prefix("before").unwrap().to_owned();
    match outcome {
        Outcome::Changed => new,
        other => {
            assert_eq!(new, "");
            if other == Outcome::Unchanged { "=" } else { "!" }.to_owned()
        }
    }
}

#[track_caller]
fn check(conversion: &Conversion, cases: &[(&str, &str)]) {
    for (raw, expected) in cases {
        assert_eq!(converted(conversion, raw), *expected, "{conversion:?} of {raw}");
    }
}

#[test]
fn integers() {
    check(
        &Conversion::Int,
        &[
            (r#""42""#, "42"),
            (r#"" 7 ""#, "7"),
            (r#""\t7\n""#, "7"),
            (r#""\u0037""#, "7"),
            (r#""007""#, "7"),
            (r#""+5""#, "5"),
            (r#""-0""#, "0"),
            (r#""-007""#, "-7"),
            (r#""9223372036854775808""#, "9223372036854775808"),
            (r#""123456789012345678901234567890""#, "123456789012345678901234567890"),
            (r#""5.0""#, "!"),
            (r#""1_000""#, "!"),
            (r#""0x10""#, "!"),
            (r#""٣""#, "!"),
            (r#""""#, "!"),
            (r#""+""#, "!"),
            (r#""--1""#, "!"),
            (r#""\ud800""#, "!"),
            ("null", "="),
            ("12345678901234567890", "="),
            ("-0", "="),
            ("true", "1"),
            ("false", "0"),
            ("1.0", "1"),
            ("-0.0", "0"),
            ("0e999999999999999999999", "0"),
            ("1.5e1", "15"),
            ("-1.50e1", "-15"),
            ("1200e-2", "12"),
            ("0.00012e6", "120"),
            ("1.5", "!"),
            ("15e-1", "!"),
            ("1e-400", "!"),
            ("1e400", "!"),
            ("1e99999999999999999999", "!"),
            ("[1]", "!"),
            ("{}", "!"),
        ],
    );
    assert_eq!(converted(&Conversion::Int, "1e399"), format!("1{}", "0".repeat(399)));
}

#[test]
fn floats() {
    check(
        &Conversion::Float,
        &[
            (r#""10.50""#, "10.5"),
            (r#""0.1""#, "0.1"),
            (r#""5""#, "5.0"),
            (r#"".5""#, "0.5"),
            (r#""5.""#, "5.0"),
            (r#"" +007.0 ""#, "7.0"),
            (r#""-0""#, "-0.0"),
            (r#""0.000""#, "0.0"),
            (r#""123456789.123456789""#, "123456789.12345679"),
            (r#""0.0000001""#, "1e-7"),
            (r#""0.001""#, "0.001"),
            (r#""100000000000000000""#, "1e+17"),
            (r#""1E2""#, "100.0"),
            (r#""1e400""#, "!"),
            (r#""1e-400""#, "0.0"),
            (r#""NaN""#, "!"),
            (r#""inf""#, "!"),
            (r#"".""#, "!"),
            (r#""1.2.3""#, "!"),
            (r#""1e""#, "!"),
            (r#""12,50""#, "!"),
            ("5", "5.0"),
            ("9007199254740993", "9007199254740992.0"),
            ("1.50", "="),
            ("1e400", "="),
            ("true", "!"),
            ("null", "="),
        ],
    );
    assert_eq!(converted(&Conversion::Float, &"9".repeat(400)), "!");
}

#[test]
fn decimals() {
    check(
        &Conversion::Decimal,
        &[
            (r#""10.50""#, "10.50"),
            (r#""-007.50""#, "-7.50"),
            (r#"".5""#, "0.5"),
            (r#""-.5""#, "-0.5"),
            (r#""-0.5""#, "-0.5"),
            (r#""5.""#, "5"),
            (r#""5.e3""#, "5e3"),
            (r#""+1E+05""#, "1E+05"),
            (r#""-0""#, "-0"),
            (r#""000""#, "0"),
            (r#""0.1000000000000000055511151231257827""#, "0.1000000000000000055511151231257827"),
            (r#""abc""#, "!"),
            ("1e400", "="),
            ("true", "!"),
        ],
    );
}

#[test]
fn booleans() {
    for word in ["true", "T", "Yes", "y", "ON", "1", " true "] {
        assert_eq!(converted(&Conversion::Bool, &format!("\"{word}\"")), "true", "{word}");
    }
    for word in ["false", "F", "No", "n", "oFF", "0"] {
        assert_eq!(converted(&Conversion::Bool, &format!("\"{word}\"")), "false", "{word}");
    }
    check(
        &Conversion::Bool,
        &[
            ("1", "true"),
            ("0", "false"),
            ("true", "="),
            ("null", "="),
            ("2", "!"),
            ("1.0", "!"),
            (r#""tru""#, "!"),
            ("[]", "!"),
        ],
    );
}

#[test]
fn timestamps() {
    check(
        &TIMESTAMP,
        &[
            (r#""2024-01-02 03:04:05""#, r#""2024-01-02T03:04:05""#),
            (r#""2024-01-02 03:04:05.120""#, r#""2024-01-02T03:04:05.120""#),
            (r#""2024-01-02t03:04:05z""#, r#""2024-01-02T03:04:05Z""#),
            (r#""2024-01-02T03:04:05Z""#, "="),
            (r#""2024-01-02T03:04:05.123456+02:00""#, "="),
            (r#"" 2024-01-02T03:04:05Z ""#, r#""2024-01-02T03:04:05Z""#),
            (r#""2024-01-02T03:04:05""#, r#""2024-01-02T03:04:05""#),
            (r#""2024-01-02""#, r#""2024-01-02T00:00:00""#),
            (r#""2016-12-31T23:59:60Z""#, "="),
            (r#""2016-12-31T23:58:60Z""#, "!"),
            (r#""2024-02-29""#, r#""2024-02-29T00:00:00""#),
            (r#""2023-02-29""#, "!"),
            (r#""1900-02-29""#, "!"),
            (r#""2000-02-29 00:00:00""#, r#""2000-02-29T00:00:00""#),
            (r#""2024-02-30 00:00:00""#, "!"),
            (r#""2024-00-01""#, "!"),
            (r#""2024-01-02 24:00:00""#, "!"),
            (r#""2024-01-02T03:04""#, "!"),
            (r#""2024-01-02T03:04:05.""#, "!"),
            (r#""2024-01-02T03:04:05.1234567890Z""#, "!"),
            (r#""2024-01-02T03:04:05+24:00""#, "!"),
            (r#""2024-01-02T03:04:05+0200""#, "!"),
            (r#""2024-01-02Z""#, "!"),
            (r#""12/31/2020""#, "!"),
            (r#""""#, "!"),
            (r#""1704164645""#, r#""2024-01-02T03:04:05Z""#),
            ("1704164645", r#""2024-01-02T03:04:05Z""#),
            ("1704164645.500", r#""2024-01-02T03:04:05.5Z""#),
            ("0", r#""1970-01-01T00:00:00Z""#),
            ("-1.5", r#""1969-12-31T23:59:58.5Z""#),
            (r#""+0.000000001""#, r#""1970-01-01T00:00:00.000000001Z""#),
            ("0.0000000001", "!"),
            ("253402300799", r#""9999-12-31T23:59:59Z""#),
            ("253402300800", "!"),
            ("-62167219200", r#""0000-01-01T00:00:00Z""#),
            ("-62167219201", "!"),
            ("1.704164645E9", r#""2024-01-02T03:04:05Z""#),
            (r#""1.704164645e+9""#, r#""2024-01-02T03:04:05Z""#),
            ("1704164645.0E0", r#""2024-01-02T03:04:05Z""#),
            ("17041646450e-1", r#""2024-01-02T03:04:05Z""#),
            ("-15000e-4", r#""1969-12-31T23:59:58.5Z""#),
            ("1e-9", r#""1970-01-01T00:00:00.000000001Z""#),
            ("1e-10", "!"),
            ("10e-10", r#""1970-01-01T00:00:00.000000001Z""#),
            ("0e99999999999", r#""1970-01-01T00:00:00Z""#),
            ("1e12", "!"),
            ("1e99999999999", "!"),
            ("1e-99999999999", "!"),
            (r#""1e""#, "!"),
            (r#""1.e3""#, "!"),
            (r#"".5e3""#, "!"),
            ("true", "!"),
            ("null", "="),
        ],
    );
    let in_milliseconds = Conversion::Timestamp { unit: Unit::Ms, zone: "+02:00".parse().ok() };
    check(
        &in_milliseconds,
        &[
            ("1704164645123", r#""2024-01-02T03:04:05.123Z""#),
            ("1704164645000.25", r#""2024-01-02T03:04:05.00025Z""#),
            ("1.704164645123E12", r#""2024-01-02T03:04:05.123Z""#),
            (r#""2024-01-02 03:04:05""#, r#""2024-01-02T03:04:05+02:00""#),
            (r#""2024-01-02""#, r#""2024-01-02T00:00:00+02:00""#),
        ],
    );
    assert_eq!(converted(&TIMESTAMP, &"9".repeat(5000)), "!");
}

#[test]
fn dates() {
    check(
        &DATE,
        &[
            (r#""2024-01-02""#, "="),
            (r#"" 2024-01-02""#, r#""2024-01-02""#),
            (r#""2024-01-02T23:59:59-11:00""#, r#""2024-01-02""#),
            ("86399", r#""1970-01-01""#),
            ("8.64e4", r#""1970-01-02""#),
            ("-1", r#""1969-12-31""#),
            (r#""2024-02-30""#, "!"),
        ],
    );
}

#[test]
fn strings_and_json() {
    check(
        &Conversion::String,
        &[
            (r#""a""#, "="),
            ("1.50", r#""1.50""#),
            ("true", r#""true""#),
            ("null", "="),
            (r#"{"a": "b\n"}"#, r#""{\"a\": \"b\\n\"}""#),
        ],
    );
    check(
        &Conversion::Json,
        &[
            (r#""{\"a\": [1]}""#, r#"{"a": [1]}"#),
            (r#"" 1 ""#, "1"),
            (r#""[\n1,\r\n2\n]""#, "[1,2]"),
            (r#""abc""#, "!"),
            (r#""""#, "!"),
            ("[1]", "="),
            ("1e400", "="),
            ("null", "="),
        ],
    );
}

proptest! {
    #[test]
    fn shortest_floats_are_those_of_serde_json(text in r"[+-]?([0-9]{0,9}\.?[0-9]{0,9}|[0-9]{1,20})(e[+-]?[0-9]{1,3})?") {
        let value = text.parse::<f64>().ok().filter(|value| value.is_finite());
        let expected = value.map_or_else(|| "!".to_owned(), |value| serde_json::to_string(&value).unwrap());
        prop_assert_eq!(converted(&Conversion::Float, &format!("\"{text}\"")), expected);
    }

    #[test]
    fn days_are_those_of_the_calendar(seconds in -62_167_219_200_i64..253_402_300_800) {
        let expected = jiff::Timestamp::from_second(seconds).ok().map(|instant| format!("\"{instant}\""));
        // jiff's range ends a day before year 9999 does, and its years before 1 are written in another way.
        prop_assume!(expected.is_some() && seconds >= -62_135_596_800);
        prop_assert_eq!(Some(converted(&TIMESTAMP, &seconds.to_string())), expected);
    }

    #[test]
    fn dates_are_those_of_the_calendar(year in 1_i16..9999, month in 0_i8..14, day in 0_i8..33) {
        let exists = jiff::civil::Date::new(year, month, day).is_ok();
        let text = format!("\"{year:04}-{month:02}-{day:02}\"");
        prop_assert_eq!(converted(&DATE, &text), if exists { "=" } else { "!" });
    }

    #[test]
    fn no_text_makes_it_panic(raw in ".*") {
        for conversion in [Conversion::Int, Conversion::Float, Conversion::Decimal, Conversion::Bool, TIMESTAMP, DATE, Conversion::String, Conversion::Json] {
            converted(&conversion, &raw);
            converted(&conversion, &format!("\"{raw}\""));
        }
    }
}
