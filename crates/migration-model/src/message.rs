//! Words for error messages that stay short whatever the input is.

use std::borrow::Cow;

/// How many items a list names.
const MOST_ITEMS: usize = 10;

/// How many bytes of a text are shown.
const MOST_BYTES: usize = 300;

/// The items one after the other: the first ten, and how many more there are.
#[must_use]
pub fn list<T: AsRef<str>>(items: impl IntoIterator<Item = T>, separator: &str) -> String {
    let mut text = String::new();
    let mut items = items.into_iter();
    for (place, item) in items.by_ref().take(MOST_ITEMS).enumerate() {
        if place > 0 {
            text.push_str(separator);
        }
        text.push_str(&clip(item.as_ref()));
    }
    match items.count() {
        0 => text,
        more => text + separator + &format!("and {more} more"),
    }
}

/// The ids in backquotes, as [`list`].
#[must_use]
pub fn list_ids<T: AsRef<str>>(ids: &[T]) -> String {
    list(ids.iter().map(|id| format!("`{}`", clip(id.as_ref()))), ", ")
}

/// The text, cut off after some hundred bytes.
#[must_use]
pub fn clip(text: &str) -> Cow<'_, str> {
    if text.len() <= MOST_BYTES {
        return Cow::Borrowed(text);
    }
    let end = (0..=MOST_BYTES).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    Cow::Owned(format!("{}…", &text[..end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_and_long_texts_are_cut() {
        assert_eq!(list_ids(&["a", "b"]), "`a`, `b`");
        assert_eq!(list_ids::<&str>(&[]), "");
        let many: Vec<String> = (0..12).map(|n| n.to_string()).collect();
        assert_eq!(list(&many, " -> "), "0 -> 1 -> 2 -> 3 -> 4 -> 5 -> 6 -> 7 -> 8 -> 9 -> and 2 more");
        assert_eq!(clip(&"é".repeat(400)), "é".repeat(150) + "…");
    }
}
