//! What the window shows, as pixels: not compared with a picture, since fonts differ, but by what has to change and what not.

use std::path::Path;

use migration_tests::Project;
use migration_tests::browser::{Browser, key};
use serde_json::{Value, json};

use super::odd::misplaced;
use super::{SHOP, column, page};

/// Keeps what the window shows for people. Returns it.
pub(super) fn keep(browser: &Browser, name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/lineage-page");
    std::fs::create_dir_all(&folder).unwrap();
    let picture = browser.screenshot();
    std::fs::write(folder.join(format!("{name}.png")), decoded(&picture)).unwrap();
    picture
}

/// RFC 4648, section 4.
fn decoded(text: &str) -> Vec<u8> {
    let value = |c: u8| match c {
        b'A'..=b'Z' => u32::from(c - b'A'),
        b'a'..=b'z' => u32::from(c - b'a') + 26,
        b'0'..=b'9' => u32::from(c - b'0') + 52,
        b'+' => 62,
        _ => 63,
    };
    let digits: Vec<u32> = text.bytes().filter(|c| *c != b'=').map(value).collect();
    let mut bytes = Vec::new();
    for four in digits.chunks(4) {
        let bits = four.iter().enumerate().fold(0, |bits, (at, digit)| bits | digit << (18 - 6 * at));
        bytes.extend_from_slice(&bits.to_be_bytes()[1..four.len()]);
    }
    bytes
}

/// The most frequent colour in each of some boxes of a picture. Decoded by the browser, on a page without a policy.
fn colours(browser: &Browser, picture: &str, boxes: &[Value]) -> Vec<[u8; 3]> {
    browser.go("about:blank");
    let found = browser.script_with(
        "const [picture, boxes] = arguments[0];
         const bytes = Uint8Array.from(atob(picture), (c) => c.charCodeAt(0));
         return createImageBitmap(new Blob([bytes])).then((bitmap) => {
             const paper = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
             paper.drawImage(bitmap, 0, 0);
             return boxes.map(([x, y, width, height]) => {
                 const { data } = paper.getImageData(x, y, width, height), counts = new Map();
                 for (let at = 0; at < data.length; at += 4) {
                     const colour = data[at] << 16 | data[at + 1] << 8 | data[at + 2];
                     counts.set(colour, (counts.get(colour) || 0) + 1);
                 }
                 const [[most]] = [...counts].sort((a, b) => b[1] - a[1]);
                 return [most >> 16, most >> 8 & 255, most & 255];
             });
         });",
        &json!([picture, boxes]),
    );
    serde_json::from_value(found).unwrap()
}

/// Where an element is, without its edges.
fn inside(browser: &Browser, selector: &str) -> Value {
    browser.script_with(
        "const { x, y, width, height } = document.querySelector(arguments[0]).getBoundingClientRect();
         return [x + 5, y + 2, width - 10, height - 4].map(Math.round);",
        &json!(selector),
    )
}

#[test]
fn a_click_and_a_search_change_the_colours_of_just_what_they_are_about() {
    let project = Project::new(SHOP);
    let file = page(&project, &["--level", "column"]);
    let browser = Browser::start(1280, 800);
    for dark in [false, true] {
        let theme = if dark { "dark" } else { "light" };
        browser.prefer_dark(dark);
        browser.open(&file, "");
        let before = keep(&browser, &format!("{theme}-0"));
        assert_eq!(misplaced(&browser), json!([]));
        browser.click(&column("totals", "amount"));
        browser.click("#panel .tool");
        let selectors = [
            column("totals", "amount"),
            column("orders", "price"),
            column("report", "spent"),
            column("orders", "id"),
            "section[aria-label='totals'] .head".to_owned(),
        ];
        let boxes = selectors.each_ref().map(|selector| inside(&browser, selector));
        let clicked = keep(&browser, &format!("{theme}-1-clicked"));
        browser.press("/");
        browser.press("spent");
        keep(&browser, &format!("{theme}-2-searching"));
        browser.press(key::ENTER);
        let found_at = inside(&browser, &column("report", "spent"));
        let found = keep(&browser, &format!("{theme}-3-found"));

        let first_card = colours(&browser, &before, &[json!([200, 70, 800, 650])])[0];
        let [chosen, up, down, other, head] = colours(&browser, &clicked, &boxes)[..] else { panic!() };
        let found = colours(&browser, &found, &[found_at])[0];
        // Each in its own colour; what has nothing to do with it keeps that of the card.
        let all = [chosen, up, down, other, head];
        for (at, one) in all.iter().enumerate() {
            assert!(!all[at + 1..].contains(one), "{theme}: {all:?}");
        }
        assert_eq!(found, chosen, "{theme}");
        let brightness = |[r, g, b]: [u8; 3]| u32::from(r) + u32::from(g) + u32::from(b);
        assert_eq!(brightness(other) > 600, !dark, "{theme}: {other:?}");
        assert_eq!(brightness(first_card) > 600, !dark, "{theme}: {first_card:?}");
        // More blue than red for what it comes from, the other way round for where it goes.
        assert!(up[2] > up[0] && down[0] > down[2], "{theme}: {up:?} {down:?}");
    }
}

#[test]
fn the_switch_beats_what_the_system_prefers() {
    let project = Project::new(SHOP);
    let browser = Browser::start(1280, 800);
    browser.prefer_dark(false);
    browser.open(&page(&project, &[]), "");
    let ground = || browser.script("return getComputedStyle(document.body).backgroundColor");
    let light = ground();
    browser.click("#theme");
    let dark = ground();
    assert_ne!(light, dark);
    browser.click("#theme");
    assert_eq!(ground(), light);
    browser.prefer_dark(true);
    assert_eq!(ground(), light, "it was chosen");
}

#[test]
fn a_telephone_shows_everything_in_its_width() {
    let project = Project::new(SHOP);
    let browser = Browser::start(390, 844);
    let file = page(&project, &["--level", "column"]);
    browser.open(&file, "select=totals.amount");
    keep(&browser, "telephone");
    let widest = browser.script(
        "return Math.max(...[...document.querySelectorAll('#bar *, #panel *')].map((one) => one.getBoundingClientRect().right))",
    );
    assert!(widest.as_f64().unwrap() <= 390.0, "{widest}");
    // Details below, the picture above, and what is selected in it.
    let [view, panel, row] = ["#view", "#panel", ".row.chosen"].map(|selector| inside(&browser, selector));
    let (top, bottom) = (
        |value: &Value| value[1].as_i64().unwrap(),
        |value: &Value| value[1].as_i64().unwrap() + value[3].as_i64().unwrap(),
    );
    assert!(bottom(&view) < top(&panel) && top(&view) < top(&row) && bottom(&row) < bottom(&view));
    browser.click("#close");
    browser.open(&file, "search=id");
    assert!(!browser.texts(".result").is_empty());
}
