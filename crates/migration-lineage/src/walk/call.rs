//! Calls of functions that the catalogue has: what they read and write, and what they give back.

use std::collections::BTreeSet;

use migration_syntax::Dialect;
use sqlparser::ast::{
    self, DataType, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Value,
};

use super::{Scope, Walker};
use crate::catalogue::{Argument, ArgumentMode, ArgumentType, Effects, Routine, RoutineKind, canonical_type};
use crate::define::{Texts, is_arguments, is_stand_in};
use crate::fault::Fault;
use crate::flow::{ColumnRef, Flow, Subtype};
use crate::name::{Ident, ObjectName};

/// A call of a function that changes the schema.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Called {
    pub(crate) name: ObjectName,
    /// Which of those that share the name.
    pub(crate) signature: String,
    /// The value of each of its parameters, unless it is left out.
    pub(crate) arguments: Vec<Option<Expr>>,
    /// Which texts each can be, once that has been asked of those who know.
    pub(crate) texts: Vec<Option<Texts>>,
}

/// What a procedure has put into a variable that it was called with.
#[derive(Debug, Clone)]
pub(crate) struct Returned {
    /// The variable's name; of a field, that of the record in front of it.
    pub(crate) to: Vec<Ident>,
    pub(crate) flow: Flow,
}

/// What a call gives back.
#[derive(Debug, Default)]
pub(super) struct Results {
    pub(super) names: Vec<Ident>,
    pub(super) columns: Vec<Flow>,
    /// What it was called with.
    given: Flow,
}

impl Results {
    /// The columns under these names. One value for all of them is a row, of which each is a part.
    pub(super) fn named(&self, names: &[Ident]) -> Vec<(Ident, Flow)> {
        let all = self.value().through(Subtype::Transformation);
        let columns = if names.len() > 1 && self.columns.len() == 1 { &[] } else { self.columns.as_slice() };
        let flow = |at: usize| columns.get(at).unwrap_or(&all).clone();
        names.iter().enumerate().map(|(at, name)| (name.clone(), flow(at))).collect()
    }

    /// All of it, in one.
    pub(super) fn value(&self) -> Flow {
        let mut flow = self.given.clone().through(Subtype::Transformation);
        self.columns.iter().for_each(|column| flow.add_all(column));
        flow
    }
}

/// A value of a call.
struct Given<'e> {
    name: Option<Ident>,
    expr: Option<&'e Expr>,
    flow: Flow,
}

impl Walker<'_> {
    /// A call in an expression; none if nothing of that name is known.
    pub(super) fn call(&mut self, function: &Function, scope: &Scope<'_>) -> Result<Option<Results>, Fault> {
        let args = match &function.args {
            FunctionArguments::List(list) => list.args.as_slice(),
            FunctionArguments::None => &[],
            FunctionArguments::Subquery(_) => return Ok(None),
        };
        if function.over.is_some() || function.filter.is_some() || !function.within_group.is_empty() {
            return Ok(None);
        }
        self.call_with(&function.name, args, scope)
    }

    pub(super) fn call_with(
        &mut self,
        name: &ast::ObjectName,
        args: &[FunctionArg],
        scope: &Scope<'_>,
    ) -> Result<Option<Results>, Fault> {
        let catalogue = self.catalogue;
        let name = self.name(name);
        self.calls.insert(name.clone());
        if !self.follows_calls || catalogue.routines_named(&name).is_empty() {
            return Ok(None);
        }
        let mut given = Vec::new();
        for arg in args {
            let flow = self.argument(arg, scope)?;
            let (arg_name, value) = match arg {
                FunctionArg::Named { name, arg, .. } => (Some(self.ident(name)), arg),
                FunctionArg::ExprNamed { name: Expr::Identifier(name), arg, .. } => {
                    (Some(self.ident(name)), arg)
                }
                FunctionArg::ExprNamed { arg, .. } | FunctionArg::Unnamed(arg) => (None, arg),
            };
            let expr = match value {
                FunctionArgExpr::Expr(expr) => Some(expr),
                _ => None,
            };
            given.push(Given { name: arg_name, expr, flow });
        }
        let types: Vec<ArgumentType> =
            given.iter().filter(|given| given.name.is_none()).map(|given| self.type_of(given)).collect();
        let named: Vec<Ident> = given.iter().filter_map(|given| given.name.clone()).collect();
        let resolved = catalogue.resolve(&name, &types, &named);
        if resolved.candidates.is_empty() {
            return Ok(None);
        }
        if resolved.candidates.len() > 1 {
            let signatures = resolved.candidates.iter().map(|routine| routine.signature()).collect();
            self.found.ambiguous(&name, signatures);
        }
        self.has_called = true;
        let mut results = Results::default();
        if resolved.candidates.iter().any(|routine| !routine.tells_its_results()) {
            given.iter().for_each(|given| results.given.add_all(&given.flow));
        }
        for routine in resolved.candidates {
            self.take_over(routine, &given, &mut results);
        }
        Ok(Some(results))
    }

    fn take_over(&mut self, routine: &Routine, given: &[Given<'_>], results: &mut Results) {
        let value = |name: &Ident| -> Flow {
            let at = |at: usize, argument: &Argument| {
                let numbered = name.as_str() == format!("${}", at + 1);
                numbered || argument.name.as_ref() == Some(name)
            };
            let place =
                routine.arguments.iter().enumerate().position(|(place, argument)| at(place, argument));
            let by_name = given.iter().find(|given| given.name.as_ref() == Some(name));
            let by_place = place.and_then(|place| given.get(place)).filter(|given| given.name.is_none());
            by_name.or(by_place).map(|given| given.flow.clone()).unwrap_or_default()
        };
        let column = |column: &ColumnRef| match &column.table {
            Some(table) if is_arguments(table) => Some(value(&column.name)),
            _ => None,
        };
        let effects: Effects = routine.body.bound(&column);
        let real = |names: &BTreeSet<ObjectName>| -> Vec<ObjectName> {
            names.iter().filter(|name| !is_stand_in(name)).cloned().collect()
        };
        self.read_by_calls.extend(real(&effects.inputs));
        for table in real(&effects.outputs) {
            self.found.output(&table);
        }
        for (target, flow) in &effects.writes {
            if !target.table.as_ref().is_some_and(is_stand_in) {
                self.found.column(target.clone(), flow.clone());
            }
        }
        for (table, flow) in effects.rows.iter().filter(|(table, _)| !is_stand_in(table)) {
            self.found.rows(Some(table), flow);
        }
        if effects.changes_schema {
            let value = |(at, argument): (usize, &Argument)| {
                let by_place = given.get(at).filter(|given| given.name.is_none());
                let by_name =
                    || given.iter().find(|given| given.name.is_some() && given.name == argument.name);
                by_place.or_else(by_name)?.expr.cloned()
            };
            let arguments = routine.arguments.iter().enumerate().map(value).collect();
            self.called.push(Called {
                name: routine.name.clone(),
                signature: routine.signature(),
                arguments,
                texts: Vec::new(),
            });
        }
        if results.names.is_empty() {
            let of_row = || self.catalogue.row_type(routine.returns.as_ref()?);
            results.names = match routine.columns.as_slice() {
                [] => of_row().unwrap_or_default(),
                columns => columns.to_vec(),
            };
        }
        if routine.kind == RoutineKind::Procedure {
            self.give_back(routine, given, &effects.results);
        }
        for (at, flow) in effects.results.into_iter().enumerate() {
            match results.columns.get_mut(at) {
                Some(known) => known.add(flow),
                None => results.columns.push(flow),
            }
        }
    }

    /// The variables that stand for `OUT` parameters get what these hold in the end.
    fn give_back(&mut self, routine: &Routine, given: &[Given<'_>], results: &[Flow]) {
        let outs = routine.arguments.iter().enumerate();
        let outs = outs.filter(|(_, argument)| argument.mode != ArgumentMode::In);
        for (nth, (at, argument)) in outs.enumerate() {
            let by_place = given.get(at).filter(|given| given.name.is_none());
            let by_name = || given.iter().find(|given| given.name.is_some() && given.name == argument.name);
            let expr = by_place.or_else(by_name).and_then(|given| given.expr);
            let Some(to) = expr.and_then(|expr| variable(expr, self.dialect)) else { continue };
            let flow = results.get(nth).cloned().unwrap_or_default();
            self.returned.push(Returned { to, flow });
        }
    }

    /// What is known about the type of a value.
    fn type_of(&self, given: &Given<'_>) -> ArgumentType {
        let mut expr = given.expr;
        while let Some(Expr::Nested(inner)) = expr {
            expr = Some(inner);
        }
        let known = |name: &str| ArgumentType::Known(name.to_owned());
        let of = |data_type: &DataType| ArgumentType::Known(canonical_type(&data_type.to_string()));
        match expr {
            Some(Expr::Value(value)) => match &value.value {
                Value::Number(number, _) if number.contains(['.', 'e', 'E']) => known("numeric"),
                Value::Number(number, _) if number.parse::<i32>().is_ok() => known("int4"),
                Value::Number(number, _) if number.parse::<i64>().is_ok() => known("int8"),
                Value::Number(..) => known("numeric"),
                Value::Boolean(_) => known("bool"),
                Value::Placeholder(_) => ArgumentType::Unknown,
                _ => ArgumentType::Literal,
            },
            Some(Expr::Cast { data_type, .. }) => of(data_type),
            Some(Expr::TypedString(typed)) => of(&typed.data_type),
            Some(Expr::Identifier(_) | Expr::CompoundIdentifier(_)) => self.type_of_column(&given.flow),
            _ => ArgumentType::Unknown,
        }
    }

    fn type_of_column(&self, flow: &Flow) -> ArgumentType {
        match self.type_text_of(flow) {
            Some(data_type) => ArgumentType::Known(canonical_type(&data_type)),
            None => ArgumentType::Unknown,
        }
    }

    /// The type of the only column that a value is a copy of, as it was written.
    pub(super) fn type_text_of(&self, flow: &Flow) -> Option<String> {
        let mut copied = flow.iter().filter(|source| source.subtype == Subtype::Identity);
        let (Some(source), None) = (copied.next(), copied.next()) else { return None };
        let relation = self.catalogue.known(source.column.table.as_ref()?)?;
        let data_type = &relation.column(&source.column.name)?.data_type;
        (!data_type.is_empty()).then(|| data_type.clone())
    }
}

/// The name of a variable that an expression is, or of a field of a record.
pub(super) fn variable(expr: &Expr, dialect: Dialect) -> Option<Vec<Ident>> {
    match expr {
        Expr::Identifier(name) => Some(vec![Ident::of(name, dialect)]),
        Expr::CompoundIdentifier(parts) => Some(parts.iter().map(|part| Ident::of(part, dialect)).collect()),
        Expr::Value(value) => match &value.value {
            Value::Placeholder(name) => Some(vec![Ident::new(name, true, dialect)]),
            _ => None,
        },
        _ => None,
    }
}
