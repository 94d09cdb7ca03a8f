//! From words of the command line, the environment and the settings file to values.

use std::time::Duration;

use migration_kit::sql::{Layout, OutOfOrder, Tool};

/// A layout, or `auto`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LayoutChoice(pub(crate) Option<Layout>);

/// Reads a layout's name, or `auto`.
pub(crate) fn parse_layout(text: &str) -> Result<LayoutChoice, String> {
    if text == "auto" {
        return Ok(LayoutChoice(None));
    }
    text.parse().map(|layout| LayoutChoice(Some(layout))).map_err(|_| {
        let names: Vec<String> = Layout::ALL.iter().map(ToString::to_string).collect();
        format!("expected auto, {}", names.join(", "))
    })
}

/// Reads the name of a tool whose history can be adopted.
pub(crate) fn parse_tool(text: &str) -> Result<Tool, String> {
    text.parse().map_err(|_| {
        let names: Vec<String> = Tool::ALL.iter().map(ToString::to_string).collect();
        format!("expected {}", names.join(", "))
    })
}

/// Reads a number of seconds, with a fraction or without.
pub(crate) fn parse_seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "expected a number of seconds".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|_| "expected a number of seconds, zero or more".to_owned())
}

/// Reads how often something is tried again.
pub(crate) fn parse_retries(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| "expected a whole number, zero or more".to_owned())
}

/// Reads what becomes of a pending migration that comes before an applied one.
pub(crate) fn parse_out_of_order(text: &str) -> Result<OutOfOrder, String> {
    let named = [OutOfOrder::Apply, OutOfOrder::Refuse].into_iter().find(|policy| policy.as_str() == text);
    named.ok_or_else(|| "expected apply or refuse".to_owned())
}

/// Reads a placeholder and its value.
pub(crate) fn parse_placeholder(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

/// Reads a number of migrations.
pub(crate) fn parse_steps(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|steps| *steps > 0)
        .ok_or_else(|| "expected a whole number above zero".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds() {
        assert_eq!(parse_seconds("1.5"), Ok(Duration::from_millis(1500)));
        for text in ["-1", "NaN", "inf", "1e30", "soon", ""] {
            assert!(parse_seconds(text).is_err(), "{text}");
        }
    }
}
