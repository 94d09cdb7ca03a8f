//! Events of a history that nobody runs: what its migrations are, and what there is after them.

use migration_syntax::split;

use super::datasets::{JobDatasets, facets};
use super::event::{DatasetEvent, Job, JobEvent, StaticDataset};
use super::observer::{ObserverSettings, job_type};
use super::{LineageEvent, query};
use crate::analyzer::Analyzer;

/// An event for each migration, as the job that it is when it runs ([`OpenLineageObserver`](super::OpenLineageObserver) says
/// what jobs are called), then one for each table and view that there is in the end, with where its columns come from over the
/// whole history. The migrations are those of the settings' `applied`.
#[must_use]
pub fn history_events(settings: &ObserverSettings) -> Vec<LineageEvent> {
    let naming = &settings.naming;
    let mut analyzer = Analyzer::new(naming.dialect());
    let mut whole = JobDatasets::new(naming, analyzer.catalogue());
    let mut events = Vec::new();
    for (id, text) in &settings.applied {
        let mut own = JobDatasets::new(naming, analyzer.catalogue());
        match split(text, naming.dialect()) {
            Ok(statements) => {
                let needed = analyzer.needed(&statements);
                for statement in &statements {
                    let lineage = analyzer.remembering(statement, needed.has(statement));
                    own.statement(statement.text, &lineage, None, analyzer.catalogue());
                    whole.statement(statement.text, &lineage, None, analyzer.catalogue());
                }
            }
            // Noted as what it is: one that is not understood.
            Err(_) => own.text(text, None, &mut analyzer),
        }
        let found = own.finish(analyzer.catalogue());
        let mut job = Job::new(&settings.namespace, format!("{}.up.{id}", settings.prefix));
        job.facets.job_type = Some(job_type("TASK").into());
        job.facets.sql = Some(query::of_file(text, naming.dialect()).into());
        job.facets.lineage = found.lineage.map(Into::into);
        if let Some(facts) = settings.facts.get(id) {
            facts.describe(&mut job);
        }
        events.push(JobEvent::now(job, found.inputs, found.outputs).into());
    }
    let mut flows = whole.into_flows();
    for relation in analyzer.catalogue().relations().filter(|relation| !relation.temporary) {
        let id = naming.of(&relation.name);
        let mut facets = facets(Some(relation), naming);
        if let Some(flows) = flows.remove(&id) {
            facets.column_lineage = flows.column_lineage().map(Into::into);
            facets.lineage = Some(flows.lineage().into());
        }
        let dataset = StaticDataset { namespace: id.namespace, name: id.name, facets };
        events.push(DatasetEvent::now(dataset).into());
    }
    events
}
