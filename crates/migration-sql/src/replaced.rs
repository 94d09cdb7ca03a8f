//! What became of a file's text whose names were replaced by values: where everything stood, and what must not be shown.

use std::ops::Range;
use std::sync::Arc;

use migration_syntax::LineIndex;

/// What is shown in the place of a value that nobody shall read.
pub(crate) const HIDDEN: &str = "***";

/// How a text came from that of its file, by values in the place of names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Replaced {
    /// The text as the file has it.
    pub(crate) file: Arc<str>,
    /// In the order in which they stand.
    spots: Vec<Spot>,
}

/// A value, and the name in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Spot {
    in_text: Range<usize>,
    in_file: Range<usize>,
    secret: bool,
}

impl Replaced {
    /// Where a span of the text stands in the file. What ends or begins in a value does so where its name does.
    pub(crate) fn in_file(&self, span: &Range<usize>) -> Range<usize> {
        let start = self.start(span.start);
        let before = self.spots.partition_point(|spot| spot.in_text.start < span.end);
        let end = match self.spots[..before].last() {
            Some(spot) => span.end.saturating_sub(spot.in_text.end) + spot.in_file.end,
            None => span.end,
        };
        start..end.max(start)
    }

    fn start(&self, offset: usize) -> usize {
        let before = self.spots.partition_point(|spot| spot.in_text.start <= offset);
        match self.spots[..before].last() {
            Some(spot) if offset < spot.in_text.end => spot.in_file.start,
            Some(spot) => offset - spot.in_text.end + spot.in_file.end,
            None => offset,
        }
    }

    /// The line of an offset of the text, in the file and from 1.
    pub(crate) fn line(&self, lines: &LineIndex, offset: usize) -> usize {
        lines.line_column(self.start(offset)).0
    }

    /// A part of the text without its secrets; `None` where it has none.
    pub(crate) fn shown(&self, text: &str, span: &Range<usize>) -> Option<String> {
        let mut shown = String::new();
        let mut end = span.start;
        for spot in self.secrets().filter(|spot| spot.end > span.start && spot.start < span.end) {
            shown.push_str(&text[end..spot.start.max(end)]);
            shown.push_str(HIDDEN);
            end = spot.end.min(span.end);
        }
        (!shown.is_empty()).then(|| shown + &text[end..span.end])
    }

    /// Where the values stand in the text that nobody shall read.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = Range<usize>> {
        let secret = self.spots.iter().filter(|spot| spot.secret && !spot.in_text.is_empty());
        secret.map(|spot| spot.in_text.clone())
    }
}

/// Puts values into a text, from its start to its end.
pub(crate) struct Replacer<'a> {
    file: &'a str,
    text: String,
    /// How much of the file's text is done.
    done: usize,
    spots: Vec<Spot>,
}

impl<'a> Replacer<'a> {
    pub(crate) fn new(file: &'a str) -> Self {
        Self { file, text: String::with_capacity(file.len()), done: 0, spots: Vec::new() }
    }

    /// Puts a value into the place of a part of the file's text behind those that came before.
    pub(crate) fn put(&mut self, place: Range<usize>, value: &str, secret: bool) {
        self.text.push_str(&self.file[self.done..place.start]);
        let start = self.text.len();
        self.text.push_str(value);
        self.done = place.end;
        self.spots.push(Spot { in_text: start..self.text.len(), in_file: place, secret });
    }

    /// The text, and how it came about where it is another one than the file's.
    pub(crate) fn finish(mut self) -> (String, Option<Arc<Replaced>>) {
        self.text.push_str(&self.file[self.done..]);
        let replaced = Replaced { file: self.file.into(), spots: self.spots };
        let replaced = if replaced.spots.is_empty() { None } else { Some(Arc::new(replaced)) };
        (self.text, replaced)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a${1}b${2}c${3}` with `xyz`, nothing, and a secret.
    fn example() -> (String, Arc<Replaced>) {
        let mut replacer = Replacer::new("a${1}b${2}c${3}\nd");
        replacer.put(1..5, "x\nz", false);
        replacer.put(6..10, "", false);
        replacer.put(11..15, "pass", true);
        let (text, replaced) = replacer.finish();
        (text, replaced.unwrap())
    }

    #[test]
    fn places_are_those_of_the_file() {
        let (text, replaced) = example();
        assert_eq!(text, "ax\nzbcpass\nd");
        for (span, expected) in [
            (0..1, 0..1),
            (0..3, 0..5),
            (2..3, 1..5),
            (1..4, 1..5),
            (4..5, 5..6),
            (5..6, 10..11),
            (4..6, 5..11),
            (6..10, 11..15),
            (8..9, 11..15),
            (11..12, 16..17),
            (0..12, 0..17),
        ] {
            assert_eq!(replaced.in_file(&span), expected, "{span:?}");
        }
        let lines = LineIndex::new(&replaced.file);
        assert_eq!([0, 3, 6, 11].map(|offset| replaced.line(&lines, offset)), [1, 1, 1, 2]);
    }

    #[test]
    fn secrets_are_not_shown() {
        let (text, replaced) = example();
        let shown = |span: Range<usize>| replaced.shown(&text, &span);
        assert_eq!(shown(0..12).as_deref(), Some("ax\nzbc***\nd"));
        assert_eq!(shown(7..12).as_deref(), Some("***\nd"));
        assert_eq!(shown(5..8).as_deref(), Some("c***"));
        assert_eq!(shown(0..6), None);
        assert_eq!(shown(10..12), None);
    }

    #[test]
    fn nothing_replaced_is_nothing_to_know() {
        assert_eq!(Replacer::new("a").finish(), ("a".to_owned(), None));
    }
}
