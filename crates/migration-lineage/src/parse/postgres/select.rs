//! `SELECT`: its list, groups and windows.

use pg_query::NodeEnum;
use pg_query::protobuf::{GroupingSet, GroupingSetKind, List, Node, ResTarget, SelectStmt, WindowDef};
use sqlparser::ast::helpers::attached_token::AttachedToken;
use sqlparser::ast::{
    Distinct, Expr, GroupByExpr, NamedWindowDefinition, NamedWindowExpr, ObjectName, Select, SelectFlavor,
    SelectInto, SelectItem, SelectItemQualifiedWildcardKind, WildcardAdditionalOptions, WindowFrame,
    WindowFrameBound, WindowFrameUnits, WindowSpec,
};

use super::{Beyond, Lower, Lowered, inner, kind, names};

/// Bits of a window's frame: `FRAMEOPTION_…` in PostgreSQL's `nodes/parsenodes.h`.
mod frame {
    pub(super) const NON_DEFAULT: i32 = 0x0_0001;
    pub(super) const RANGE: i32 = 0x0_0002;
    pub(super) const ROWS: i32 = 0x0_0004;
    pub(super) const BETWEEN: i32 = 0x0_0010;
    pub(super) const START_UNBOUNDED_PRECEDING: i32 = 0x0_0020;
    pub(super) const END_UNBOUNDED_FOLLOWING: i32 = 0x0_0100;
    pub(super) const START_CURRENT_ROW: i32 = 0x0_0200;
    pub(super) const END_CURRENT_ROW: i32 = 0x0_0400;
    pub(super) const START_OFFSET_PRECEDING: i32 = 0x0_0800;
    pub(super) const END_OFFSET_PRECEDING: i32 = 0x0_1000;
}

impl Lower<'_> {
    pub(super) fn select(&self, select: &SelectStmt) -> Lowered<Select> {
        let distinct = match select.distinct_clause.as_slice() {
            [] => None,
            // `DISTINCT` alone is a list of nothing.
            [Node { node: None }] => Some(Distinct::Distinct),
            on => Some(Distinct::On(self.exprs(on)?)),
        };
        Ok(Select {
            select_token: AttachedToken::empty(),
            optimizer_hints: Vec::new(),
            distinct,
            select_modifiers: None,
            top: None,
            top_before_distinct: false,
            projection: self.targets(&select.target_list)?,
            exclude: None,
            into: self.into(select)?,
            from: self.from(&select.from_clause)?,
            lateral_views: Vec::new(),
            prewhere: None,
            selection: self.maybe(select.where_clause.as_deref())?,
            connect_by: Vec::new(),
            group_by: GroupByExpr::Expressions(self.groups(&select.group_clause)?, Vec::new()),
            cluster_by: Vec::new(),
            distribute_by: Vec::new(),
            sort_by: Vec::new(),
            having: self.maybe(select.having_clause.as_deref())?,
            named_window: select
                .window_clause
                .iter()
                .map(|node| self.named_window(node))
                .collect::<Lowered<_>>()?,
            qualify: None,
            window_before_qualify: false,
            value_table_mode: None,
            flavor: SelectFlavor::Standard,
        })
    }

    fn into(&self, select: &SelectStmt) -> Lowered<Option<SelectInto>> {
        let Some(into) = &select.into_clause else { return Ok(None) };
        let table = names::relation_in(into.rel.as_ref())?;
        let parts = table.0.into_iter().filter_map(|part| part.as_ident().cloned()).collect();
        Ok(Some(SelectInto {
            temporary: names::is_temporary(into.rel.as_ref()),
            unlogged: false,
            table: false,
            targets: vec![Expr::CompoundIdentifier(parts)],
        }))
    }

    /// The list of a `SELECT`, or what `RETURNING` gives.
    pub(super) fn targets(&self, targets: &[Node]) -> Lowered<Vec<SelectItem>> {
        let target = |node: &Node| match kind(node)? {
            NodeEnum::ResTarget(target) => self.target(target),
            _ => Err(Beyond("an item of a list")),
        };
        targets.iter().map(target).collect()
    }

    fn target(&self, target: &ResTarget) -> Lowered<SelectItem> {
        let value = inner(&target.val)?;
        if let Some(alias) = names::ident_or_none(&target.name) {
            return Ok(SelectItem::ExprWithAlias { expr: self.expr_of(value)?, alias });
        }
        let options = WildcardAdditionalOptions::default;
        match value {
            NodeEnum::ColumnRef(column) => match column.fields.split_last() {
                Some((Node { node: Some(NodeEnum::AStar(_)) }, [])) => {
                    return Ok(SelectItem::Wildcard(options()));
                }
                Some((Node { node: Some(NodeEnum::AStar(_)) }, of)) => {
                    let of = SelectItemQualifiedWildcardKind::ObjectName(names::object(of)?);
                    return Ok(SelectItem::QualifiedWildcard(of, options()));
                }
                _ => {}
            },
            NodeEnum::AIndirection(access) => {
                if let Some((Node { node: Some(NodeEnum::AStar(_)) }, before)) =
                    access.indirection.split_last()
                {
                    let of = self.row_of(access, before)?;
                    return Ok(SelectItem::QualifiedWildcard(of, options()));
                }
            }
            _ => {}
        }
        self.expr_of(value).map(SelectItem::UnnamedExpr)
    }

    /// What `.*` is of: `(alias).*` is all columns of it.
    fn row_of(
        &self,
        access: &pg_query::protobuf::AIndirection,
        before: &[Node],
    ) -> Lowered<SelectItemQualifiedWildcardKind> {
        let root = self.expr_in(&access.arg)?;
        if before.is_empty()
            && let Expr::Identifier(name) = root
        {
            return Ok(SelectItemQualifiedWildcardKind::ObjectName(ObjectName::from(vec![name])));
        }
        let root = if before.is_empty() { root } else { self.access(root, before)? };
        Ok(SelectItemQualifiedWildcardKind::Expr(root))
    }

    pub(super) fn groups(&self, groups: &[Node]) -> Lowered<Vec<Expr>> {
        let group = |node: &Node| match kind(node)? {
            NodeEnum::GroupingSet(set) => self.grouping_set(set),
            other => self.expr_of(other),
        };
        groups.iter().map(group).collect()
    }

    fn grouping_set(&self, set: &GroupingSet) -> Lowered<Expr> {
        let parts = || -> Lowered<Vec<Vec<Expr>>> {
            let part = |expr| match expr {
                Expr::Tuple(parts) => parts,
                other => vec![other],
            };
            Ok(self.groups(&set.content)?.into_iter().map(part).collect())
        };
        match GroupingSetKind::try_from(set.kind) {
            Ok(GroupingSetKind::GroupingSetEmpty) => Ok(Expr::Tuple(Vec::new())),
            Ok(GroupingSetKind::GroupingSetRollup) => Ok(Expr::Rollup(parts()?)),
            Ok(GroupingSetKind::GroupingSetCube) => Ok(Expr::Cube(parts()?)),
            Ok(GroupingSetKind::GroupingSetSets) => Ok(Expr::GroupingSets(parts()?)),
            _ => Err(Beyond("a grouping set")),
        }
    }

    fn named_window(&self, node: &Node) -> Lowered<NamedWindowDefinition> {
        let NodeEnum::WindowDef(window) = kind(node)? else { return Err(Beyond("a window")) };
        let spec = NamedWindowExpr::WindowSpec(self.window(window)?);
        Ok(NamedWindowDefinition(names::ident(&window.name), spec))
    }

    pub(super) fn window(&self, window: &WindowDef) -> Lowered<WindowSpec> {
        Ok(WindowSpec {
            window_name: names::ident_or_none(&window.refname),
            partition_by: self.exprs(&window.partition_clause)?,
            order_by: self.sort(&window.order_clause)?,
            window_frame: self.frame(window)?,
        })
    }

    fn frame(&self, window: &WindowDef) -> Lowered<Option<WindowFrame>> {
        let has = |bits: i32| window.frame_options & bits != 0;
        if !has(frame::NON_DEFAULT) {
            return Ok(None);
        }
        let units = if has(frame::RANGE) {
            WindowFrameUnits::Range
        } else if has(frame::ROWS) {
            WindowFrameUnits::Rows
        } else {
            WindowFrameUnits::Groups
        };
        let offset = |node: &Option<Box<Node>>| self.expr_in(node).map(|expr| Some(Box::new(expr)));
        let start_bound = if has(frame::START_UNBOUNDED_PRECEDING) {
            WindowFrameBound::Preceding(None)
        } else if has(frame::START_CURRENT_ROW) {
            WindowFrameBound::CurrentRow
        } else if has(frame::START_OFFSET_PRECEDING) {
            WindowFrameBound::Preceding(offset(&window.start_offset)?)
        } else {
            WindowFrameBound::Following(offset(&window.start_offset)?)
        };
        let end_bound = if !has(frame::BETWEEN) {
            None
        } else if has(frame::END_UNBOUNDED_FOLLOWING) {
            Some(WindowFrameBound::Following(None))
        } else if has(frame::END_CURRENT_ROW) {
            Some(WindowFrameBound::CurrentRow)
        } else if has(frame::END_OFFSET_PRECEDING) {
            Some(WindowFrameBound::Preceding(offset(&window.end_offset)?))
        } else {
            Some(WindowFrameBound::Following(offset(&window.end_offset)?))
        };
        Ok(Some(WindowFrame { units, start_bound, end_bound }))
    }

    /// Expressions one by one.
    pub(super) fn exprs(&self, nodes: &[Node]) -> Lowered<Vec<Expr>> {
        nodes.iter().map(|node| self.expr(node)).collect()
    }

    /// The expressions of a list node.
    pub(super) fn list(&self, node: &NodeEnum) -> Lowered<Vec<Expr>> {
        match node {
            NodeEnum::List(List { items }) => self.exprs(items),
            _ => Err(Beyond("something else than a list")),
        }
    }
}
