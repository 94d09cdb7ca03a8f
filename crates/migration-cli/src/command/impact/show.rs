//! The impact of a change for the terminal.

use std::collections::BTreeSet;

use anstyle::Style;
use migration_kit::lineage::{Confidence, Dependent, Impact};
use migration_kit::model::SchemaObjectKind;

use super::{ImpactData, StatementImpact};
use crate::screen::{View, count, notes, printable, shorten};
use crate::style::{BAD, DIM, GOOD, WAITING, paint};

pub(super) fn render(data: &ImpactData, view: View) -> String {
    let mut out = String::new();
    let coverage = data.history.coverage;
    if coverage.analysed < coverage.statements {
        let missed = coverage.statements - coverage.analysed;
        let text = format!(
            "{missed} of {} of the {} could not be read",
            count(coverage.statements, "statement"),
            if data.live { "schema" } else { "history" }
        );
        out.push_str(&notes(&[text]));
    }
    for statement in &data.statements {
        of_statement(data, statement, view, &mut out);
    }
    let summary = &data.summary;
    let numbers = [
        (summary.refused, "refused"),
        (summary.broken, "broken"),
        (summary.reshaped, "reshaped"),
        (summary.vanished, "vanished"),
        (summary.unknown, "unknown"),
        (summary.not_understood, "not understood"),
    ];
    let numbers: Vec<String> = numbers
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{number} {what}"))
        .collect();
    let behind = if data.live {
        "in the database".to_owned()
    } else {
        format!("behind {}", count(data.history.migrations, "migration"))
    };
    if numbers.is_empty() {
        out.push_str(&format!("{} {behind}\n", paint(GOOD, "nothing would break,")));
    } else {
        out.push_str(&format!("{}, {behind}\n", numbers.join(", ")));
    }
    out
}

fn of_statement(data: &ImpactData, statement: &StatementImpact, view: View, out: &mut String) {
    let silent = statement.impacts.iter().all(|impact| *impact == Impact::default());
    if silent && statement.not_understood.is_none() && !view.verbose {
        return;
    }
    let place = paint(DIM, format_args!("{}:{}", printable(&statement.file), statement.line));
    let text = if view.verbose { printable(&statement.text) } else { shorten(&statement.text, 80) };
    out.push_str(&format!("{place}  {text}\n"));
    for impact in &statement.impacts {
        if let Some(name) = impact.unknown.as_ref().filter(|_| impact.engine_says.is_none()) {
            let title =
                paint(WAITING, if data.live { "is not in the database" } else { "is made by no migration" });
            out.push_str(&format!("  {title}: {}\n", printable(name)));
        }
        if impact.refused {
            match impact.engine_says.as_ref().or(impact.reason.as_ref()) {
                Some(text) => {
                    out.push_str(&format!("  {}: {}\n", paint(BAD, "would be refused"), printable(text)));
                }
                None => out.push_str(&format!("  {}\n", paint(BAD, "would be refused, because of"))),
            }
            listed(&impact.refused_by, data, out);
        } else {
            group(DIM, "would not be refused because of", &impact.refused_by, data, out);
        }
        group(BAD, "would fail afterwards", &impact.broken, data, out);
        group(BAD, "would go with it", &impact.vanished, data, out);
        group(WAITING, "would have other columns", &impact.reshaped, data, out);
    }
    if let Some(why) = &statement.not_understood {
        out.push_str(&format!("  {}", notes(std::slice::from_ref(why))));
    }
}

fn group(style: Style, title: &str, all: &BTreeSet<Dependent>, data: &ImpactData, out: &mut String) {
    if !all.is_empty() {
        out.push_str(&format!("  {}\n", paint(style, title)));
        listed(all, data, out);
    }
}

fn listed(all: &BTreeSet<Dependent>, data: &ImpactData, out: &mut String) {
    for dependent in all {
        let table = dependent.table.as_ref().map(|table| format!(" of {table}")).unwrap_or_default();
        // A constraint need not have a name.
        let name = Some(&dependent.name).filter(|name| !name.is_empty());
        let name = name.map(|name| format!(" {name}")).unwrap_or_default();
        let is_procedure =
            dependent.kind == SchemaObjectKind::Function && data.procedures.contains(&dependent.name);
        let kind = if is_procedure { "procedure" } else { dependent.kind.as_str() };
        let line = format!("{kind}{name}{table}");
        let known = match (data.live, dependent.denied, dependent.confidence) {
            (true, true, _) => paint(DIM, " (denied by the database)"),
            (true, false, Confidence::Confirmed) => String::new(),
            (true, false, _) => paint(DIM, " (by its text)"),
            (false, ..) => String::new(),
        };
        out.push_str(&format!("    {}{known}\n", printable(&line)));
    }
}
