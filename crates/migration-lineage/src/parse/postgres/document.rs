//! XML and JSON: expressions and tables that PostgreSQL's grammar has a syntax for. What is made of which parts is all that
//! lineage asks, so an expression becomes a call of a function with these parts.

use pg_query::NodeEnum;
use pg_query::protobuf::{
    JsonAggConstructor, JsonExprOp, JsonTable, JsonTableColumn, JsonTableColumnType, JsonValueExpr, Node,
    RangeTableFunc, XmlExpr, XmlExprOp,
};
use sqlparser::ast::{
    BinaryOperator, Expr, FunctionArgumentClause, FunctionArguments, JsonTableNamedColumn,
    JsonTableNestedColumn, TableFactor, Value, WindowType, XmlPassingArgument, XmlPassingClause,
    XmlTableColumn, XmlTableColumnOption,
};

use super::expr::bare;
use super::operator::{Rank, beside};
use super::{Beyond, Lower, Lowered, function, inner, kind, names};

impl Lower<'_> {
    pub(super) fn document(&self, node: &NodeEnum) -> Lowered<Expr> {
        match node {
            NodeEnum::XmlExpr(xml) => self.xml(xml),
            NodeEnum::XmlSerialize(xml) => self.of_parts("xmlserialize", &[&xml.expr]),
            NodeEnum::JsonIsPredicate(test) => Ok(Expr::IsJson {
                expr: self.boxed(&test.expr)?,
                kind: None,
                unique_keys: None,
                negated: false,
            }),
            NodeEnum::JsonValueExpr(value) => self.json_value(value),
            NodeEnum::JsonParseExpr(parse) => {
                Ok(function::plain("json", vec![self.json_in(parse.expr.as_deref())?]))
            }
            NodeEnum::JsonScalarExpr(scalar) => self.of_parts("json_scalar", &[&scalar.expr]),
            NodeEnum::JsonSerializeExpr(text) => {
                Ok(function::plain("json_serialize", vec![self.json_in(text.expr.as_deref())?]))
            }
            NodeEnum::JsonObjectConstructor(object) => {
                let mut parts = Vec::new();
                for pair in &object.exprs {
                    parts.extend(self.pair(kind(pair)?)?);
                }
                Ok(function::plain("json_object", parts))
            }
            NodeEnum::JsonArrayConstructor(array) => {
                Ok(function::plain("json_array", self.exprs(&array.exprs)?))
            }
            NodeEnum::JsonArrayQueryConstructor(array) => {
                Ok(function::of_query("json_array", self.subquery(array.query.as_deref())?))
            }
            NodeEnum::JsonObjectAgg(aggregate) => {
                let pair = aggregate.arg.as_deref().ok_or(Beyond("an aggregate of nothing"))?;
                let parts = vec![self.expr_in(&pair.key)?, self.json_in(pair.value.as_deref())?];
                self.aggregate("json_objectagg", parts, aggregate.constructor.as_deref())
            }
            NodeEnum::JsonArrayAgg(aggregate) => {
                let parts = vec![self.json_in(aggregate.arg.as_deref())?];
                self.aggregate("json_arrayagg", parts, aggregate.constructor.as_deref())
            }
            NodeEnum::JsonFuncExpr(query) => {
                let name = match JsonExprOp::try_from(query.op) {
                    Ok(JsonExprOp::JsonExistsOp) => "json_exists",
                    Ok(JsonExprOp::JsonQueryOp) => "json_query",
                    Ok(JsonExprOp::JsonValueOp) => "json_value",
                    _ => return Err(Beyond("a query of JSON")),
                };
                let mut parts = vec![self.json_in(query.context_item.as_deref())?];
                parts.push(self.expr_in(&query.pathspec)?);
                parts.extend(self.passing(&query.passing)?);
                for otherwise in [&query.on_empty, &query.on_error].into_iter().flatten() {
                    parts.extend(self.maybe(otherwise.expr.as_deref())?);
                }
                Ok(function::plain(name, parts))
            }
            _ => Err(Beyond("an expression of this kind")),
        }
    }

    fn xml(&self, xml: &XmlExpr) -> Lowered<Expr> {
        let name = match XmlExprOp::try_from(xml.op) {
            Ok(XmlExprOp::IsXmlconcat) => "xmlconcat",
            Ok(XmlExprOp::IsXmlelement) => "xmlelement",
            Ok(XmlExprOp::IsXmlforest) => "xmlforest",
            Ok(XmlExprOp::IsXmlparse) => "xmlparse",
            Ok(XmlExprOp::IsXmlpi) => "xmlpi",
            Ok(XmlExprOp::IsXmlroot) => "xmlroot",
            Ok(XmlExprOp::IsDocument) => return self.is_document(xml),
            _ => return Err(Beyond("an expression of XML")),
        };
        let mut parts = Vec::new();
        for node in &xml.named_args {
            match kind(node)? {
                NodeEnum::ResTarget(target) => parts.push(self.expr_in(&target.val)?),
                other => parts.push(self.expr_of(other)?),
            }
        }
        parts.extend(self.exprs(&xml.args)?);
        Ok(function::plain(name, parts))
    }

    /// `x IS DOCUMENT`, as an operator that no other has.
    fn is_document(&self, xml: &XmlExpr) -> Lowered<Expr> {
        let [value] = xml.args.as_slice() else { return Err(Beyond("an expression of XML")) };
        let left = beside(self.expr(value)?, Rank::Is);
        let op = BinaryOperator::Custom("IS".to_owned());
        Ok(Expr::BinaryOp { left, op, right: Box::new(bare("DOCUMENT".to_owned())) })
    }

    fn json_value(&self, value: &JsonValueExpr) -> Lowered<Expr> {
        self.expr_in(&value.raw_expr)
    }

    fn json_in(&self, value: Option<&JsonValueExpr>) -> Lowered<Expr> {
        self.json_value(value.ok_or(Beyond("a value of JSON that is not there"))?)
    }

    fn pair(&self, node: &NodeEnum) -> Lowered<[Expr; 2]> {
        let NodeEnum::JsonKeyValue(pair) = node else { return Err(Beyond("a pair of key and value")) };
        Ok([self.expr_in(&pair.key)?, self.json_in(pair.value.as_deref())?])
    }

    fn passing(&self, arguments: &[Node]) -> Lowered<Vec<Expr>> {
        let value = |node: &Node| match kind(node)? {
            NodeEnum::JsonArgument(argument) => self.json_in(argument.val.as_deref()),
            other => self.expr_of(other),
        };
        arguments.iter().map(value).collect()
    }

    fn aggregate(
        &self,
        name: &str,
        parts: Vec<Expr>,
        constructor: Option<&JsonAggConstructor>,
    ) -> Lowered<Expr> {
        let Expr::Function(mut call) = function::plain(name, parts) else {
            return Err(Beyond("an aggregate"));
        };
        let Some(constructor) = constructor else { return Ok(Expr::Function(call)) };
        if !constructor.agg_order.is_empty()
            && let FunctionArguments::List(list) = &mut call.args
        {
            list.clauses.push(FunctionArgumentClause::OrderBy(self.sort(&constructor.agg_order)?));
        }
        call.filter = self.maybe(constructor.agg_filter.as_deref())?.map(Box::new);
        call.over = match constructor.over.as_deref() {
            Some(window) => Some(match names::ident_or_none(&window.name) {
                Some(name) => WindowType::NamedWindow(name),
                None => WindowType::WindowSpec(self.window(window)?),
            }),
            None => None,
        };
        Ok(Expr::Function(call))
    }

    pub(super) fn xml_table(&self, table: &RangeTableFunc) -> Lowered<TableFactor> {
        let column = |node: &Node| {
            let NodeEnum::RangeTableFuncCol(column) = kind(node)? else { return Err(Beyond("a column")) };
            let option = if column.for_ordinality {
                XmlTableColumnOption::ForOrdinality
            } else {
                XmlTableColumnOption::NamedInfo {
                    r#type: self.data_type_in(column.type_name.as_ref())?,
                    path: self.maybe(column.colexpr.as_deref())?,
                    default: self.maybe(column.coldefexpr.as_deref())?,
                    nullable: !column.is_not_null,
                }
            };
            Ok(XmlTableColumn { name: names::ident(&column.colname), option })
        };
        let document =
            XmlPassingArgument { expr: self.expr_in(&table.docexpr)?, alias: None, by_value: false };
        Ok(TableFactor::XmlTable {
            namespaces: Vec::new(),
            row_expression: self.expr_in(&table.rowexpr)?,
            passing: XmlPassingClause { arguments: vec![document] },
            columns: table.columns.iter().map(column).collect::<Lowered<_>>()?,
            alias: names::alias_in(table.alias.as_ref())?,
        })
    }

    pub(super) fn json_table(&self, table: &JsonTable) -> Lowered<TableFactor> {
        let context = self.json_in(table.context_item.as_deref())?;
        let passed = self.passing(&table.passing)?;
        let json_expr =
            if passed.is_empty() { context } else { Expr::Tuple([vec![context], passed].concat()) };
        let path = table.pathspec.as_deref().ok_or(Beyond("a table of JSON without a path"))?;
        let Expr::Value(json_path) = self.expr_in(&path.string)? else {
            return Err(Beyond("a path that is no text"));
        };
        Ok(TableFactor::JsonTable {
            json_expr,
            json_path,
            columns: self.json_columns(&table.columns)?,
            alias: names::alias_in(table.alias.as_ref())?,
        })
    }

    fn json_columns(&self, columns: &[Node]) -> Lowered<Vec<sqlparser::ast::JsonTableColumn>> {
        let column = |node: &Node| match kind(node)? {
            NodeEnum::JsonTableColumn(column) => self.json_column(column),
            _ => Err(Beyond("a column")),
        };
        columns.iter().map(column).collect()
    }

    fn json_column(&self, column: &JsonTableColumn) -> Lowered<sqlparser::ast::JsonTableColumn> {
        use sqlparser::ast::JsonTableColumn as C;
        let path = || match column.pathspec.as_deref() {
            Some(path) => match self.expr_of(inner(&path.string)?)? {
                Expr::Value(path) => Ok(path),
                _ => Err(Beyond("a path that is no text")),
            },
            None => Ok(Value::SingleQuotedString(format!("$.{}", column.name)).into()),
        };
        Ok(match JsonTableColumnType::try_from(column.coltype) {
            Ok(JsonTableColumnType::JtcForOrdinality) => C::ForOrdinality(names::ident(&column.name)),
            Ok(JsonTableColumnType::JtcNested) => C::Nested(JsonTableNestedColumn {
                path: path()?,
                columns: self.json_columns(&column.columns)?,
            }),
            Ok(kind) => C::Named(JsonTableNamedColumn {
                name: names::ident(&column.name),
                r#type: self.data_type_in(column.type_name.as_ref())?,
                path: path()?,
                exists: kind == JsonTableColumnType::JtcExists,
                on_empty: None,
                on_error: None,
            }),
            Err(_) => return Err(Beyond("a column")),
        })
    }
}
