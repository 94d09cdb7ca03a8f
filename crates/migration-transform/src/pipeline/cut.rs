//! Where a stream of records can be cut: behind a record, and nowhere else.
//!
//! A cutter looks at each byte once, however the text comes in pieces.

mod array;
mod csv;
mod lines;
mod values;

pub(crate) use array::ArrayCutter;
pub(crate) use csv::CsvCutter;
pub(crate) use lines::{LineCutter, is_blank};
pub(crate) use values::ValueCutter;

/// Where a text that begins with a record can be cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// The end of the records.
    pub(crate) end: usize,
    /// Where what comes next begins; behind the end if a sign of the format stands between.
    pub(crate) next: usize,
    /// How far the text has been looked at.
    pub(crate) seen: usize,
    /// How many records that are; counted only when no more than so many were wanted.
    pub(crate) records: u64,
    /// Whether nothing comes next, by the format's own sign.
    pub(crate) closed: bool,
}

/// Finds the ends of records.
pub(crate) trait Cut: Send {
    /// Looks at `text[seen..]`, where the last call stopped, for the end of the last whole record; of the record number
    /// `most` if only so many are wanted. `text` begins where a record does; `None` if none of its records is whole.
    fn scan(&mut self, text: &[u8], seen: usize, most: Option<u64>) -> Option<Found>;

    /// The sign with which a record is cut off, if that is none of its own.
    fn separator(&self) -> Option<u8> {
        None
    }

    /// Whether a text that ends here lacks something that the format demands.
    fn is_cut_off(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chunk::CsvDialect;

    /// The pieces of a text that comes `step` bytes at a time.
    fn pieces(mut cutter: impl Cut, text: &str, step: usize, most: Option<u64>) -> Vec<String> {
        let (mut pieces, mut held, mut seen) = (Vec::new(), Vec::new(), 0);
        for part in text.as_bytes().chunks(step) {
            held.extend_from_slice(part);
            while let Some(found) = cutter.scan(&held, seen, most) {
                pieces.push(String::from_utf8(held[..found.end].to_vec()).unwrap());
                held.drain(..found.next);
                seen = found.seen - found.next;
                if found.closed {
                    return pieces;
                }
            }
            seen = held.len();
        }
        if !held.is_empty() {
            pieces.push(String::from_utf8(held).unwrap());
        }
        pieces
    }

    const CSV: &str = "a,\"b\n\"\"\",c\nit's 5\",x\n\n\"q\"\"\n\",\"\"\nlast";

    #[test]
    fn one_by_one() {
        for step in 1..40 {
            assert_eq!(pieces(LineCutter, "{}\n \n[1]\nx", step, Some(1)), ["{}\n", " \n[1]\n", "x"]);
            let csv = CsvCutter::new(CsvDialect::default());
            assert_eq!(
                pieces(csv, CSV, step, Some(1)),
                ["a,\"b\n\"\"\",c\n", "it's 5\",x\n", "\n\"q\"\"\n\",\"\"\n", "last"]
            );
            let csv = CsvCutter::new(CsvDialect { comment: Some(b'#'), ..CsvDialect::default() });
            assert_eq!(
                pieces(csv, "a\r\rb,\"\r\"\r\n\r\r\n\"c\"\r#\"\nd\r\ne\r", step, Some(1)),
                ["a\r", "\rb,\"\r\"\r\n", "\r\r\n\"c\"\r", "#\"\nd\r\n", "e\r"]
            );
            let values = "{\"a\":\n\"}{\"}{}\n x {\n[\n]";
            assert_eq!(
                pieces(ValueCutter::default(), values, step, Some(1)),
                ["{\"a\":\n\"}{\"}", "{}", "\n x {", "\n[\n]"]
            );
            assert_eq!(pieces(ArrayCutter::default(), ",{}, ,\n]", step, Some(1)), [",", "{},", " ,", "\n]"]);
            let array = r#" {"a":"],[\""} , [1,{"b":2}],"x,y" ]rest"#;
            assert_eq!(
                pieces(ArrayCutter::default(), array, step, Some(1)),
                [r#" {"a":"],[\""} ,"#, r#" [1,{"b":2}],"#, r#""x,y" "#]
            );
        }
    }

    #[test]
    fn as_many_as_there_are() {
        let csv = || CsvCutter::new(CsvDialect::default());
        assert_eq!(pieces(LineCutter, "1\n2\n3", 5, None), ["1\n2\n", "3"]);
        assert_eq!(pieces(csv(), CSV, 100, None), [&CSV[..CSV.len() - 4], "last"]);
        assert_eq!(pieces(csv(), CSV, 100, Some(2))[0], "a,\"b\n\"\"\",c\nit's 5\",x\n");
        assert_eq!(pieces(ArrayCutter::default(), "1,2,3]", 4, None), ["1,2,", "3"]);
    }

    #[test]
    fn dialects() {
        let escape = CsvDialect { escape: Some(b'\\'), double_quote: false, ..CsvDialect::default() };
        assert_eq!(
            pieces(CsvCutter::new(escape), "\"a\\\"\nb\"\nc\n", 3, Some(1)),
            ["\"a\\\"\nb\"\n", "c\n"]
        );
        let comment = CsvDialect { comment: Some(b'#'), ..CsvDialect::default() };
        for step in 1..12 {
            assert_eq!(
                pieces(CsvCutter::new(comment), "#\"\na\n#\"\nb\n", step, Some(1)),
                ["#\"\na\n", "#\"\nb\n"]
            );
        }
        let none = CsvDialect { quote: None, ..CsvDialect::default() };
        assert_eq!(pieces(CsvCutter::new(none), "\"a\nb\n", 9, Some(1)), ["\"a\n", "b\n"]);
    }
}
