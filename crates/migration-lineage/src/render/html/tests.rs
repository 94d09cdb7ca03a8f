use std::collections::BTreeMap;

use migration_syntax::Dialect;
use serde_json::Value;

use super::*;
use crate::graph::{EdgeKind, History, NodeKey, NodeKind};

fn history(statements: &str) -> History {
    LineageGraph::from_history(Dialect::Postgres, [("001_first", statements)])
}

fn page(history: &History, selection: &Selection) -> String {
    LineagePage::of(&history.graph, &history.catalogue, selection).title("Shop").to_html()
}

/// The data of a page.
fn data(html: &str) -> Value {
    let start = html.find("<script type=\"application/json\" id=\"data\">").unwrap();
    let json = html[start..].split_once('>').unwrap().1.split_once("</script>").unwrap().0;
    serde_json::from_str(json).unwrap()
}

fn whole(statements: &str) -> Value {
    data(&page(&history(statements), &Selection::default()))
}

/// Names of the two ends of each edge, with its kinds.
fn edges(data: &Value) -> Vec<String> {
    let tables = data["tables"].as_array().unwrap();
    let name = |number: &Value| {
        let number = number.as_u64().unwrap() as usize;
        let Some(column) = number.checked_sub(tables.len()) else {
            return tables[number]["name"].as_str().unwrap().to_owned();
        };
        let own = |table: &&Value| {
            let first = table["first"].as_u64().unwrap() as usize;
            (first..first + table["count"].as_u64().unwrap() as usize).contains(&column)
        };
        let table = tables.iter().find(own).unwrap()["name"].as_str().unwrap();
        format!("{table}.{}", data["columns"][column][0].as_str().unwrap())
    };
    let kinds = |set: u64| {
        let names = data["kinds"].as_array().unwrap().iter().enumerate();
        let there = names.filter(|(bit, _)| set >> bit & 1 == 1).map(|(_, kind)| kind[0].as_str().unwrap());
        there.collect::<Vec<_>>().join(",")
    };
    let edges = data["edges"].as_array().unwrap().iter();
    edges
        .map(|edge| format!("{} -> {} {}", name(&edge[0]), name(&edge[1]), kinds(edge[2].as_u64().unwrap())))
        .collect()
}

const SHOP: &str = "CREATE TABLE orders (id int PRIMARY KEY, price int NOT NULL, qty int, code text UNIQUE);
     CREATE TABLE notes (order_id int REFERENCES orders (id), body text);
     CREATE VIEW totals AS SELECT id, price * qty AS total FROM orders WHERE qty > 0;
     CREATE TABLE counts (n int);
     INSERT INTO counts SELECT count(*) FROM notes;";

#[test]
fn tables_columns_and_edges_are_in_the_data() {
    let data = whole(SHOP);
    let names: Vec<_> = data["tables"].as_array().unwrap().iter().map(|table| &table["name"]).collect();
    assert_eq!(names, ["counts", "notes", "orders", "totals"]);
    assert_eq!(
        edges(&data),
        [
            // No column of the one goes into the other: it counts.
            "notes -> counts READ",
            "orders.id -> totals.id IDENTITY",
            "orders.price -> totals.total TRANSFORMATION",
            "orders.qty -> totals.id FILTER",
            "orders.qty -> totals.total TRANSFORMATION,FILTER",
        ]
    );
    // Name, type, and what the key says: primary 1, unique 2, foreign 4, required 8.
    let columns = data["columns"].as_array().unwrap();
    let key = |name: &str| columns.iter().find(|column| column[0] == name).unwrap()[2].as_u64().unwrap();
    assert_eq!(["order_id", "price", "qty", "code"].map(key), [4, 8, 0, 2]);
    assert_eq!(key("id") & 1, 1);
    let statement = &data["statements"][data["tables"][3]["statements"][0].as_u64().unwrap() as usize];
    assert_eq!((&statement[0], &statement[1]), (&Value::from("001_first"), &Value::from(3)));
    assert!(statement[2].as_str().unwrap().starts_with("CREATE VIEW totals"));
}

#[test]
fn the_same_bytes_every_time() {
    let html = page(&history(SHOP), &Selection::default());
    assert_eq!(html, page(&history(SHOP), &Selection::default()));
}

#[test]
fn nothing_is_asked_of_anybody() {
    let html = page(&history(SHOP), &Selection::default());
    assert!(html.contains("default-src 'none'; style-src 'sha256-") && html.contains("script-src 'sha256-"));
    for address in ["http:", "https:", "//cdn", "@import", "url(", " src=", " href="] {
        assert!(!html.contains(address), "{address}");
    }
    // What makes markup of text has no place in the script.
    for sink in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"] {
        assert!(!html.contains(sink), "{sink}");
    }
}

#[test]
fn data_are_no_markup() {
    let text = r#"CREATE TABLE "</script><script>alert(1)</script><!--" ("<img onerror=x>" int);"#;
    let html = page(&history(text), &Selection::default());
    assert!(!html.contains("</script><script>alert") && !html.contains("<img"));
    assert!(data(&html)["columns"][0][0] == "<img onerror=x>");
    let history = history("");
    let page = LineagePage::of(&history.graph, &history.catalogue, &Selection::default());
    assert!(page.title("</title><b>&").to_html().contains("<title>&lt;/title&gt;&lt;b&gt;&amp;</title>"));
}

#[test]
fn what_was_asked_about_is_shown_with_what_it_touches() {
    let history = history(SHOP);
    let orders = history.graph.find(&NodeKey::new(NodeKind::Dataset, "postgres", "orders")).unwrap();
    let qty = history.graph.find(&NodeKey::column(orders, "qty")).unwrap();
    let selection = Selection { focus: vec![qty], level: Level::Column, ..Selection::default() };
    let data = data(&page(&history, &selection));
    let names: Vec<_> = data["tables"].as_array().unwrap().iter().map(|table| &table["name"]).collect();
    assert_eq!(names, ["orders", "totals"]);
    let focus = data["focus"][0].as_u64().unwrap() as usize;
    assert_eq!(data["columns"][focus - 2][0], "qty");
}

#[test]
fn names_that_something_had() {
    let history = LineageGraph::from_history(
        Dialect::Postgres,
        [
            ("001", "CREATE TABLE people (id int, name text);"),
            ("002", "ALTER TABLE people RENAME TO users;"),
            ("003", "ALTER TABLE users RENAME COLUMN name TO full_name;"),
        ],
    );
    let data = data(&page(&history, &Selection::default()));
    let past = |value: &Value| -> Vec<String> {
        let said = value.as_array().unwrap().iter();
        said.map(|past| format!("{} {} {}", past[0], past[1], past[2]).replace('"', "")).collect()
    };
    assert_eq!(past(&data["tables"][0]["past"]), ["people null 001", "users RENAME 002"]);
    let columns = data["columns"].as_array().unwrap();
    let full_name = columns.iter().find(|column| column[0] == "full_name").unwrap();
    let expected = ["people.name null 001", "users.name RENAME 002", "users.full_name RENAME 003"];
    assert_eq!(past(&full_name[3]), expected);
}

#[test]
fn a_wide_table_folds_what_no_edge_touches() {
    let columns: Vec<_> = (0..500).map(|number| format!("c{number} int")).collect();
    let text = format!("CREATE TABLE wide ({}); CREATE VIEW v AS SELECT c400 FROM wide;", columns.join(", "));
    let data = whole(&text);
    let shown = data["tables"][1]["shown"].as_array().unwrap();
    assert_eq!((shown.len(), shown.last().unwrap().as_u64()), (12, Some(400)));
    let height = data["tables"][1]["cards"][0][3].as_i64().unwrap();
    assert!(height < 400, "{height}");
}

#[test]
fn what_has_no_columns_is_a_card_too() {
    let mut graph = history(SHOP).graph;
    let totals = graph.find(&NodeKey::new(NodeKind::Dataset, "postgres", "totals")).unwrap();
    let board = graph.node(&NodeKey::new(NodeKind::Dashboard, "x", "Sales"));
    graph.connect(totals, board, EdgeKind::Use);
    let page = LineagePage::of(&graph, &history(SHOP).catalogue, &Selection::default()).to_html();
    let data = data(&page);
    assert_eq!(
        (&data["tables"][0]["name"], &data["tables"][0]["kind"]),
        (&"Sales".into(), &"dashboard".into())
    );
    assert!(edges(&data).contains(&"totals -> Sales USE".to_owned()));
}

#[test]
fn an_empty_graph_is_a_page() {
    let data = whole("");
    assert!(data["tables"].as_array().unwrap().is_empty());
}

#[test]
fn a_long_statement_is_cut_and_says_so() {
    let values = vec!["(1)"; 10_000].join(",");
    let data = whole(&format!("CREATE TABLE t (a int); INSERT INTO t VALUES {values};"));
    let sql = data["statements"][1][2].as_str().unwrap();
    assert!(sql.ends_with("more characters") && sql.chars().count() < 20_050);
}

/// The colours of a theme: the first of the style, or that for the dark.
fn colours(rule: &str) -> BTreeMap<&'static str, [f64; 3]> {
    const STYLE: &str = include_str!("assets/style.css");
    let block = STYLE[STYLE.find(rule).unwrap()..].split_once('{').unwrap().1.split_once('}').unwrap().0;
    let colour = |text: &'static str| {
        let (name, value) = text.trim().strip_prefix("--")?.split_once(": #")?;
        let channel =
            |at: usize| Some(f64::from(u8::from_str_radix(value.get(at..at + 2)?, 16).ok()?) / 255.0);
        Some((name, [channel(0)?, channel(2)?, channel(4)?]))
    };
    block.split(';').filter_map(colour).collect()
}

/// WCAG 2.1: relative luminance, and the ratio of two of them.
fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
    let luminance = |colour: [f64; 3]| -> f64 {
        let linear = colour.map(|c| if c <= 0.039_28 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) });
        linear.iter().zip([0.2126, 0.7152, 0.0722]).map(|(c, part)| c * part).sum()
    };
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn text_and_lines_stand_out_in_both_themes() {
    let text = [
        ("ink", "card"),
        ("ink", "head"),
        ("ink", "view-head"),
        ("ink", "hover"),
        ("ink", "ground"),
        ("ink", "mark"),
        ("faint", "card"),
        ("faint", "head"),
        ("faint", "view-head"),
        ("faint", "hover"),
        ("faint", "ground"),
        ("faint", "bar"),
        ("up-ink", "up-fill"),
        ("down-ink", "down-fill"),
        ("chosen-ink", "chosen"),
        ("view", "view-head"),
        ("accent", "bar"),
        ("accent", "ground"),
        ("bar", "accent"),
        ("down-ink", "ground"),
    ];
    let lines =
        [("edge", "ground"), ("hint", "ground"), ("up", "ground"), ("down", "ground"), ("far", "ground")];
    for theme in [":root {", ":root:not(", ":root[data-theme=\"dark\"]"] {
        let colours = colours(theme);
        for (pairs, least) in [(text.as_slice(), 4.5), (lines.as_slice(), 2.9)] {
            for (a, b) in pairs {
                let ratio = contrast(colours[a], colours[b]);
                assert!(ratio >= least, "{theme} {a} on {b}: {ratio:.2}");
            }
        }
    }
}

#[test]
fn both_ways_to_the_dark_are_the_same() {
    assert_eq!(colours(":root:not("), colours(":root[data-theme=\"dark\"]"));
    assert!(colours(":root {").len() > 20);
}
