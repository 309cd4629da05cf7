//! Folding, filtering, copying, and the ways around with the keyboard.

use serde_json::{Value, json};

use super::browser::{Browser, showing};
use crate::html::{hostile, whole};

/// How many parts can be folded, and how many of them are open.
fn folds(browser: &mut Browser) -> (u64, u64) {
    let all = browser.eval("document.querySelectorAll('main details').length");
    let open = browser.eval("document.querySelectorAll('main details[open]').length");
    (all.as_u64().unwrap(), open.as_u64().unwrap())
}

#[test]
fn all_is_opened_and_folded_by_one_button_each() {
    let Some(mut browser) = showing(&whole(), 1200) else { return };
    let (all, open) = folds(&mut browser);
    assert!(open > 0 && open < all, "{open} of {all}: what is flawed is open from the start");
    browser.eval("document.getElementById('open').click()");
    assert_eq!(folds(&mut browser), (all, all));
    browser.eval("document.getElementById('fold').click()");
    assert_eq!(folds(&mut browser), (all, 0));
}

#[test]
fn a_step_of_the_strip_leads_to_its_findings() {
    let Some(mut browser) = showing(&whole(), 1200) else { return };
    browser.eval("document.getElementById('fold').click()");
    let seen = "document.querySelector('#step-3 .finding').checkVisibility({ contentVisibilityAuto: true })";
    assert_eq!(browser.eval(seen), false);
    browser.eval("document.querySelector('.strip a[href=\"#step-3\"]').click()");
    browser.eval("new Promise(done => setTimeout(done, 50))");
    assert_eq!(browser.eval("document.querySelector('#step-3').closest('details').open"), true);
    assert_eq!(browser.eval(seen), true);
    assert_eq!(
        browser.eval("document.querySelector('#step-3 mark') !== null"),
        true,
        "source lines"
    );
}

#[test]
fn filtering_leaves_what_has_all_words_and_the_verdict() {
    let Some(mut browser) = showing(&whole(), 1200) else { return };
    let filter = |browser: &mut Browser, words: &str, tone: &str| {
        browser.eval(&format!(
            "{{ const words = document.getElementById('filter'); words.value = {words:?};
               words.dispatchEvent(new Event('input', {{ bubbles: true }}));
               const tone = document.getElementById('tone'); tone.value = {tone:?};
               tone.dispatchEvent(new Event('change', {{ bubbles: true }})); }}"
        ));
        browser.eval(
            "[...document.querySelectorAll('.step')].filter(one => one.offsetParent !== null)
               .map(one => one.querySelector('.name').textContent)",
        )
    };
    assert_eq!(filter(&mut browser, "0003 MOOD", ""), json!(["0003_add_mood"]));
    let told = browser.eval("document.getElementById('told').textContent");
    assert!(told.as_str().unwrap().contains(" shown"), "{told}");
    let flawed = json!(["0002_drop_email", "0003_add_mood"]);
    assert_eq!(filter(&mut browser, "", "bad"), flawed);
    let gates = "[...document.querySelectorAll('#gates tbody tr')].filter(one => one.offsetParent !== null).length";
    assert_eq!(browser.eval(gates), 3, "rows of tables too");
    assert_eq!(filter(&mut browser, "no such thing", ""), json!([]));
    let all = filter(&mut browser, "", "");
    assert_eq!(all.as_array().unwrap().len(), 7);
    assert_eq!(browser.eval("document.querySelectorAll('.gone').length"), 0);
}

#[test]
fn what_is_copied_is_the_whole_script_and_nothing_else() {
    let Some(mut browser) = showing(&whole(), 1200) else { return };
    browser.call(
        "Browser.grantPermissions",
        json!({
            "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"],
        }),
    );
    let wanted = "CREATE INDEX CONCURRENTLY items_owner_id_idx ON public.items (owner_id);\n\
                  DROP INDEX CONCURRENTLY public.items_title_idx;";
    let copied = |browser: &mut Browser| {
        browser.eval("document.querySelector('#indexes button.copy').click()");
        browser.eval("new Promise(done => setTimeout(done, 100))");
        assert_eq!(browser.eval("document.getElementById('said').textContent"), "Copied");
        browser.eval("navigator.clipboard.readText()")
    };
    assert_eq!(copied(&mut browser), wanted);
    // Some browsers keep the clipboard from pages that were opened from disk.
    browser.eval("navigator.clipboard.writeText('something else')");
    browser.eval(
        "Object.defineProperty(navigator.clipboard, 'writeText', { value: () => Promise.reject(new Error('no')) })",
    );
    assert_eq!(copied(&mut browser), wanted);
}

#[test]
fn the_keyboard_reaches_every_kind_of_control_and_shows_where_it_is() {
    let Some(mut browser) = showing(&whole(), 1200) else { return };
    let mut reached: Vec<String> = Vec::new();
    for _ in 0..80 {
        browser.press("Tab", 9);
        let focus = browser.eval(
            "(() => { const it = document.activeElement;
               const seen = getComputedStyle(it).outlineStyle !== 'none' && it.getClientRects().length > 0;
               return `${it.tagName} ${it.className || it.id} ${seen}` })()",
        );
        reached.push(focus.as_str().unwrap().to_owned());
    }
    // Behind the last control the browser's own begin.
    reached.retain(|one| !one.starts_with("BODY"));
    assert_eq!(reached[0], "A skip true", "the way past the navigation comes first");
    for control in [
        "INPUT filter",
        "SELECT tone",
        "BUTTON open",
        "BUTTON fold",
        "SUMMARY",
        "DIV scroll",
        "PRE",
    ] {
        assert!(reached.iter().any(|one| one.starts_with(control)), "{control}: {reached:#?}");
    }
    let unseen: Vec<&String> = reached.iter().filter(|one| one.ends_with("false")).collect();
    assert!(unseen.is_empty(), "{unseen:?}");
    // A step opens and folds by key.
    browser.eval("document.querySelector('.step:not([open]) > summary').focus()");
    let open = "document.activeElement.parentElement.open";
    browser.press("Enter", 13);
    assert_eq!(browser.eval(open), true);
    browser.press("Enter", 13);
    assert_eq!(browser.eval(open), false);
}

#[test]
fn a_screen_reader_hears_landmarks_headings_in_order_and_what_pictures_show() {
    let Some(mut browser) = showing(&whole(), 1200) else { return };
    browser.eval("document.getElementById('open').click()");
    let pictures = browser.eval("document.querySelectorAll('svg').length").as_u64().unwrap();
    let tree = browser.call("Accessibility.getFullAXTree", json!({}));
    let nodes: Vec<&Value> =
        tree["nodes"].as_array().unwrap().iter().filter(|node| node["ignored"] != true).collect();
    let named = |role: &str| -> Vec<&str> {
        let of = nodes.iter().filter(|node| node["role"]["value"] == role);
        of.map(|node| node["name"]["value"].as_str().unwrap_or_default()).collect()
    };
    let images = named("image");
    assert_eq!(images.len() as u64, pictures, "each picture is one to a screen reader");
    assert!(pictures > 10 && images.iter().all(|name| !name.is_empty()), "{images:?}");
    let described = nodes.iter().filter(|node| node["role"]["value"] == "image");
    assert!(described.into_iter().all(|node| node["name"]["value"].as_str().unwrap().len() > 20));
    for role in ["main", "banner", "navigation", "search"] {
        assert_eq!(named(role).len(), 1, "{role}");
    }
    for role in ["table", "button", "textbox", "combobox", "link", "region"] {
        let names = named(role);
        assert!(names.iter().all(|name| !name.is_empty()), "{role}: {names:?}");
    }
    let levels = browser
        .eval("[...document.querySelectorAll('h1, h2, h3, h4')].map(one => +one.tagName[1])");
    let levels: Vec<u64> =
        levels.as_array().unwrap().iter().map(|one| one.as_u64().unwrap()).collect();
    assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1);
    assert!(
        levels.windows(2).all(|pair| pair[1] <= pair[0] + 1),
        "no level is left out: {levels:?}"
    );
}

#[test]
fn the_page_is_whole_without_its_script() {
    let Some(mut browser) = showing(&whole(), 1200) else { return };
    browser.call("Emulation.setScriptExecutionDisabled", json!({ "value": true }));
    browser.show(&hostile());
    browser.show(&whole());
    assert_eq!(browser.eval("document.getElementById('tools').checkVisibility()"), false);
    assert_eq!(browser.eval("document.querySelectorAll('button.copy:not([hidden])').length"), 0);
    assert_eq!(browser.eval("document.querySelectorAll('main > section').length"), 8);
    browser.eval("document.querySelector('.step:not([open]) > summary').focus()");
    browser.press("Enter", 13);
    assert_eq!(browser.eval("document.activeElement.parentElement.open"), true);
}
