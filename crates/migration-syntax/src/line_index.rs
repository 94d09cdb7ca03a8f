//! From byte offsets to the lines and columns that people and editors count in.

/// Where the lines of a text start.
///
/// Lines end at `\n`, so `\r\n` counts once. Columns count Unicode scalar values, and a byte order mark at the
/// start of the text counts for nothing. The text itself is not kept.
///
/// ```
/// use migration_syntax::LineIndex;
///
/// let index = LineIndex::new("é = 1;\r\nx");
/// assert_eq!(index.line_column(2), (1, 2)); // behind the two bytes of é
/// assert_eq!(index.line_column(9), (2, 1));
/// ```
#[derive(Debug, Clone)]
pub struct LineIndex {
    /// Offset of the first byte of each line.
    starts: Vec<usize>,
    /// Each character of several bytes: its offset, and how many bytes up to its end are no column of their own.
    wide: Vec<(usize, usize)>,
    length: usize,
}

impl LineIndex {
    /// Reads the text once.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut starts = vec![0];
        let mut wide = Vec::new();
        let mut surplus = 0;
        for (offset, byte) in text.bytes().enumerate() {
            if byte == b'\n' {
                starts.push(offset + 1);
            } else if byte >= 0xC0 {
                // In UTF-8 the leading ones of the first byte are the length of the character.
                let length = byte.leading_ones() as usize;
                let is_mark = offset == 0 && text.starts_with('\u{feff}');
                surplus += if is_mark { length } else { length - 1 };
                wide.push((offset, surplus));
            }
        }
        LineIndex { starts, wide, length: text.len() }
    }

    /// Line and column of a byte offset, both from 1.
    ///
    /// An offset inside a character means that character, an offset behind the text means its end.
    #[must_use]
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let offset = offset.min(self.length);
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts[line - 1];
        let surplus = self.surplus(offset) - self.surplus(start);
        (line, 1 + (offset - start) - surplus)
    }

    /// Line and column of the end of the text.
    pub(crate) fn end(&self) -> (usize, usize) {
        self.line_column(self.length)
    }

    /// How many of the bytes before `offset` are no column of their own.
    fn surplus(&self, offset: usize) -> usize {
        let begun = self.wide.partition_point(|(start, _)| *start < offset);
        let Some(last) = begun.checked_sub(1) else { return 0 };
        let (start, after) = self.wide[last];
        let before = last.checked_sub(1).map_or(0, |previous| self.wide[previous].1);
        after.min(before + offset - start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn counts_characters_and_ignores_the_mark() {
        let index = LineIndex::new("\u{feff}ab\r\nç日x\n");
        let at = |offset| index.line_column(offset);
        assert_eq!([at(0), at(1), at(3), at(4)], [(1, 1), (1, 1), (1, 1), (1, 2)]);
        assert_eq!([at(7), at(8), at(9), at(11), at(12)], [(2, 1), (2, 1), (2, 2), (2, 2), (2, 3)]);
        assert_eq!([at(14), at(99)], [(3, 1), (3, 1)]);
    }

    proptest! {
        #[test]
        fn agrees_with_counting(text in "[a\u{e9}\u{65e5}\n\r\u{1f600}]{0,20}") {
            let index = LineIndex::new(&text);
            for (offset, _) in text.char_indices() {
                let before = &text[..offset];
                let line = before.matches('\n').count() + 1;
                let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
                prop_assert_eq!(index.line_column(offset), (line, column));
            }
        }
    }
}
