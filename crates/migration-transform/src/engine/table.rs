//! A record as a table of where its keys and values are, with an arena for those that were made.

use super::Validate;
use super::names::{Names, OTHER, Slot};
use super::skip::nested_end;
use crate::json::text;
use crate::reason::Reason;
use crate::value::scan::{MAX_DEPTH, blanks_end, string_end, value_end};

/// Where a text is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    start: u32,
    end: u32,
    in_arena: bool,
}

/// One field.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    /// What it is called now.
    pub(crate) slot: Slot,
    /// Its key as written, with quotes; none if it was given its name by a step.
    pub(crate) key: Option<Span>,
    /// Its value.
    pub(crate) value: Span,
}

/// The fields of one record, in order; used for one record after the other.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) entries: Vec<Entry>,
    arena: Vec<u8>,
    scratch: Vec<u8>,
}

impl Table {
    /// Reads the record whose text is `text[start..end]`, without blanks around it.
    ///
    /// # Errors
    ///
    /// What is wrong with it: [`Reason::InvalidJson`], [`Reason::NotAnObject`], [`Reason::TooDeep`].
    pub(crate) fn read(
        &mut self,
        text: &[u8],
        start: usize,
        names: &Names,
        validate: Validate,
    ) -> Result<(), Reason> {
        self.entries.clear();
        self.arena.clear();
        self.scan(Source { text, in_arena: false }, start, names, validate)
    }

    /// Reads the record anew from what a transformer made of it. What was there before is forgotten.
    pub(crate) fn replace(&mut self, record: &[u8], names: &Names) -> Result<(), Reason> {
        let mut arena = std::mem::take(&mut self.arena);
        arena.clear();
        arena.extend_from_slice(record);
        self.entries.clear();
        let scanned = self.scan(Source { text: &arena, in_arena: true }, 0, names, Validate::Structure);
        self.arena = arena;
        scanned
    }

    fn scan(
        &mut self,
        source: Source<'_>,
        start: usize,
        names: &Names,
        validate: Validate,
    ) -> Result<(), Reason> {
        let text = source.text;
        if text.get(start) != Some(&b'{') {
            let is_value = value_end(text, start, MAX_DEPTH) == Ok(text.len());
            return Err(if is_value { Reason::NotAnObject } else { Reason::InvalidJson });
        }
        let mut at = blanks_end(text, start + 1);
        if text.get(at) == Some(&b'}') {
            return source.ends_at(at + 1);
        }
        loop {
            let key_end = string_end(text, at)?;
            let slot = names.find(&text[at + 1..key_end - 1], &mut self.scratch);
            let key = Some(source.span(at, key_end));
            at = blanks_end(text, key_end);
            if text.get(at) != Some(&b':') {
                return Err(Reason::InvalidJson);
            }
            at = blanks_end(text, at + 1);
            let end = value_end_as(text, at, validate)?;
            self.entries.push(Entry { slot, key, value: source.span(at, end) });
            at = blanks_end(text, end);
            match text.get(at) {
                Some(b',') => at = blanks_end(text, at + 1),
                Some(b'}') => return source.ends_at(at + 1),
                _ => return Err(Reason::InvalidJson),
            }
        }
    }

    /// Without fields.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.arena.clear();
    }

    /// Adds a field of a CSV, whose key is in `column`; null if there is no text.
    pub(crate) fn push_text(&mut self, column: Option<&(Slot, Box<[u8]>)>, value: Option<&[u8]>) {
        let Some((slot, key)) = column else { return };
        let key = (*slot == OTHER).then(|| self.make(|out| out.extend_from_slice(key)).0);
        let (value, ()) = self.make(|out| match value {
            Some(value) => text::write(value, out),
            None => out.extend_from_slice(b"null"),
        });
        self.entries.push(Entry { slot: *slot, key, value });
    }

    /// The text at a place.
    pub(crate) fn text<'a>(&'a self, input: &'a [u8], span: Span) -> &'a [u8] {
        let source = if span.in_arena { &self.arena } else { input };
        &source[span.start as usize..span.end as usize]
    }

    /// The key of a field as it is written, with quotes.
    pub(crate) fn key<'a>(&'a self, input: &'a [u8], names: &'a Names, entry: &Entry) -> &'a [u8] {
        entry.key.map_or_else(|| names.written(entry.slot), |key| self.text(input, key))
    }

    /// A new text, which `write` appends to the arena; its answer is returned too.
    pub(crate) fn make<T>(&mut self, write: impl FnOnce(&mut Vec<u8>) -> T) -> (Span, T) {
        let start = self.arena.len();
        let answer = write(&mut self.arena);
        (Source { text: &self.arena, in_arena: true }.span(start, self.arena.len()), answer)
    }

    /// A text made from the one at `span`.
    pub(crate) fn make_from<T>(
        &mut self,
        input: &[u8],
        span: Span,
        write: impl FnOnce(&[u8], &mut Vec<u8>) -> T,
    ) -> (Span, T) {
        if !span.in_arena {
            return self.make(|out| write(&input[span.start as usize..span.end as usize], out));
        }
        // What is read must not move while it is written to.
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        scratch.extend_from_slice(self.text(input, span));
        let made = self.make(|out| write(&scratch, out));
        self.scratch = scratch;
        made
    }

    /// The last field with a name.
    pub(crate) fn last(&self, slot: Slot) -> Option<usize> {
        debug_assert_ne!(slot, OTHER);
        self.entries.iter().rposition(|entry| entry.slot == slot)
    }

    /// Gives a field a value: the last one with the name, of which others are removed, or a new one at the end.
    pub(crate) fn set(&mut self, slot: Slot, value: Span) {
        let Some(last) = self.last(slot) else {
            self.entries.push(Entry { slot, key: None, value });
            return;
        };
        self.entries[last].value = value;
        let mut place = 0;
        self.entries.retain(|entry| {
            place += 1;
            place - 1 == last || entry.slot != slot
        });
    }

    /// Appends the record as JSON; `on_one_line`: without the line ends that objects and arrays may have between tokens.
    pub(crate) fn write(&self, input: &[u8], names: &Names, on_one_line: bool, out: &mut Vec<u8>) {
        out.push(b'{');
        for (place, entry) in self.entries.iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            out.extend_from_slice(self.key(input, names, entry));
            out.push(b':');
            let value = self.text(input, entry.value);
            if on_one_line && memchr::memchr2(b'\n', b'\r', value).is_some() {
                out.extend(value.iter().filter(|byte| !matches!(byte, b'\n' | b'\r')));
            } else {
                out.extend_from_slice(value);
            }
        }
        out.push(b'}');
    }
}

/// What is scanned.
#[derive(Clone, Copy)]
struct Source<'a> {
    text: &'a [u8],
    in_arena: bool,
}

impl Source<'_> {
    /// Texts of 4 GiB and more are not taken: [`super::Engine`] bounds the length of a record and of a chunk.
    fn span(self, start: usize, end: usize) -> Span {
        let number = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
        Span { start: number(start), end: number(end), in_arena: self.in_arena }
    }

    fn ends_at(self, end: usize) -> Result<(), Reason> {
        if end == self.text.len() { Ok(()) } else { Err(Reason::InvalidJson) }
    }
}

/// The place after a value of the record itself.
pub(crate) fn value_end_as(text: &[u8], at: usize, validate: Validate) -> Result<usize, Reason> {
    match (text.get(at), validate) {
        (Some(b'{' | b'['), Validate::Structure) => nested_end(text, at).ok_or(Reason::InvalidJson),
        _ => value_end(text, at, MAX_DEPTH - 1),
    }
}
