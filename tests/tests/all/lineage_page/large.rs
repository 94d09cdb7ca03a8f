//! A thousand tables.

use std::fmt::Write as _;
use std::time::Instant;

use migration_tests::Project;
use migration_tests::browser::{Browser, key};
use serde_json::Value;

use super::looks::keep;
use super::{lit, page};

/// A quarter are tables, the rest views on one to three of what is there before them; about twenty edges each.
fn sql(count: usize) -> String {
    let mut random = fastrand::Rng::with_seed(3);
    let mut sql = String::new();
    let mut columns: Vec<Vec<String>> = Vec::new();
    for number in 0..count {
        if number < count / 4 {
            let own: Vec<String> = (0..8).map(|at| format!("c{number}_{at}")).collect();
            _ = writeln!(sql, "CREATE TABLE base_{number} ({});", own.join(" INTEGER, ") + " INTEGER");
            columns.push(own);
            continue;
        }
        let near = number.saturating_sub(300)..number;
        let sources: Vec<usize> = (0..random.usize(1..=3)).map(|_| random.usize(near.clone())).collect();
        let mut any = || {
            let at = random.usize(..sources.len());
            format!("t{at}.{}", random.choice(&columns[sources[at]]).unwrap())
        };
        let values: Vec<String> =
            (0..7).map(|at| format!("{} + {} AS v{number}_{at}", any(), any())).collect();
        let (one, other) = (any(), any());
        let name =
            |table: usize| if table < count / 4 { format!("base_{table}") } else { format!("view_{table}") };
        let from: Vec<String> =
            sources.iter().enumerate().map(|(at, table)| format!("{} t{at}", name(*table))).collect();
        _ = writeln!(
            sql,
            "CREATE VIEW view_{number} AS SELECT {} FROM {} WHERE {one} = {other};",
            values.join(", "),
            from.join(" CROSS JOIN ")
        );
        columns.push((0..7).map(|at| format!("v{number}_{at}")).collect());
    }
    sql
}

/// All of it on the screen would be a line that nobody sees.
#[test]
fn a_long_chain_begins_where_it_can_be_read() {
    let mut sql = String::from("CREATE TABLE v0 (a INTEGER);\n");
    (1..1500).for_each(|number| _ = writeln!(sql, "CREATE VIEW v{number} AS SELECT a FROM v{};", number - 1));
    let project = Project::new(&format!("//- migrations/001_all.sql\n{sql}"));
    let file = page(&project, &[]);
    let browser = Browser::start(1280, 800);
    browser.open(&file, "");
    let shown = browser.texts(".card");
    assert!(shown.iter().any(|text| text.starts_with("v0")), "{shown:?}");
    assert!(shown.len() < 20, "{}", shown.len());
}

/// Prints how long the page takes to open: `cargo xtask test lineage_page::large --no-capture` shows it.
#[test]
fn a_thousand_tables_open_and_can_be_used() {
    let project = Project::new(&format!("//- migrations/001_all.sql\n{}", sql(1000)));
    let started = Instant::now();
    let file = page(&project, &[]);
    let made = started.elapsed();
    let size = std::fs::metadata(&file).unwrap().len();
    let browser = Browser::start(1280, 800);
    let ready = || browser.script("return Number(document.documentElement.dataset.ready)").as_u64().unwrap();
    let mut opened = Vec::new();
    for fragment in ["", "level=column", "select=view_700.v700_3&level=column"] {
        for _ in 0..3 {
            browser.open(&file, fragment);
            opened.push(ready());
        }
        keep(&browser, &format!("thousand-{}", opened.len() / 3));
    }
    let figures = browser.texts("#figures");
    println!("{}: {size} bytes written in {made:?}; shown after {opened:?} ms from navigation", figures[0]);
    assert!(figures[0].starts_with("1,000 tables · 7,250 columns · "), "{figures:?}");

    // Of all these, only what is in sight is made.
    let cards = || browser.script("return document.querySelectorAll('.card').length").as_u64().unwrap();
    assert!((1..200).contains(&cards()), "{}", cards());
    browser.open(&file, "");
    assert_eq!(cards(), 0, "from so far away cards are painted");

    // A click on a painted card selects it.
    let [x, y]: [i32; 2] = serde_json::from_value(browser.script(
        "const paper = document.getElementById('edges'), { data } = paper.getContext('2d').getImageData(0, 0, 1280, 600);
         const wanted = getComputedStyle(document.documentElement).getPropertyValue('--far').trim();
         const [r, g, b] = [1, 3, 5].map((at) => parseInt(wanted.slice(at, at + 2), 16));
         const top = paper.getBoundingClientRect().top;
         for (let at = 0; at < data.length; at += 4) {
             const isCard = (at) => data[at] === r && data[at + 1] === g && data[at + 2] === b;
             if ([0, 4, 8, 5120].every((step) => isCard(at + step))) return [at / 4 % 1280 + 1, Math.floor(at / 4 / 1280) + top].map(Math.round);
         }
         return [0, 0]",
    ))
    .unwrap();
    browser.drag((x, y), (x, y));
    assert_eq!(browser.texts("#panel .what"), ["table"]);

    // A search leads to where it can be read.
    browser.press("/");
    browser.press("v900_6");
    browser.press(key::ENTER);
    assert_eq!(browser.texts("#panel h2"), ["view_900"], "at the level of tables");
    browser.press("l");
    assert_eq!(lit(&browser)[1], ["view_900.v900_6"]);
    assert!(cards() > 0);

    let frame = browser.script(
        "const times = [];
         return new Promise((then) => {
             let last = performance.now();
             const step = () => {
                 const now = performance.now();
                 times.push(Math.round(now - last));
                 last = now;
                 if (times.length === 20) return then(times.sort((a, b) => a - b)[10]);
                 document.getElementById(times.length % 2 ? 'zoom-in' : 'zoom-out').click();
                 requestAnimationFrame(step);
             };
             requestAnimationFrame(step);
         });",
    );
    println!("a frame while zooming: {frame} ms in the middle");
    assert!(matches!(frame, Value::Number(_)));
}
