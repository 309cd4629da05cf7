//! Nothing is said on the console, and nothing is asked of a network.

use serde_json::Value;

use super::browser::{Browser, showing};
use super::reports;
use crate::html::{hostile, whole};

/// Fails if the browser had anything to complain about, or asked anybody for anything.
fn assert_quiet(browser: &Browser, name: &str) {
    let of =
        |method: &'static str| browser.events.iter().filter(move |one| one["method"] == method);
    for method in [
        "Log.entryAdded",
        "Runtime.consoleAPICalled",
        "Runtime.exceptionThrown",
        "Page.javascriptDialogOpening",
        "Network.loadingFailed",
    ] {
        assert_eq!(of(method).next(), None, "{name}");
    }
    let urls = of("Network.requestWillBeSent").map(|one| &one["params"]["request"]["url"]);
    let elsewhere = |url: &&Value| {
        let url = url.as_str().unwrap();
        !url.starts_with("file://") && !url.starts_with("data:")
            || !url.contains("report.html") && url.starts_with("file://")
    };
    assert_eq!(urls.filter(elsewhere).collect::<Vec<_>>(), Vec::<&Value>::new(), "{name}");
}

#[test]
fn no_page_says_anything_on_the_console_or_sends_a_request() {
    let Some(mut browser) = showing(&whole(), 1200) else { return };
    for (name, report) in reports() {
        browser.show(&report);
        // All of what can be pressed is pressed.
        browser.eval("document.querySelectorAll('button, summary').forEach(one => one.click())");
        browser.eval("new Promise(done => setTimeout(done, 50))");
        assert_quiet(&browser, name);
    }
    let asked = |event: &&Value| event["method"] == "Network.requestWillBeSent";
    assert!(browser.events.iter().any(|one| asked(&one)), "the page itself was seen to load");
}

#[test]
fn the_policy_of_the_page_lets_no_request_out_and_no_other_script_in() {
    let Some(mut browser) = showing(&whole(), 1200) else { return };
    let refused =
        browser.eval("fetch('http://127.0.0.1:9/').then(() => 'sent', error => error.name)");
    assert_eq!(refused, "TypeError");
    browser.eval(
        "{ const own = document.createElement('script'); own.textContent = 'window.ran = true';
           document.body.append(own);
           const picture = document.createElement('img'); picture.src = 'https://example.com/x.png';
           document.body.append(picture);
           const frame = document.createElement('div'); frame.setAttribute('onclick', 'window.ran = true');
           document.body.append(frame); frame.click(); }",
    );
    assert_eq!(browser.eval("window.ran === undefined"), true);
    let blocked = |event: &&Value| {
        event["method"] == "Log.entryAdded"
            && event["params"]["entry"]["text"]
                .as_str()
                .unwrap()
                .contains("Content Security Policy")
    };
    let blocked = browser.events.iter().filter(blocked).count();
    assert!(blocked >= 3, "{blocked} of the attempts were blocked by the policy");
}

#[test]
fn hostile_words_stay_words_in_the_document() {
    let Some(mut browser) = showing(&hostile(), 1200) else { return };
    assert_eq!(browser.eval("document.scripts.length"), 1);
    assert_eq!(
        browser.eval("document.querySelectorAll('img, iframe, base, object, embed').length"),
        0
    );
    let handlers = browser.eval(
        "[...document.querySelectorAll('*')].filter(one => [...one.attributes].some(it => it.name.startsWith('on'))).length",
    );
    assert_eq!(handlers, 0);
    // It is there to be read, as it was written.
    let read = browser.eval("document.body.textContent.includes('<script>alert(1)</script>')");
    assert_eq!(read, true);
    assert_quiet(&browser, "hostile");
}
