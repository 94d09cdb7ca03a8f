//! Errors as rustc shows them: the title, the lines around what is wrong, notes, and help.

use annotate_snippets::{AnnotationKind, Element, Level, Origin, Padding, Renderer, Snippet};

use migration_kit::syntax::LineIndex;

use crate::failure::{Failure, NextAction, SourceText};
use crate::screen::printable;
use crate::style::{HELP, STRONG, paint};

/// Lines shown before and after what is wrong.
const CONTEXT_LINES: usize = 2;
/// The most lines of a statement that are shown.
const MOST_LINES: usize = 12;
/// The most bytes of a line that are shown: generated SQL has lines of megabytes.
const MOST_BYTES: usize = 120;
/// Lines are cut here and not by the renderer.
const RENDERER: Renderer = Renderer::styled().term_width(4 * MOST_BYTES);

/// The whole error, with styles; the stream it is written to takes them off where they don't belong.
pub(crate) fn render(failure: &Failure, next_actions: &[NextAction]) -> String {
    let mut elements: Vec<Element<'_>> = Vec::new();
    let window = failure.source.as_ref().map(Window::around);
    match (&failure.place, &failure.source, &window) {
        (_, Some(source), Some(window)) => {
            let annotation =
                AnnotationKind::Primary.span(window.span.clone()).label(window.label(&source.label));
            let snippet = Snippet::source(&window.text)
                .path(&source.name)
                .line_start(window.first_line)
                .fold(false)
                .annotation(annotation);
            elements.push(snippet.into());
        }
        (Some(place), ..) => {
            if let Some(file) = &place.file {
                let mut origin = Origin::path(file);
                if let Some(line) = place.line {
                    origin = origin.line(line);
                }
                if let Some(column) = place.column {
                    origin = origin.char_column(column);
                }
                elements.push(origin.into());
            }
        }
        _ => {}
    }
    let shown = failure.source.as_ref().map(|source| source.label.as_str());
    let why = failure
        .why
        .iter()
        .filter(|why| !shown.is_some_and(|shown| why.contains(shown)))
        .map(|why| Level::NOTE.message(why));
    let notes: Vec<_> = why.chain(failure.notes.iter().map(|note| Level::NOTE.message(note))).collect();
    if window.is_some() && !notes.is_empty() {
        elements.push(Padding.into());
    }
    elements.extend(notes.into_iter().map(Element::from));

    let report = [Level::ERROR.primary_title(&failure.message).id(failure.code).elements(elements)];
    let text = RENDERER.render(&report);
    let text = match (&failure.source, &window) {
        (Some(source), Some(window)) => window.true_column(source, text),
        _ => text,
    };
    if next_actions.is_empty() { text } else { format!("{text}\n{}", render_help(next_actions)) }
}

/// Advice, a line for each.
pub(crate) fn render_help(next_actions: &[NextAction]) -> String {
    let lines = next_actions.iter().map(|action| {
        let advice = match &action.command {
            Some(command) => format!("{}: {}", action.label, paint(STRONG, printable(command))),
            None => action.label.clone(),
        };
        format!("{}: {}", paint(HELP, "help"), advice)
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn one_line(text: &str) -> String {
    text.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

/// The lines of a text that are worth showing.
#[derive(Debug, PartialEq, Eq)]
struct Window {
    text: String,
    first_line: usize,
    /// In `text`.
    span: std::ops::Range<usize>,
    /// The line on which what is wrong ends, if that is behind the window.
    goes_on_to: Option<usize>,
}

impl Window {
    fn around(source: &SourceText) -> Self {
        let lines: Vec<(usize, &str)> = lines(&source.text);
        let line_of = |offset: usize| lines.partition_point(|(start, _)| *start <= offset).saturating_sub(1);
        let (begin, end) =
            (line_of(source.span.start), line_of(source.span.end.max(source.span.start + 1) - 1));
        let mut first = begin.saturating_sub(CONTEXT_LINES);
        let mut last = (end + CONTEXT_LINES).min(first + MOST_LINES - 1).min(lines.len() - 1);
        let blank = |line: usize| lines[line].1.trim().is_empty();
        while first < begin && blank(first) {
            first += 1;
        }
        while last > end && blank(last) {
            last -= 1;
        }

        let mut text = String::new();
        let mut span = None::<std::ops::Range<usize>>;
        for (start, line) in &lines[first..=last] {
            // What is wrong must be seen: of a long line the part around it is shown.
            let wrong_from = source.span.start.clamp(*start, start + line.len()) - start;
            let cut = if line.len() > MOST_BYTES { wrong_from.saturating_sub(MOST_BYTES / 3) } else { 0 };
            let cut = line.floor_char_boundary(cut);
            let stop = line.floor_char_boundary((cut + MOST_BYTES).min(line.len()));
            let (before, after) = (if cut > 0 { "…" } else { "" }, if stop < line.len() { "…" } else { "" });
            let offset = text.len() + before.len();
            text.push_str(before);
            text.push_str(&line[cut..stop]);
            text.push_str(after);
            text.push('\n');

            let from = source.span.start.max(start + cut);
            let to = source.span.end.min(start + stop);
            if from <= to && source.span.start <= start + stop && source.span.end >= start + cut {
                let (from, to) = (from - start - cut + offset, to - start - cut + offset);
                span = Some(span.map_or(from..to, |span| span.start..to));
            }
        }
        text.pop();
        let span = span.unwrap_or(0..0);
        Self {
            span: span.start.min(text.len())..span.end.min(text.len()),
            text,
            first_line: first + 1,
            goes_on_to: (end > last).then_some(end + 1),
        }
    }
}

impl Window {
    fn label(&self, label: &str) -> String {
        match self.goes_on_to {
            Some(line) => format!("{} (the statement goes on to line {line})", one_line(label)),
            None => one_line(label),
        }
    }

    /// The renderer counts columns in what it is given; in a line that was cut that is not the file's.
    fn true_column(&self, source: &SourceText, rendered: String) -> String {
        let place = source.place();
        let (Some(line), Some(column)) = (place.line, place.column) else { return rendered };
        let (_, shown) = LineIndex::new(&self.text).line_column(self.span.start);
        let at = |column: usize| format!("{}:{line}:{column}", source.name);
        if shown == column { rendered } else { rendered.replacen(&at(shown), &at(column), 1) }
    }
}

/// The lines of a text with their offsets; at least one.
fn lines(text: &str) -> Vec<(usize, &str)> {
    let mut start = 0;
    let mut lines: Vec<_> = text
        .split_inclusive('\n')
        .map(|line| {
            let here = start;
            start += line.len();
            (here, line.trim_end_matches(['\n', '\r']))
        })
        .collect();
    if lines.is_empty() || text.ends_with('\n') {
        lines.push((text.len(), ""));
    }
    lines
}

#[cfg(test)]
mod tests;
