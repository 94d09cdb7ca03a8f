//! PostgreSQL's `CREATE POLICY`: it moves nothing, but it reads columns, which then can't go.

use sqlparser::ast::Statement;

use crate::catalogue::{Catalogue, Policy};
use crate::fault::Fault;
use crate::parse;
use crate::walk::{Scope, Walker};

pub(super) fn is_create(statement: &migration_syntax::Statement<'_>) -> bool {
    let mut words = statement.text.split_whitespace();
    words.next();
    words.next().is_some_and(|word| word.eq_ignore_ascii_case("policy"))
}

pub(super) fn create(
    statement: &migration_syntax::Statement<'_>,
    catalogue: &mut Catalogue,
) -> Result<(), Fault> {
    let policies = parse::with_parsed(statement.text, catalogue.dialect(), |trees| {
        let mut policies = Vec::new();
        for tree in trees {
            let Statement::CreatePolicy(policy) = tree else { continue };
            let mut walker = Walker::new(catalogue);
            walker.follows_calls = false;
            let table = walker.table(&policy.table_name);
            let scope = Scope::of(vec![walker.base(&table, None)], None);
            for condition in policy.using.iter().chain(&policy.with_check) {
                walker.expr(condition, &scope)?;
            }
            let name = walker.ident(&policy.name);
            let reads = walker.take_touched().into_iter().filter(|column| column.table.is_some()).collect();
            policies.push(Policy { name, table, reads });
        }
        Ok(policies)
    })?;
    policies.into_iter().for_each(|policy| catalogue.put_policy(policy));
    Ok(())
}
