//! Functions and procedures: which share a name, and which of them a call means.

use std::collections::BTreeSet;
use std::sync::Arc;

use migration_syntax::Dialect;

use super::{Catalogue, Effects};
use crate::flow::{ColumnRef, Flow};
use crate::name::{Ident, ObjectName};

/// A function or procedure.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Routine {
    /// Its name.
    pub name: ObjectName,
    /// What it is.
    pub kind: RoutineKind,
    /// The parameters that a call gives values to, in order; of a procedure those of `OUT` as well, as a call names them.
    pub arguments: Vec<Argument>,
    /// The names of the columns that it gives back, where it says so.
    pub columns: Vec<Ident>,
    /// What it does, as far as its body was understood.
    pub body: Effects,
    /// Whether the database keeps the body as text, so that nobody notices when what it names is gone.
    pub textual: bool,
    /// Those columns that it reads or writes and its text doesn't name: `*` reads them, an `INSERT` without a list writes them.
    pub(crate) by_star: BTreeSet<ColumnRef>,
    /// Whether only triggers can call it.
    pub for_triggers: bool,
    /// PostgreSQL: the type that it returns, where that may be the type of a row.
    pub(crate) returns: Option<ObjectName>,
    /// Whether all of its body was understood, so that nothing else decides on what it gives back.
    pub(crate) understood: bool,
    /// Whether its body names tables that nothing had made when it was read.
    pub(crate) waits: bool,
    /// The body of one that changes the schema, is for triggers or waits for a table, for when it is read again.
    pub(crate) source: Option<Arc<Source>>,
}

/// What a [`Routine`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RoutineKind {
    /// A function, of rows or of one value; an aggregate too.
    Function,
    /// A procedure.
    Procedure,
}

/// A parameter of a [`Routine`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Argument {
    /// Its name, if it has one.
    pub name: Option<Ident>,
    /// Which way its value goes.
    pub mode: ArgumentMode,
    /// Its type, by PostgreSQL's own name for it and without length: `int4` for `integer`.
    pub data_type: String,
    /// Whether a call can leave it out.
    pub optional: bool,
    /// Whether a call can give it any number of values.
    pub variadic: bool,
}

/// Which way the value of an [`Argument`] goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ArgumentMode {
    /// `IN`: into the body.
    In,
    /// `OUT`: out of it.
    Out,
    /// `INOUT`: both ways.
    InOut,
}

/// The variables of a body that are what it gives back: of `OUT` parameters, and the columns of `RETURNS TABLE`.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Outs {
    /// Their names, in order.
    pub(crate) names: Vec<Ident>,
    /// Those of them to which a call gives no value.
    pub(crate) fresh: Vec<Ident>,
    /// Whether each `RETURN NEXT` gives them back, and not the end.
    pub(crate) by_row: bool,
}

/// What it takes to run a body again.
#[derive(Debug, PartialEq)]
pub(crate) struct Source {
    pub(crate) body: String,
    pub(crate) outs: Outs,
    /// Whether a query in it is its result.
    pub(crate) answers: bool,
    /// What each parameter is that a call leaves out.
    pub(crate) defaults: Vec<Option<String>>,
    /// The `search_path` that it sets for itself.
    pub(crate) path: Option<Vec<Ident>>,
}

/// What is known about the type of a value in a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ArgumentType {
    /// Its canonical name.
    Known(String),
    /// A string, which PostgreSQL takes for whatever is wanted.
    Literal,
    /// Nothing.
    Unknown,
}

/// What a call may mean.
#[derive(Debug, Clone, Default)]
pub(crate) struct Resolved<'c> {
    /// All that it may be: more than one if the types that are known don't tell.
    pub(crate) candidates: Vec<&'c Routine>,
}

impl Routine {
    /// The name with the types of its parameters, as PostgreSQL tells it from others.
    #[must_use]
    pub fn signature(&self) -> String {
        let types: Vec<_> = self.arguments.iter().map(|argument| argument.data_type.as_str()).collect();
        format!("{}({})", self.name, types.join(", "))
    }

    /// Whether what it gives back is known, so that its values have no other part in it.
    pub(crate) fn tells_its_results(&self) -> bool {
        self.understood && !self.body.results.is_empty()
    }

    fn same_types(&self, types: &[String]) -> bool {
        self.arguments.iter().map(|argument| &argument.data_type).eq(types)
    }

    /// The same without those of `OUT`, which a procedure can be named without.
    fn same_given_types(&self, types: &[String]) -> bool {
        let given = self.arguments.iter().filter(|argument| argument.mode != ArgumentMode::Out);
        given.map(|argument| &argument.data_type).eq(types)
    }

    /// Whether a call with so many values, of which these have names, can mean it.
    fn takes(&self, positional: usize, named: &[Ident]) -> bool {
        let variadic = self.arguments.last().is_some_and(|last| last.variadic);
        let given = |(at, argument): (usize, &Argument)| {
            at < positional
                || argument.optional
                || argument.name.as_ref().is_some_and(|name| named.contains(name))
        };
        let known = |name: &Ident| self.arguments.iter().any(|argument| argument.name.as_ref() == Some(name));
        (variadic || positional <= self.arguments.len())
            && named.iter().all(known)
            && self.arguments.iter().enumerate().filter(|(_, argument)| !argument.variadic).all(given)
    }

    fn argument(&self, at: usize) -> Option<&Argument> {
        self.arguments.get(at).or_else(|| self.arguments.last().filter(|last| last.variadic))
    }
}

impl Catalogue {
    /// Adds a function; instead of one with the same name and types.
    pub(crate) fn put_routine(&mut self, routine: Routine) {
        let key = self.key(&routine.name);
        let types: Vec<String> =
            routine.arguments.iter().map(|argument| argument.data_type.clone()).collect();
        let by_types = self.dialect == Dialect::Postgres;
        let named = self.functions.entry(key).or_default();
        let same = |known: &Routine| {
            if by_types { known.same_types(&types) } else { known.kind == routine.kind }
        };
        match named.iter_mut().find(|known| same(known)) {
            Some(known) => *known = routine,
            None => named.push(routine),
        }
    }

    /// Removes a function: the one with these types; without any, the only one of its name.
    pub(crate) fn remove_routine(
        &mut self,
        name: &ObjectName,
        kind: Option<RoutineKind>,
        types: Option<&[String]>,
    ) -> Option<Routine> {
        let name = self.routines_named(name).first()?.name.clone();
        let key = self.key(&name);
        let by_types = self.dialect == Dialect::Postgres;
        let named = self.functions.get_mut(&key)?;
        let fits = |known: &Routine| match types.filter(|_| by_types) {
            Some(types) => known.same_types(types) || known.same_given_types(types),
            None => by_types || kind.is_none_or(|kind| known.kind == kind),
        };
        let mut fitting = named.iter().enumerate().filter(|(_, known)| fits(known)).map(|(at, _)| at);
        let (at, None) = (fitting.next()?, fitting.next()) else { return None };
        let gone = named.remove(at);
        if named.is_empty() {
            self.functions.remove(&key);
        }
        Some(gone)
    }

    /// What a call means: by the number and names of its values, then by those of their types that are known.
    ///
    /// By PostgreSQL's rules (*Function Type Resolution* in its manual) as far as the types are known: where one of those that
    /// are left may be meant, all are.
    pub(crate) fn resolve(
        &self,
        name: &ObjectName,
        positional: &[ArgumentType],
        named: &[Ident],
    ) -> Resolved<'_> {
        let all = self.routines_named(name);
        let mut candidates: Vec<&Routine> =
            all.iter().filter(|routine| routine.takes(positional.len(), named)).collect();
        if self.dialect != Dialect::Postgres || candidates.len() < 2 {
            return Resolved { candidates };
        }
        let fit = |routine: &Routine, at: usize, given: &ArgumentType| match (given, routine.argument(at)) {
            (ArgumentType::Known(given), Some(wanted)) => fit(given, &wanted.data_type),
            _ => Fit::Possible,
        };
        candidates.retain(|routine| {
            positional.iter().enumerate().all(|(at, given)| fit(routine, at, given) != Fit::Impossible)
        });
        let differ = |at: usize, candidates: &[&Routine]| {
            let types = |routine: &&Routine| routine.argument(at).map(|argument| argument.data_type.clone());
            candidates.windows(2).any(|pair| types(&pair[0]) != types(&pair[1]))
        };
        let untold =
            |(at, given): (usize, &ArgumentType)| *given == ArgumentType::Unknown && differ(at, &candidates);
        if positional.iter().enumerate().any(untold) {
            return Resolved { candidates };
        }
        let exact = |routine: &Routine| {
            positional.iter().enumerate().filter(|(at, given)| fit(routine, *at, given) == Fit::Exact).count()
        };
        let most = candidates.iter().map(|routine| exact(routine)).max().unwrap_or_default();
        candidates.retain(|routine| exact(routine) == most);
        for (at, _) in positional.iter().enumerate().filter(|(_, given)| **given == ArgumentType::Literal) {
            let is_text = |routine: &&Routine| {
                routine.argument(at).is_some_and(|argument| category(&argument.data_type) == Category::Text)
            };
            if candidates.iter().any(is_text) {
                candidates.retain(is_text);
            }
        }
        Resolved { candidates }
    }
}

impl Effects {
    /// The same, with columns in place of stand-ins: of a row that a trigger sees, of a value that a call gives.
    pub(crate) fn bound(&self, column: &dyn Fn(&ColumnRef) -> Option<Flow>) -> Effects {
        let flow = |flow: &Flow| -> Flow {
            let mut bound = Flow::default();
            for source in flow.iter() {
                match column(&source.column) {
                    Some(known) => bound.add(known.through_masked(source.subtype, source.masking)),
                    None => bound.insert(source.clone()),
                }
            }
            bound
        };
        let target = |target: &ColumnRef| match column(target) {
            Some(known) => known.iter().next().map_or_else(|| target.clone(), |source| source.column.clone()),
            None => target.clone(),
        };
        let reads = self.reads.iter().flat_map(|read| match column(read) {
            Some(known) => known.iter().map(|source| source.column.clone()).collect(),
            None => vec![read.clone()],
        });
        Effects {
            inputs: self.inputs.clone(),
            outputs: self.outputs.clone(),
            reads: reads.collect(),
            writes: self.writes.iter().map(|(written, sources)| (target(written), flow(sources))).collect(),
            rows: self.rows.iter().map(|(table, sources)| (table.clone(), flow(sources))).collect(),
            results: self.results.iter().map(flow).collect(),
            changes_schema: self.changes_schema,
            calls: self.calls.clone(),
            needs: self.needs.clone(),
            counted: self.counted.clone(),
        }
    }
}

/// PostgreSQL's own name of a type, without length: `int4` for `INTEGER`, `varchar` for `character varying(20)`.
pub(crate) fn canonical_type(text: &str) -> String {
    let mut text = text.to_ascii_lowercase().replace('"', "");
    let array = text.contains("[]") || text.contains('[') || text.trim_end().ends_with(" array");
    while let Some(open) = text.find('(') {
        let close = text[open..].find(')').map_or(text.len(), |at| open + at + 1);
        text.replace_range(open..close, "");
    }
    let text = text.split('[').next().unwrap_or_default();
    let words: Vec<&str> =
        text.split_whitespace().filter(|word| !matches!(*word, "setof" | "array")).collect();
    let joined = words.join(" ").replace(" . ", ".");
    let name = joined.strip_prefix("pg_catalog.").unwrap_or(&joined);
    let canonical = match name {
        "int" | "integer" | "serial" | "serial4" => "int4",
        "bigint" | "bigserial" | "serial8" => "int8",
        "smallint" | "smallserial" | "serial2" => "int2",
        "decimal" | "dec" => "numeric",
        "boolean" => "bool",
        "double precision" | "float" | "double" => "float8",
        "real" => "float4",
        "character varying" | "char varying" => "varchar",
        "character" | "char" => "bpchar",
        "timestamp without time zone" => "timestamp",
        "timestamp with time zone" => "timestamptz",
        "time without time zone" => "time",
        "time with time zone" => "timetz",
        "bit varying" => "varbit",
        other => other,
    };
    if array { format!("{canonical}[]") } else { canonical.to_owned() }
}

/// Whether it is a type of the database itself, whose values are no rows.
pub(crate) fn is_base_type(name: &str) -> bool {
    category(&canonical_type(name)) != Category::Open
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    Exact,
    Possible,
    Impossible,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Category {
    Number,
    Text,
    Time,
    Other,
    /// Anything: `anyelement` and its kin, domains, enums, rows, types that extensions bring.
    Open,
}

/// Types that a value of one before may become without being asked, in order.
const NUMBERS: &[&str] = &["int2", "int4", "int8", "numeric", "float4", "float8"];
const TIMES: &[&str] = &["date", "timestamp", "timestamptz"];

fn category(name: &str) -> Category {
    match name {
        name if NUMBERS.contains(&name) => Category::Number,
        "text" | "varchar" | "bpchar" | "name" => Category::Text,
        "date" | "timestamp" | "timestamptz" | "time" | "timetz" => Category::Time,
        "bool" | "uuid" | "json" | "jsonb" | "bytea" | "interval" | "inet" | "cidr" | "xml" | "money"
        | "bit" | "varbit" => Category::Other,
        _ => Category::Open,
    }
}

/// Whether a value of one type can be given where the other is wanted.
fn fit(given: &str, wanted: &str) -> Fit {
    if given == wanted {
        return Fit::Exact;
    }
    let upwards = |order: &[&str]| {
        let place = |name: &str| order.iter().position(|known| *known == name);
        matches!((place(given), place(wanted)), (Some(from), Some(to)) if from < to)
    };
    let possible = match (category(given), category(wanted)) {
        (Category::Open, _) | (_, Category::Open) => true,
        (Category::Text, Category::Text) => true,
        (Category::Number, Category::Number) => upwards(NUMBERS),
        (Category::Time, Category::Time) => upwards(TIMES) || (given, wanted) == ("time", "timetz"),
        _ => false,
    };
    if possible { Fit::Possible } else { Fit::Impossible }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_have_one_name() {
        for (written, name) in [
            ("INTEGER", "int4"),
            ("character varying(20)", "varchar"),
            ("numeric(10, 2)", "numeric"),
            ("timestamp (3) with time zone", "timestamptz"),
            ("int[]", "int4[]"),
            ("pg_catalog.int4", "int4"),
            ("app.mood", "app.mood"),
        ] {
            assert_eq!(canonical_type(written), name);
        }
    }

    #[test]
    fn a_value_fits_where_it_needs_no_cast() {
        assert_eq!(fit("int4", "int4"), Fit::Exact);
        assert_eq!(fit("int4", "int8"), Fit::Possible);
        assert_eq!(fit("int8", "int4"), Fit::Impossible);
        assert_eq!(fit("int4", "text"), Fit::Impossible);
        assert_eq!(fit("varchar", "text"), Fit::Possible);
        assert_eq!(fit("mood", "text"), Fit::Possible);
        assert_eq!(fit("int4", "anyelement"), Fit::Possible);
    }
}
