//! The file around the data.
//!
//! A policy (<https://www.w3.org/TR/CSP3/>) allows the one style and the one script by the hashes of their bytes and forbids
//! all else: no request, no other script, no image from anywhere. So even what slipped through as markup could do nothing.

use sha2::{Digest as _, Sha256};

const PAGE: &str = include_str!("assets/page.html");
const STYLE: &str = concat!(include_str!("assets/style.css"), include_str!("assets/panel.css"));
const SCRIPT: &str = concat!(
    "\"use strict\";\n(() => {\n",
    include_str!("assets/model.js"),
    include_str!("assets/state.js"),
    include_str!("assets/draw.js"),
    include_str!("assets/cards.js"),
    include_str!("assets/panel.js"),
    include_str!("assets/search.js"),
    include_str!("assets/input.js"),
    include_str!("assets/main.js"),
    "})();\n",
);

/// The whole file, for data as JSON.
pub(super) fn document(title: &str, json: &str) -> String {
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    );
    let json = embedded(json);
    let (title, mut out) = (escaped(title), String::with_capacity(json.len() + 64 * 1024));
    // Placed in one pass: what is put in is never looked through for further places.
    for (number, part) in PAGE.split("{{").enumerate() {
        if number == 0 {
            out.push_str(part);
            continue;
        }
        let (name, rest) = part.split_once("}}").unwrap_or(("", part));
        out.push_str(match name {
            "policy" => &policy,
            "title" => &title,
            "style" => STYLE,
            "data" => &json,
            "script" => SCRIPT,
            _ => "",
        });
        out.push_str(rest);
    }
    out
}

/// A source of a policy: <https://www.w3.org/TR/CSP3/#framework-directive-source-list>.
fn hash(text: &str) -> String {
    format!("sha256-{}", base64(&Sha256::digest(text.as_bytes())))
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0u32, |bits, at| bits << 8 | u32::from(chunk.get(at).copied().unwrap_or(0)));
        for digit in 0..4 {
            let value = bits >> (18 - 6 * digit) & 63;
            out.push(if digit <= chunk.len() { char::from(DIGITS[value as usize]) } else { '=' });
        }
    }
    out
}

/// JSON that may stand in a `script` element: there, `</script` and `<!--` would mean something, and a `<` can only be part
/// of a string. The two separators of lines are none in JSON, but were ends of lines in scripts for long.
fn embedded(json: &str) -> String {
    json.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

/// Text that may stand in an element.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::{base64, document, embedded};

    /// The examples of RFC 4648, section 10.
    #[test]
    fn base64_as_the_rfc_has_it() {
        let texts = ["", "f", "fo", "foo", "foob", "fooba", "foobar"];
        let encoded = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"];
        assert_eq!(texts.map(|text| base64(text.as_bytes())), encoded);
    }

    #[test]
    fn data_end_no_element_and_no_line() {
        let text = "</script><!--<script>\u{2028}\u{2029}";
        let json = embedded(&serde_json::to_string(text).unwrap());
        assert!(!json.contains(['<', '\u{2028}', '\u{2029}']));
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }

    #[test]
    fn what_is_put_in_has_no_places() {
        let html = document("{{data}}", "\"{{script}} {{title}}\"");
        assert!(html.contains("<title>{{data}}</title>") && html.contains("\"{{script}} {{title}}\""));
        assert!(!html.contains("{{policy}}") && !html.contains("{{style}}"));
    }
}
