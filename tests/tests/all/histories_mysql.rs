//! Real MySQL histories: each applies from empty, and the server's own program for dumps sees the same schema as after its
//! own client ran the files; so it does after the way back, as far as there is one, and after the way up again. What
//! doesn't apply fails in the same place and leaves the same behind. Our own dump, restored by us and by the client, dumps
//! as the same text.

use migration_kit::sql::{Error, MigrationManager, MigrationSet, Request, Target};
use migration_tests::server::Kind;
use migration_tests::{History, histories, on_servers};

use crate::mysql_schema::{client, compare, dump, open, restore, schema};

/// Histories that begin in the middle: what they change is made by no file.
const LEFT_OUT: &[&str] = &[
    "killbill-account",
    "killbill-catalog",
    "killbill-invoice",
    "killbill-payment",
    "killbill-subscription",
    "killbill-util",
];

/// The tests, and the histories of each.
const NUMBERED: &[&str] = &["diesel-own", "authelia", "gophish", "openfga", "cfssl", "ncps", "fathom"];
const GENERATED: &[&str] = &["umami", "homarr", "uaa", "kestra", "conductor", "genie", "trino-gateway"];
const SERVICES: &[&str] = &["temporal", "temporal-visibility", "cadence", "memos"];
const SCHEDULERS: &[&str] =
    &["dolphinscheduler", "stroom-index", "stroom-node", "stroom-job", "fineract-list"];
const LONG: &[&str] = &["fineract-tenant"];
const LONG_AND_BACK: &[&str] = &["hydra"];

/// The same text for the client. The tool of one history sends a file as a whole, so that the server cuts it. Two dashes
/// without a blank begin a comment where a statement would begin, but for a client that sends its comments to the server.
fn for_client(history: &History, sql: &str) -> String {
    if history.layout == "authelia" {
        return format!("DELIMITER <<end>>\n{sql}\n<<end>>\n");
    }
    let lines = sql.split_inclusive('\n').map(|line| match line.strip_prefix("--") {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_alphabetic()) => format!("-- {rest}"),
        _ => line.to_owned(),
    });
    lines.collect()
}

/// What the server's own client makes of a history, in a database that is gone again.
struct Reference {
    /// The migration that it stops at.
    fails: Option<String>,
    /// The schema then.
    full: String,
    /// How many down files work after that, the newest first.
    back: usize,
    /// Whether the next one fails; else there is none.
    next_fails: bool,
    /// The schema then.
    after_back: String,
}

impl Reference {
    fn of<K: Kind>(history: &History, set: &MigrationSet) -> Self {
        let database = K::shared();
        let works = |sql: &str| client::<K>(&database, &for_client(history, sql)).is_ok();
        let fails = set.migrations().iter().find(|migration| !works(&migration.up.text));
        let fails = fails.map(|migration| migration.id.clone());
        let full = schema(&database);
        let (mut back, mut next_fails) = (0, false);
        if fails.is_none() {
            let downs = set.migrations().iter().rev().map_while(|migration| migration.down.as_ref());
            for down in downs {
                next_fails = !works(&down.text);
                if next_fails {
                    break;
                }
                back += 1;
            }
        }
        let after_back = if back > 0 || next_fails { schema(&database) } else { String::new() };
        Self { fails, full, back, next_fails, after_back }
    }
}

fn check<K: Kind>(history: &History) {
    let project = &history.project;
    let set = history.load_plain();
    // First, and not beside it: some files ask the server what any database has.
    let theirs = Reference::of::<K>(history, &set);
    let ours = K::shared();
    let server = ours.engine().to_lowercase();
    assert_eq!(theirs.fails.is_none(), history.clean[&server], "{project}: {:?}", theirs.fails);

    let mut manager = MigrationManager::new(open(&ours));
    manager.use_set(set.clone());
    let failed = match manager.apply_pending_migrations() {
        Ok(report) => {
            assert_eq!(report.results.len(), set.len());
            None
        }
        Err(Error::Failed(failure)) => Some(failure),
        Err(error) => panic!("{project}: {error:?}"),
    };
    let stopped_at = failed.as_ref().map(|failure| &failure.migration);
    assert_eq!(stopped_at, theirs.fails.as_ref(), "{project}: {failed:?}");
    compare(&format!("{project}: up"), &schema(&ours), &theirs.full);
    restore::<K>(project, &dump(manager.connector()), &theirs.full);
    if let Some(id) = stopped_at {
        println!("{project} on {server}: stops at {id}, as the client does");
        return;
    }

    let steps = theirs.back + usize::from(theirs.next_fails);
    let mut told = format!("{project} on {server}: up {}, down {}", set.len(), theirs.back);
    if steps > 0 {
        match manager.run(&Request::down().to(Target::Steps(steps))) {
            Ok(_) => assert!(!theirs.next_fails, "{project}: a down file works that the client refuses"),
            Err(Error::Failed(failure)) if theirs.next_fails => {
                let refused = &set.migrations()[set.len() - steps].id;
                assert_eq!(&failure.migration, refused, "{project}: {failure:?}");
                told.push_str(", the next is refused as by the client");
            }
            Err(error) => panic!("{project}: down: {error:?}"),
        }
        compare(&format!("{project}: down"), &schema(&ours), &theirs.after_back);
    }
    if steps > 0 && !theirs.next_fails {
        manager.apply_pending_migrations().unwrap_or_else(|error| panic!("{project}: up again: {error:?}"));
        compare(&format!("{project}: up again"), &schema(&ours), &theirs.full);
        told.push_str(", up again");
    }
    println!("{told}");
}

fn shard<K: Kind>(projects: &[&str]) {
    let histories = histories("mysql", &[]);
    for project in projects {
        if let Some(history) = histories.iter().find(|history| history.project == *project) {
            check::<K>(history);
        }
    }
}

fn numbered<K: Kind>() {
    shard::<K>(NUMBERED);
}

fn generated<K: Kind>() {
    shard::<K>(GENERATED);
}

fn services<K: Kind>() {
    shard::<K>(SERVICES);
}

fn schedulers<K: Kind>() {
    shard::<K>(SCHEDULERS);
}

fn long<K: Kind>() {
    shard::<K>(LONG);
}

fn long_and_back<K: Kind>() {
    shard::<K>(LONG_AND_BACK);
}

on_servers!([mariadb, mysql] [numbered, generated, services, schedulers, long, long_and_back]);

#[test]
fn no_history_is_forgotten() {
    let lists = [NUMBERED, GENERATED, SERVICES, SCHEDULERS, LONG, LONG_AND_BACK, LEFT_OUT];
    for history in histories("mysql", &[]) {
        let count =
            lists.iter().flat_map(|list| list.iter()).filter(|name| **name == history.project).count();
        assert_eq!(count, 1, "{}", history.project);
    }
}
