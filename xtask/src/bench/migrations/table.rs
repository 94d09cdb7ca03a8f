//! The figures of one place, as tables in Markdown.

use std::fmt::Write as _;
use std::time::Duration;

use super::candidates::{Action, Candidate};
use super::databases::Place;
use crate::bench::measure::Cost;
use crate::bench::milliseconds;

/// What was measured in one place.
#[derive(Debug, Default)]
pub(super) struct Figures {
    rows: Vec<Figure>,
}

#[derive(Debug)]
struct Figure {
    action: Action,
    program: String,
    size: usize,
    cost: Cost,
}

impl Figures {
    pub(super) fn add(&mut self, candidate: &Candidate, action: Action, size: usize, cost: Cost) {
        self.rows.push(Figure { action, program: candidate.title(), size, cost });
    }

    /// A table for each action: a row for each program, a column for each number of migrations. In a cell the time from
    /// start to exit and the CPU time, in milliseconds, and how many times those of the first row that is.
    pub(super) fn markdown(&self, place: Place) -> String {
        let mut text = format!("\n### {}\n", place.title());
        for action in Action::ALL {
            let figures: Vec<&Figure> = self.rows.iter().filter(|figure| figure.action == action).collect();
            let (mut sizes, mut programs) = (Vec::new(), Vec::new());
            for figure in &figures {
                if !sizes.contains(&figure.size) {
                    sizes.push(figure.size);
                }
                if !programs.contains(&figure.program.as_str()) {
                    programs.push(figure.program.as_str());
                }
            }
            let Some(&first) = programs.first() else { continue };
            let find = |program: &str, size: usize| {
                figures.iter().find(|f| f.program == program && f.size == size).map(|f| f.cost)
            };
            _ = writeln!(text, "\n{}:\n", sentence(action.title()));
            let columns: String = sizes.iter().map(|size| format!(" {size} |")).collect();
            _ = writeln!(text, "| program |{columns} memory |\n|---|{}---:|", "---:|".repeat(sizes.len()));
            for program in programs {
                _ = write!(text, "| {program} |");
                for &size in &sizes {
                    _ = write!(text, " {} |", cell(find(program, size), find(first, size)));
                }
                let peak = figures.iter().filter(|f| f.program == program).map(|f| f.cost.peak_kib).max();
                _ = writeln!(text, " {:.1} MiB |", peak.unwrap_or_default() as f64 / 1024.0);
            }
        }
        text
    }
}

fn cell(cost: Option<Cost>, ours: Option<Cost>) -> String {
    let (Some(cost), Some(ours)) = (cost, ours) else { return "–".to_owned() };
    let ratio = |time: Duration, ours: Duration| time.as_secs_f64() / ours.as_secs_f64().max(1e-9);
    format!(
        "{} / {} ({:.2} / {:.2})",
        milliseconds(cost.wall),
        milliseconds(cost.cpu),
        ratio(cost.wall, ours.wall),
        ratio(cost.cpu, ours.cpu)
    )
}

/// The text with its first letter in upper case.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::super::candidates;
    use super::*;

    #[test]
    fn ratios_are_those_to_the_first_row() {
        let cost = |ms: u64| Cost {
            wall: Duration::from_millis(ms),
            cpu: Duration::from_micros(ms * 500),
            peak_kib: 2048 * ms,
        };
        let mut figures = Figures::default();
        figures.add(&candidates::ALL[0], Action::Apply, 1, cost(4));
        figures.add(&candidates::ALL[0], Action::Apply, 100, cost(10));
        figures.add(&candidates::ALL[1], Action::Apply, 100, cost(25));
        let text = figures.markdown(Place::SqliteDisk);
        let name = candidates::ALL[1].name;
        assert_eq!(
            text,
            format!(
                "\n### SQLite, disk\n\nApply to an empty database:\n\n| program | 1 | 100 | memory |\n\
                 |---|---:|---:|---:|\n| migration | 4.0 / 2.0 (1.00 / 1.00) | 10.0 / 5.0 (1.00 / 1.00) | 20.0 MiB |\n\
                 | {name} | – | 25.0 / 12.5 (2.50 / 2.50) | 50.0 MiB |\n"
            )
        );
    }
}
