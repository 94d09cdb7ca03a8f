//! Names and graphs that nobody expects.

use migration_tests::Project;
use migration_tests::browser::Browser;
use serde_json::json;

use super::{lit, page};

#[test]
fn names_are_text_and_never_markup() {
    let evil = r#"<img src=x onerror="document.title='evil'">"#;
    let end = "</script><script>document.title='evil'</script><!--";
    let [table, column] = [evil, end].map(|name| name.replace('"', "\"\""));
    let sql = format!(
        "CREATE TABLE \"{table}\" (\"{column}\" TEXT, \"<b>\" TEXT DEFAULT '{}');\n\
         CREATE VIEW v AS SELECT \"{column}\" AS \"javascript:alert(1)\" FROM \"{table}\";",
        end.replace('\'', "''")
    );
    let project = Project::new(&format!("//- migrations/001_a.sql\n{sql}\n"));
    let browser = Browser::start(1280, 800);
    let file = page(&project, &[]);
    browser.open(&file, "");
    let odd = ".card:not([aria-label='v'])";
    assert_eq!(browser.texts(&format!("{odd} .row .name")), [end, "<b>"]);
    browser.click(&format!("{odd} .head"));
    assert!(browser.texts("#panel h2")[0].contains("<img src=x"));
    assert_eq!(browser.texts("#panel pre").len(), 1);
    browser.press("/");
    browser.press("<");
    assert_eq!(browser.texts(".result").len(), 3);
    for found in ["img", "script:not(#data, :last-of-type)", "#view b b", "#panel b b", "[onerror]"] {
        assert_eq!(browser.texts(found), Vec::<String>::new(), "{found}");
    }
    assert_eq!(browser.script("return document.title"), "Lineage");
    assert_eq!(browser.messages(), Vec::<String>::new());

    // And if markup did get in, the policy leaves it without effect: no handler, no script, no style, no request.
    let tried = browser.script(
        r#"document.body.insertAdjacentHTML("beforeend", `<img src="data:," onerror="document.title='evil'"><p id="loud" style="color: red">`);
           const script = document.createElement("script");
           script.textContent = "document.title = 'evil'";
           document.body.append(script);
           const later = new Promise((then) => setTimeout(then, 200));
           return fetch("http://127.0.0.1:9/").then(() => "asked", () => later)
               .then((asked) => [asked ?? null, document.title, document.getElementById("loud").style.color]);"#,
    );
    assert_eq!(tried, json!([null, "Lineage", ""]));
    let refused = browser.messages();
    assert!(
        refused.iter().filter(|line| line.contains("Content Security Policy")).count() >= 4,
        "{refused:#?}"
    );
}

#[test]
fn any_script_any_length_any_shape() {
    let long = "a_rather_long_name_".repeat(11);
    let wide: Vec<String> = (0..500).map(|number| format!("c{number} INTEGER")).collect();
    let project = Project::new(&format!(
        "//- migrations/001_odd.sql
CREATE TABLE {long} ({long}a TEXT, {long}b INTEGER);
CREATE VIEW {long}v AS SELECT {long}a AS {long}c FROM {long};
CREATE TABLE \"جدول العملاء\" (\"الاسم الكامل للعميل\" TEXT, id INTEGER);
CREATE TABLE \"顧客の注文\" (\"顧客番号\" INTEGER, \"注文の日付\" DATE);
CREATE VIEW \"מכירות 日本\" AS SELECT a.\"الاسم الكامل للعميل\", b.\"注文の日付\" FROM \"جدول العملاء\" a JOIN \"顧客の注文\" b ON a.id = b.\"顧客番号\";
CREATE TABLE wide ({});
CREATE VIEW narrow AS SELECT c7, c499 FROM wide;
CREATE TABLE a (x INTEGER, y INTEGER);
CREATE TABLE b (x INTEGER);
INSERT INTO b SELECT x FROM a;
INSERT INTO a (x) SELECT x FROM b;
UPDATE a SET y = x + 1;
",
        wide.join(", ")
    ));
    let browser = Browser::start(1280, 800);
    let file = page(&project, &["--level", "column"]);
    for fragment in ["select=narrow.c499", "select=a.x", "select=מכירות 日本", &format!("select={long}v")]
    {
        browser.open(&file, &fragment.replace(' ', "%20"));
        assert!(!lit(&browser)[1].is_empty(), "{fragment}");
        assert_eq!(misplaced(&browser), json!([]), "{fragment}");
    }
    // Both columns of a ring are before and behind one another.
    browser.open(&file, "select=b.x");
    assert_eq!(lit(&browser), [&["a.x"][..], &["b.x"], &["a.y"]]);
    // What is folded is said, and found.
    browser.open(&file, "select=wide");
    assert_eq!(browser.texts(".fold"), ["488 more columns"]);
    assert_eq!(browser.texts("#panel .more"), ["show 470 more"]);
    browser.click("#panel .more");
    assert!(browser.texts("#panel .edge b").contains(&"c321".to_owned()));
    browser.open(&file, "select=wide.c321");
    assert_eq!(browser.texts("#panel h2"), ["c321"]);
    // A name is cut, but its end is in the details and in what the mouse is told.
    browser.open(&file, &format!("select={long}v"));
    assert_eq!(browser.texts("#panel h2"), [format!("{long}v")]);
}

#[test]
fn nothing_and_a_single_table() {
    let project = Project::new("//- migrations/001_none.sql\nSELECT 1;\n");
    let browser = Browser::start(800, 600);
    browser.open(&page(&project, &[]), "");
    assert_eq!(browser.texts("#empty:not([hidden])"), ["There are no tables to show."]);
    for keys in ["0", "+", "l", migration_tests::browser::key::DOWN] {
        browser.press(keys);
    }
    assert_eq!(browser.messages(), Vec::<String>::new());
    project.write("//- migrations/002_one.sql\nCREATE TABLE one (id INTEGER PRIMARY KEY);\n");
    browser.open(&page(&project, &[]), "");
    assert_eq!(browser.texts(".card .head b"), ["one"]);
    assert_eq!(misplaced(&browser), json!([]));
    assert_eq!(browser.texts("#figures"), ["1 table · 1 column · 0 edges · behind 002_one"]);
}

/// Cards that overlap, and text that runs out of its line.
pub(super) fn misplaced(browser: &Browser) -> serde_json::Value {
    browser.script(
        "const boxes = [...document.querySelectorAll('.card')].map((card) => [card.ariaLabel, card.getBoundingClientRect()]);
         const found = [];
         boxes.forEach(([a, one], at) => boxes.slice(at + 1).forEach(([b, other]) => {
             if (one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom) found.push([a, b]);
         }));
         for (const part of document.querySelectorAll('.card button')) {
             const own = part.getBoundingClientRect(), card = part.parentElement.getBoundingClientRect();
             if (own.right > card.right + 1 || own.bottom > card.bottom + 1) found.push(part.textContent);
             let last = -Infinity;
             for (const child of part.children) {
                 const { left, right } = child.getBoundingClientRect();
                 if (left < last - 1 || right > own.right + 1) found.push(child.textContent);
                 last = right;
             }
         }
         return found;",
    )
}
