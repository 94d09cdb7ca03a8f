//! Errors as rustc shows them: the title, the lines around what is wrong, notes, and help.

use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Padding, Renderer, Snippet};

use crate::failure::{Failure, NextAction, SourceText};

/// Lines shown before and after what is wrong.
const CONTEXT_LINES: usize = 2;
/// The most lines of a statement that are shown.
const MOST_LINES: usize = 12;
/// The most bytes of a line that are shown: generated SQL has lines of megabytes.
const MOST_BYTES: usize = 160;

/// The whole error, with styles; the stream it is written to takes them off where they don't belong.
pub(crate) fn render(failure: &Failure, next_actions: &[NextAction]) -> String {
    let mut elements: Vec<Element<'_>> = Vec::new();
    let window = failure.source.as_ref().map(Window::around);
    match (&failure.place, &failure.source, &window) {
        (place, Some(source), Some(window)) => {
            let mut origin = Origin::path(&source.name);
            if let Some(place) = place
                && let (Some(line), Some(column)) = (place.line, place.column)
            {
                origin = origin.line(line).char_column(column);
            }
            elements.push(origin.into());
            let label = one_line(&source.label);
            let annotation = AnnotationKind::Primary.span(window.span.clone()).label(label);
            let snippet = Snippet::source(&window.text)
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
    let why =
        failure.why.iter().filter(|why| Some(why.as_str()) != shown).map(|why| Level::NOTE.message(why));
    let notes: Vec<_> = why.chain(failure.notes.iter().map(|note| Level::NOTE.message(note))).collect();
    if window.is_some() && !notes.is_empty() {
        elements.push(Padding.into());
    }
    elements.extend(notes.into_iter().map(Element::from));

    let mut report = vec![Level::ERROR.primary_title(&failure.message).id(failure.code).elements(elements)];
    report.extend(
        next_actions.iter().map(|action| Group::with_title(Level::HELP.secondary_title(help(action)))),
    );
    Renderer::styled().render(&report)
}

/// Advice alone, a line for each.
pub(crate) fn render_help(next_actions: &[NextAction]) -> String {
    let report: Vec<_> = next_actions
        .iter()
        .map(|action| Group::with_title(Level::HELP.primary_title(help(action))))
        .collect();
    Renderer::styled().render(&report)
}

fn help(action: &NextAction) -> String {
    match &action.command {
        Some(command) => format!("{}: {command}", action.label),
        None => action.label.clone(),
    }
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
}

impl Window {
    fn around(source: &SourceText) -> Self {
        let lines: Vec<(usize, &str)> = lines(&source.text);
        let line_of = |offset: usize| lines.partition_point(|(start, _)| *start <= offset).saturating_sub(1);
        let (begin, end) =
            (line_of(source.span.start), line_of(source.span.end.max(source.span.start + 1) - 1));
        let first = begin.saturating_sub(CONTEXT_LINES);
        let last = (end + CONTEXT_LINES).min(first + MOST_LINES - 1).min(lines.len().saturating_sub(1));

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
        Self { span: span.start.min(text.len())..span.end.min(text.len()), text, first_line: first + 1 }
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
    if lines.is_empty() {
        lines.push((0, ""));
    }
    lines
}

#[cfg(test)]
mod tests;
