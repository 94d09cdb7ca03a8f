//! Functions: which aggregate, which hide what they are given, and which choose between their arguments.

use sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentClause, FunctionArguments, Ident,
    WindowSpec, WindowType,
};

use super::{Scope, Walker};
use crate::fault::Fault;
use crate::flow::{Flow, Subtype};

impl Walker<'_> {
    /// What a call depends on.
    pub(crate) fn function(&mut self, function: &Function, scope: &Scope<'_>) -> Result<Flow, Fault> {
        let name = self.name(&function.name).last();
        if let Some(flow) = self.proposed_value(&name, function, scope) {
            return Ok(flow);
        }
        if let Some(results) = self.call(function, scope)? {
            return Ok(results.value());
        }
        let mut role = Role::of(&name.as_str().to_ascii_lowercase(), function.over.is_some());
        if let FunctionArguments::List(list) = &function.args
            && list.args.len() > 1
            && (name.is("max") || name.is("min"))
        {
            // SQLite's `max(a, b)` is the larger of both.
            role = Role::Plain;
        }
        let mut flow = match &function.args {
            FunctionArguments::None => Flow::default(),
            FunctionArguments::Subquery(query) => {
                self.query(query, Some(scope))?.value().through(role.subtype())
            }
            FunctionArguments::List(list) => {
                let mut flow = self.choose(role, &list.args, scope)?;
                for clause in &list.clauses {
                    flow.add(self.clause(clause, scope)?);
                }
                flow
            }
        };
        if let FunctionArguments::List(list) = &function.parameters {
            flow.add(self.arguments(&list.args, scope)?.through(role.subtype()));
        }
        for item in &function.within_group {
            flow.add(self.expr(&item.expr, scope)?.through(Subtype::Aggregation));
        }
        if let Some(condition) = &function.filter {
            flow.add(self.expr(condition, scope)?.through(Subtype::Conditional));
        }
        match &function.over {
            Some(WindowType::WindowSpec(spec)) => flow.add(self.window(spec, scope)?),
            Some(WindowType::NamedWindow(name)) => flow.add(self.window_named(name, scope)),
            None => {}
        }
        Ok(flow)
    }

    /// MySQL: `VALUES(column)` in an upsert is what would have been inserted.
    fn proposed_value(
        &self,
        name: &crate::name::Ident,
        function: &Function,
        scope: &Scope<'_>,
    ) -> Option<Flow> {
        let FunctionArguments::List(list) = &function.args else { return None };
        let [FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Identifier(column)))] = list.args.as_slice()
        else {
            return None;
        };
        if !name.is("values") {
            return None;
        }
        scope.relation(std::slice::from_ref(name))?.column(&self.ident(column))
    }

    fn choose(&mut self, role: Role, args: &[FunctionArg], scope: &Scope<'_>) -> Result<Flow, Fault> {
        let mut flow = Flow::default();
        for (index, argument) in args.iter().enumerate() {
            let value = self.argument(argument, scope)?;
            match role {
                Role::If if index == 0 => flow.add(value.through(Subtype::Conditional)),
                Role::If => flow.add(value),
                Role::FirstOf => {
                    flow.add(value.clone().through(Subtype::Conditional));
                    flow.add(value.through(Subtype::Transformation));
                }
                Role::Position => flow.add(value.through(Subtype::Window)),
                Role::Mask => flow.add(value.through_masked(Subtype::Transformation, true)),
                Role::Count => flow.add(value.through_masked(Subtype::Aggregation, true)),
                Role::Aggregate => flow.add(value.through(Subtype::Aggregation)),
                Role::Plain => flow.add(value.through(Subtype::Transformation)),
            }
        }
        Ok(flow)
    }

    /// All arguments, in one.
    pub(super) fn arguments(&mut self, args: &[FunctionArg], scope: &Scope<'_>) -> Result<Flow, Fault> {
        let mut flow = Flow::default();
        for argument in args {
            flow.add(self.argument(argument, scope)?);
        }
        Ok(flow)
    }

    pub(super) fn argument(&mut self, argument: &FunctionArg, scope: &Scope<'_>) -> Result<Flow, Fault> {
        let value = match argument {
            FunctionArg::Named { arg, .. }
            | FunctionArg::ExprNamed { arg, .. }
            | FunctionArg::Unnamed(arg) => arg,
        };
        match value {
            FunctionArgExpr::Expr(expr) => self.expr(expr, scope),
            FunctionArgExpr::QualifiedWildcard(name) => Ok(self.whole_row(name, scope)),
            FunctionArgExpr::Wildcard | FunctionArgExpr::WildcardWithOptions(_) => Ok(Flow::default()),
        }
    }

    fn clause(&mut self, clause: &FunctionArgumentClause, scope: &Scope<'_>) -> Result<Flow, Fault> {
        match clause {
            FunctionArgumentClause::Where(condition) => {
                Ok(self.expr(condition, scope)?.through(Subtype::Conditional))
            }
            FunctionArgumentClause::OrderBy(items) => {
                let mut flow = Flow::default();
                for item in items {
                    flow.add(self.expr(&item.expr, scope)?.through(Subtype::Sort));
                }
                Ok(flow)
            }
            _ => Ok(Flow::default()),
        }
    }

    /// What a window is made of.
    pub(super) fn window(&mut self, spec: &WindowSpec, scope: &Scope<'_>) -> Result<Flow, Fault> {
        let mut flow = Flow::default();
        if let Some(name) = &spec.window_name {
            flow.add(self.window_named(name, scope));
        }
        for expr in spec.partition_by.iter().chain(spec.order_by.iter().map(|item| &item.expr)) {
            flow.add(self.expr(expr, scope)?);
        }
        Ok(flow.through(Subtype::Window))
    }

    pub(super) fn window_named(&self, name: &Ident, scope: &Scope<'_>) -> Flow {
        let name = self.ident(name);
        let named = scope.windows.iter().find(|(window, _)| *window == name);
        named.map(|(_, flow)| flow.clone()).unwrap_or_default()
    }
}

/// What a function does with what it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Plain,
    /// Of many rows.
    Aggregate,
    /// Of many rows, and only how many.
    Count,
    /// A digest.
    Mask,
    /// `COALESCE` and its kin: any argument's value, and whether there is one decides. By OpenLineage's integration for
    /// Spark, which shows it as a transformation with a condition.
    FirstOf,
    /// `IF(condition, a, b)`: by the integration for Hive, which keeps what the branches are.
    If,
    /// A place in a window: its arguments are no values.
    Position,
}

impl Role {
    fn of(name: &str, over: bool) -> Role {
        const AGGREGATES: &[&str] = &[
            "sum",
            "avg",
            "min",
            "max",
            "total",
            "group_concat",
            "string_agg",
            "array_agg",
            "json_agg",
            "jsonb_agg",
            "json_object_agg",
            "jsonb_object_agg",
            "json_group_array",
            "json_group_object",
            "jsonb_group_array",
            "jsonb_group_object",
            "json_arrayagg",
            "json_objectagg",
            "xmlagg",
            "bool_and",
            "bool_or",
            "every",
            "bit_and",
            "bit_or",
            "bit_xor",
            "std",
            "stddev",
            "stddev_pop",
            "stddev_samp",
            "variance",
            "var_pop",
            "var_samp",
            "corr",
            "covar_pop",
            "covar_samp",
            "regr_avgx",
            "regr_avgy",
            "regr_count",
            "regr_intercept",
            "regr_r2",
            "regr_slope",
            "regr_sxx",
            "regr_sxy",
            "regr_syy",
            "percentile_cont",
            "percentile_disc",
            "mode",
            "median",
            "any_value",
            "range_agg",
            "range_intersect_agg",
            "listagg",
        ];
        const MASKS: &[&str] = &[
            "md5",
            "sha",
            "sha1",
            "sha2",
            "sha3",
            "sha224",
            "sha256",
            "sha384",
            "sha512",
            "digest",
            "hmac",
            "crypt",
            "encrypt",
            "aes_encrypt",
            "des_encrypt",
            "password",
            "old_password",
            "hash",
            "hashtext",
            "hashtextextended",
            "hash_md5",
            "crc32",
            "xxhash64",
            "murmur3",
            "pgp_sym_encrypt",
            "pgp_pub_encrypt",
            "anonymize",
            "mask",
        ];
        match name {
            "count" => Role::Count,
            "rank" | "dense_rank" | "row_number" | "percent_rank" | "cume_dist" | "ntile" if over => {
                Role::Position
            }
            "coalesce" | "ifnull" | "nvl" | "nullif" => Role::FirstOf,
            "if" | "iif" => Role::If,
            _ if AGGREGATES.contains(&name) => Role::Aggregate,
            _ if MASKS.contains(&name) => Role::Mask,
            _ => Role::Plain,
        }
    }

    fn subtype(self) -> Subtype {
        match self {
            Role::Aggregate | Role::Count => Subtype::Aggregation,
            _ => Subtype::Transformation,
        }
    }
}
