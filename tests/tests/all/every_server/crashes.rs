//! Runners that die, runners at the same time, and those that stand in each other's way.

use migration_kit::sql::{Request, Target};
use migration_tests::{Project, on_servers};

use super::{Subject, assert_complete, manager, migration, run_until};

on_servers!([postgres, mariadb, mysql] [
    dead_at_every_event,
    sixteen_runners_on_a_fresh_database,
    a_dead_holder_of_the_lock_is_in_nobodys_way,
]);

fn dead_at_every_event<S: Subject>() {
    let project = Project::new(S::HISTORY);
    let mut event = 1;
    loop {
        let database = S::shared();
        let died = run_until(&project, &database, event, "up");
        manager(&project, &database).apply_pending_migrations().unwrap();
        assert_complete::<S>(&database, &format!("dead at event {event} on the way up"));
        let died_down = run_until(&project, &database, event, "down");
        manager(&project, &database).run(&Request::down().to(Target::All)).unwrap();
        let applied = database.query("SELECT id FROM _migrations");
        assert!(applied.is_empty(), "dead at event {event} on the way down: {applied:?}");
        manager(&project, &database).apply_pending_migrations().unwrap();
        assert_complete::<S>(&database, &format!("up again after being dead at event {event}"));
        if !died && !died_down {
            break;
        }
        event += 1;
    }
    assert!(event > 25, "only {event} events were seen");
}

fn sixteen_runners_on_a_fresh_database<S: Subject>() {
    let (project, database) = (Project::new(S::HISTORY), S::shared());
    let children: Vec<_> = (0..16).map(|_| migration(&project, &database, &["up"]).spawn()).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_complete::<S>(&database, "sixteen runners");
}

fn a_dead_holder_of_the_lock_is_in_nobodys_way<S: Subject>() {
    let database = S::shared();
    let project = Project::new(&format!("//- migrations/1_a.up.sql\n{};\n", S::SLEEP));
    let mut slow = migration(&project, &database, &["up"]).spawn();
    while database.query(S::LOCKS).len() < 2 {
        assert!(slow.try_wait().unwrap().is_none());
    }
    let refused =
        migration(&project, &database, &["up", "--json", "--lock-timeout", "1"]).run().expect(7).json();
    assert_eq!(refused["error"]["code"], "database.locked");
    assert!(refused["error"]["message"].as_str().unwrap().contains("session"), "{refused}");
    slow.kill().unwrap();
    slow.wait().unwrap();
    project.write("//- migrations/1_a.up.sql\nSELECT 1;\n");
    _ = migration(&project, &database, &["up", "--lock-timeout", "60"]).run().expect(0);
}
