//! `migration lineage --format html` in a real browser, with a mouse and keys.
//!
//! What the windows showed is left in `target/lineage-page/`, for people to look at.

mod large;
mod looks;
mod odd;

use std::path::PathBuf;

use migration_tests::Project;
use migration_tests::browser::{Browser, key};
use serde_json::json;

const SHOP: &str = "\
//- migrations/001_people.sql
CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT UNIQUE, name TEXT NOT NULL);
//- migrations/002_users.sql
ALTER TABLE people RENAME TO users;
//- migrations/003_orders.sql
CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id), price INTEGER, qty INTEGER, state TEXT);
//- migrations/004_totals.sql
-- What was paid.
CREATE VIEW totals AS SELECT id, user_id, price * qty AS amount FROM orders WHERE state = 'paid';
//- migrations/005_report.sql
CREATE VIEW report AS
  SELECT u.email, sum(t.amount) AS spent FROM totals AS t JOIN users AS u ON u.id = t.user_id GROUP BY u.email;
//- migrations/006_settings.sql
CREATE TABLE settings (key TEXT, value TEXT);
";

/// The page of a project.
fn page(project: &Project, arguments: &[&str]) -> PathBuf {
    let file = project.path("lineage.html");
    let output = file.display().to_string();
    let all = [&["lineage", "--format", "html", "--output", &output], arguments].concat();
    _ = project.migration(&all).run().expect(0);
    file
}

/// What is marked in some way, as `table.column`, or `table` where it is the card's head.
fn marked(browser: &Browser, how: &str) -> Vec<String> {
    let body = "
        const name = (part) => {
            const table = part.closest('.card').getAttribute('aria-label');
            return part.matches('.head') ? table : `${table}.${part.querySelector('.name').textContent}`;
        };
        return [...document.querySelectorAll('.card .' + arguments[0])].map(name).sort();";
    serde_json::from_value(browser.script_with(body, &json!(how))).unwrap()
}

/// What a click has lit: what the selected comes from, itself, and what comes from it.
fn lit(browser: &Browser) -> [Vec<String>; 3] {
    ["up", "chosen", "down"].map(|how| marked(browser, how))
}

fn column(table: &str, name: &str) -> String {
    format!("section[aria-label='{table}'] .row[title^='{name}']")
}

fn fragment(browser: &Browser) -> String {
    browser.script("return decodeURIComponent(location.hash)").as_str().unwrap().to_owned()
}

const NONE: [&[&str]; 3] = [&[], &[], &[]];

#[test]
fn a_click_on_a_column_lights_what_it_comes_from_and_what_comes_from_it() {
    let project = Project::new(SHOP);
    let browser = Browser::start(1280, 800);
    browser.open(&page(&project, &[]), "");
    assert_eq!(lit(&browser), NONE);

    browser.click(&column("totals", "amount"));
    let up: &[&str] = &["orders.price", "orders.qty", "orders.state"];
    assert_eq!(lit(&browser), [up, &["totals.amount"], &["report.spent"]]);
    assert_eq!(fragment(&browser), "#select=totals.amount&level=column");
    // What has nothing to do with it is dimmed.
    assert_eq!(browser.texts(".card.dim .head b"), ["settings", "users"]);

    // A join decides on both columns of the report, and nothing flows into what it comes from.
    browser.click(&column("users", "id"));
    assert_eq!(lit(&browser), [&[][..], &["users.id"], &["report.email", "report.spent"]]);

    // A whole table, by its head.
    browser.click("section[aria-label='totals'] .head");
    let up: &[&str] = &["orders.id", "orders.price", "orders.qty", "orders.state", "orders.user_id"];
    assert_eq!(lit(&browser), [up, &["totals"], &["report.email", "report.spent"]]);

    // Once more, and nothing is selected; a click beside all cards does the same.
    browser.click("section[aria-label='totals'] .head");
    assert_eq!(lit(&browser), NONE);
    browser.click(&column("users", "id"));
    browser.drag((3, 700), (3, 700));
    assert_eq!(lit(&browser), NONE);
    assert_eq!(browser.messages(), Vec::<String>::new());
}

#[test]
fn depth_level_and_kinds_of_edges() {
    let project = Project::new(SHOP);
    let browser = Browser::start(1280, 800);
    let file = page(&project, &[]);
    browser.open(&file, "select=report.spent");
    let all: &[&str] = &[
        "orders.price",
        "orders.qty",
        "orders.state",
        "orders.user_id",
        "totals.amount",
        "totals.user_id",
        "users.email",
        "users.id",
    ];
    assert_eq!(lit(&browser), [all, &["report.spent"], &[]]);

    browser.click("#depth");
    browser.press("1");
    browser.press(key::ENTER);
    let near: &[&str] = &["totals.amount", "totals.user_id", "users.email", "users.id"];
    assert_eq!(lit(&browser)[0], near);
    assert!(fragment(&browser).contains("&depth=1"));

    // Without what only decides on rows.
    browser.click("#toggle-indirect");
    assert_eq!(lit(&browser)[0], ["totals.amount"]);
    browser.open(&file, "select=report.spent&edges=direct");
    assert_eq!(lit(&browser)[0], ["orders.price", "orders.qty", "totals.amount"]);

    browser.open(&file, "select=report.spent");
    browser.click("#level-table");
    assert_eq!(browser.texts(".card .row"), Vec::<String>::new());
    assert_eq!(lit(&browser), [&["orders", "totals", "users"][..], &["report"], &[]]);
    assert_eq!(fragment(&browser), "#select=report.spent&level=table");
    browser.click("#level-column");
    assert_eq!(lit(&browser)[0], all);

    browser.open(&file, "select=totals&level=table&depth=1");
    assert_eq!(lit(&browser), [&["orders"][..], &["totals"], &["report"]]);
    // Another address in the same window.
    _ = browser.script("location.hash = '#select=users.email&select=users.id&level=column'");
    browser.press("+");
    assert_eq!(lit(&browser)[1], ["users.email", "users.id"]);
    assert_eq!(browser.script("return document.getElementById('depth').value"), "");
}

#[test]
fn searching_finds_and_goes_there() {
    let project = Project::new(SHOP);
    let browser = Browser::start(1280, 800);
    let file = page(&project, &[]);
    browser.open(&file, "");
    browser.press("/");
    browser.press("USER");
    assert_eq!(browser.texts(".result"), ["userstable", "orders.user_idcolumn", "totals.user_idcolumn"]);
    assert_eq!(browser.texts(".result mark"), ["user", "user", "user"]);
    assert_eq!(browser.texts("[aria-selected=true]"), ["userstable"]);
    browser.press(key::DOWN);
    browser.press(key::DOWN);
    browser.press(key::ENTER);
    assert_eq!(lit(&browser)[1], ["totals.user_id"]);
    assert_eq!(browser.texts("#results:not([hidden])"), Vec::<String>::new());
    // It is in the middle, and keys go to the picture now.
    let place = browser.script(
        "const row = document.querySelector('.row.chosen').getBoundingClientRect(), view = document.getElementById('view');
         const { width, height, left, top } = view.getBoundingClientRect();
         return [Math.abs(row.x + row.width / 2 - left - width / 2), Math.abs(row.y + row.height / 2 - top - height / 2),
             document.activeElement === view];",
    );
    assert!(place[0].as_f64().unwrap() < 2.0 && place[1].as_f64().unwrap() < 2.0, "{place}");
    assert_eq!(place[2], true);

    // With the mouse, and a column by its table's name.
    browser.click("#search");
    browser.press(key::ESCAPE);
    browser.click("#search");
    browser.press("orders.st");
    assert_eq!(browser.texts(".result"), ["orders.statecolumn"]);
    browser.click(".result");
    assert_eq!(lit(&browser)[1], ["orders.state"]);

    browser.press("/nothing");
    assert_eq!(browser.texts("#results"), ["Nothing is called so."]);
    browser.open(&file, "select=users.gone");
    assert_eq!(browser.texts("#results:not([hidden])"), ["Nothing is called so."]);
    browser.open(&file, "search=amou");
    assert_eq!(browser.texts(".result"), ["totals.amountcolumn"]);
}

#[test]
fn keys_walk_along_columns_and_edges() {
    let project = Project::new(SHOP);
    let browser = Browser::start(1280, 800);
    browser.open(&page(&project, &[]), "select=orders.id");
    _ = browser.script("document.getElementById('view').focus()");
    let selected = |keys: &str| {
        browser.press(keys);
        lit(&browser)[1].clone()
    };
    assert_eq!(selected(key::DOWN), ["orders.user_id"]);
    assert_eq!(selected(key::DOWN), ["orders.price"]);
    assert_eq!(selected(key::RIGHT), ["totals.amount"]);
    assert_eq!(selected(key::RIGHT), ["report.spent"]);
    assert_eq!(selected(key::UP), ["report.email"]);
    assert_eq!(selected(key::UP), ["report"]);
    assert_eq!(selected(key::DOWN), ["report.email"]);
    assert!(["totals.user_id", "users.email", "users.id"].contains(&&*selected(key::LEFT)[0]));
    // Into the details and out again; at last nothing is selected.
    browser.press(key::ENTER);
    let active = || browser.script("return document.activeElement.id");
    assert_eq!(active(), "close");
    let before = lit(&browser)[1].clone();
    assert_eq!(selected(key::ESCAPE), before);
    assert_eq!(active(), "view");
    assert_eq!(selected(key::ESCAPE), Vec::<String>::new());
    assert_eq!(browser.script("return document.getElementById('panel').hidden"), true);

    browser.press("l");
    assert_eq!(browser.script("return document.getElementById('level-table').ariaPressed"), "true");
    browser.press("?");
    assert_eq!(browser.script("return document.getElementById('help').open"), true);
    browser.press(key::ESCAPE);
    assert_eq!(browser.script("return document.getElementById('help').open"), false);

    // Everything that can be done is reached by Tab, the picture too.
    browser.press("/");
    let mut reached = Vec::new();
    for _ in 0..10 {
        browser.press(key::TAB);
        reached.push(browser.script("return document.activeElement.id").as_str().unwrap().to_owned());
    }
    let expected = [
        "level-column",
        "level-table",
        "depth",
        "zoom-out",
        "fit",
        "zoom-in",
        "theme",
        "help-open",
        "view",
        "toggle-direct",
    ];
    assert_eq!(reached, expected);
}

#[test]
fn details_have_the_statement_its_migration_and_earlier_names() {
    let project = Project::new(SHOP);
    let browser = Browser::start(1280, 800);
    let file = page(&project, &[]);
    browser.open(&file, "");
    browser.click(&column("totals", "amount"));
    assert_eq!(browser.texts("#panel h2"), ["amount"]);
    assert_eq!(
        browser.texts("#panel .edge"),
        [
            "orders.pricetransformation",
            "orders.qtytransformation",
            "orders.statefilter",
            "report.spentaggregation"
        ]
    );
    assert_eq!(browser.texts("#panel figcaption"), ["004_totals, line 2"]);
    let sql =
        "CREATE VIEW totals AS SELECT id, user_id, price * qty AS amount FROM orders WHERE state = 'paid'";
    assert_eq!(browser.texts("#panel pre"), [sql]);
    // From there to its neighbours.
    browser.click("#panel .edge.down .link");
    assert_eq!(browser.texts("#panel h2"), ["spent"]);
    assert_eq!(lit(&browser)[1], ["report.spent"]);

    browser.press("0");
    browser.click("section[aria-label='users'] .head");
    assert_eq!(browser.texts("#panel .past li"), ["peoplemade in 001_people", "usersrenamed in 002_users"]);
    let columns = ["idinteger, primary key", "emailtext, unique", "nametext, not null"];
    let said = browser.texts("#panel .edge");
    assert!(columns.iter().all(|column| said.iter().any(|said| said == column)), "{said:?}");

    browser.click(&column("orders", "user_id"));
    assert!(
        browser.texts("#panel h3").contains(&"Refers to1".to_owned()),
        "{:?}",
        browser.texts("#panel h3")
    );
    browser.click("#close");
    assert_eq!(lit(&browser), NONE);
}

#[test]
fn the_mouse_moves_and_zooms_the_picture() {
    let project = Project::new(SHOP);
    let browser = Browser::start(1280, 800);
    browser.open(&page(&project, &[]), "");
    let place = || -> [f64; 3] {
        let body = "const { x, y, width } = document.querySelector('.card').getBoundingClientRect(); return [x, y, width]";
        serde_json::from_value(browser.script(body)).unwrap()
    };
    let [x, y, width] = place();
    browser.drag((4, 600), (124, 540));
    let [moved_x, moved_y, same] = place();
    assert!(
        (moved_x - x - 120.0).abs() < 1.0 && (moved_y - y + 60.0).abs() < 1.0,
        "{x} {y} {moved_x} {moved_y}"
    );
    assert!((same - width).abs() < 0.01);
    assert_eq!(lit(&browser), NONE, "a drag selects nothing");
    browser.wheel((640, 400), -100);
    assert!(place()[2] > width * 1.1);
    browser.press("0");
    // Two fingers that move apart.
    browser.pinch([((540, 600), (440, 600)), ((740, 600), (840, 600))]);
    assert!((place()[2] - 2.0 * width).abs() < width * 0.1, "{} {width}", place()[2]);
    assert_eq!(lit(&browser), NONE, "nor does this");
    browser.press("0");
    let [again_x, again_y, again] = place();
    assert!((again_x - x).abs() < 1.0 && (again_y - y).abs() < 1.0 && (again - width).abs() < 0.01);
}

#[test]
fn what_was_asked_about_is_lit_when_the_page_opens() {
    let project = Project::new(SHOP);
    let browser = Browser::start(1280, 800);
    browser.open(&page(&project, &["totals.amount", "--downstream"]), "");
    assert_eq!(browser.texts("h1"), ["What comes from totals.amount"]);
    assert_eq!(lit(&browser), [&[][..], &["totals.amount"], &["report.spent"]]);
    // As everything was: there is no report yet, and users had its name already.
    browser.open(&page(&project, &["--as-of", "004_totals"]), "");
    let mut heads = browser.texts(".card .head b");
    heads.sort();
    assert_eq!(heads, ["orders", "totals", "users"]);
    assert!(browser.texts("#figures")[0].ends_with("behind 004_totals"));
    assert_eq!(browser.texts("section[aria-label='users'] .key"), ["PK", "UQ", ""]);
}
