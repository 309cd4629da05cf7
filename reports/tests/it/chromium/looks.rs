//! What is to be seen: on a desk and a phone, in the light, in the dark and on paper.

use std::collections::BTreeSet;

use serde_json::json;

use super::browser::{Browser, showing};
use super::reports;
use crate::html::whole;

/// The colours of a PNG of eight bits a channel, each once.
fn colours(png: &[u8]) -> BTreeSet<[u8; 3]> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    let samples = info.color_type.samples();
    assert!(samples >= 3, "{:?}", info.color_type);
    pixels[..info.buffer_size()]
        .chunks(samples)
        .map(|pixel| [pixel[0], pixel[1], pixel[2]])
        .collect()
}

/// The parts of the page, as selectors.
fn sections(browser: &mut Browser) -> Vec<String> {
    let ids =
        browser.eval("[...document.querySelectorAll('main > section')].map(one => `#${one.id}`)");
    let ids = ids.as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned());
    ["header".to_owned()].into_iter().chain(ids).collect()
}

#[test]
fn every_section_has_something_to_see_in_the_light_the_dark_and_on_a_phone() {
    let Some(mut browser) = showing(&whole(), 1200) else { return };
    for (width, scheme) in [(1200, "light"), (1200, "dark"), (400, "light")] {
        browser.resize(width);
        browser.appear("screen", scheme);
        let sections = sections(&mut browser);
        assert_eq!(sections.len(), 9, "{sections:?}");
        for section in sections {
            let seen = colours(&browser.screenshot(&section)).len();
            assert!(seen > 20, "{section} at {width} in the {scheme}: {seen} colours");
        }
    }
}

#[test]
fn every_picture_is_drawn_in_colours_of_the_page() {
    let Some(mut browser) = showing(&whole(), 1200) else { return };
    for (name, report) in reports() {
        browser.show(&report);
        browser.eval("document.getElementById('open').click()");
        let strange = browser.eval(
            "[...document.querySelectorAll('svg *')].flatMap(one => ['fill', 'stroke'].map(it => one.getAttribute(it)))
               .filter(it => it && it !== 'none' && !/^var\\(--[a-z0-9-]+\\)$/.test(it))",
        );
        assert_eq!(strange, json!([]), "{name}");
        // A variable that the style sheet lacks would be black in the dark.
        let unknown = browser.eval(
            "[...document.querySelectorAll('svg *')].flatMap(one => ['fill', 'stroke'].map(it => one.getAttribute(it)))
               .filter(it => it && it.startsWith('var('))
               .filter(it => !getComputedStyle(document.documentElement).getPropertyValue(it.slice(4, -1)))",
        );
        assert_eq!(unknown, json!([]), "{name}");
        let small = browser.eval(
            "[...document.querySelectorAll('svg')].map(one => one.getBoundingClientRect())
               .filter(it => it.width < 150 || it.height < 20).length",
        );
        assert_eq!(small, 0, "{name}");
    }
}

#[test]
fn nothing_is_wider_than_a_phone() {
    let Some(mut browser) = showing(&whole(), 400) else { return };
    for (name, report) in reports() {
        browser.show(&report);
        browser.eval("document.getElementById('open').click()");
        let wide = browser.eval("document.scrollingElement.scrollWidth");
        assert!(wide.as_u64().unwrap() <= 400, "{name}: {wide}");
        // What is wider has to lie in a box that can be scrolled.
        let out = browser.eval(
            "[...document.body.querySelectorAll('*')]
               .filter(one => !one.closest('.unseen, .skip, svg *'))
               .filter(one => { const it = one.getBoundingClientRect();
                                return it.width > 0 && (it.right > 400.5 || it.left < -0.5) })
               .filter(one => { for (let up = one.parentElement; up; up = up.parentElement) {
                                  const how = getComputedStyle(up).overflowX;
                                  if (how === 'auto' || how === 'scroll') return false; }
                                return true })
               .map(one => `${one.tagName}.${one.className}`)",
        );
        assert_eq!(out, json!([]), "{name}");
    }
}

#[test]
fn in_the_dark_the_page_is_dark_and_its_words_are_light() {
    let Some(mut browser) = showing(&whole(), 1200) else { return };
    let mut lightness = |scheme: &str| -> (f64, f64) {
        browser.appear("screen", scheme);
        let both = browser.eval(
            "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]
               .map(it => it.match(/[0-9.]+/g).slice(0, 3).reduce((sum, one) => sum + +one, 0) / 765)",
        );
        (both[0].as_f64().unwrap(), both[1].as_f64().unwrap())
    };
    let (page, words) = lightness("light");
    assert!(page > 0.95 && words < 0.2, "{page} {words}");
    let (page, words) = lightness("dark");
    assert!(page < 0.15 && words > 0.8, "{page} {words}");
}

/// The contrast of two colours as WCAG 2.1 has it (relative luminance, 1.4.3).
const CONTRAST: &str = "(() => {
  const parse = it => it.match(/[0-9.]+/g).map(Number);
  const light = ([r, g, b]) => { const of = it => { it /= 255;
    return it <= 0.03928 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4 };
    return 0.2126 * of(r) + 0.7152 * of(g) + 0.0722 * of(b) };
  const behind = one => { for (let up = one; up; up = up.parentElement) {
    const it = parse(getComputedStyle(up).backgroundColor);
    if (it.length === 3 || it[3] === 1) return it; } return [255, 255, 255] };
  const bad = new Set();
  for (const one of document.querySelectorAll('body *:not(svg *)')) {
    const own = [...one.childNodes].some(it => it.nodeType === 3 && it.textContent.trim());
    if (!own || !one.checkVisibility() || one.closest('.unseen, script')) continue;
    const [a, b] = [light(parse(getComputedStyle(one).color)), light(behind(one))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) bad.add(`${one.tagName}.${one.className} ${ratio.toFixed(2)}`);
  }
  const root = getComputedStyle(document.documentElement);
  const probe = document.createElement('i'); document.body.append(probe);
  const colour = name => { probe.style.color = `var(--${name})`;
    return light(parse(getComputedStyle(probe).color)) };
  for (let step = 0; step <= 6; step++) {
    const [a, b] = [colour(`heat-${step}`), colour(`on-heat-${step}`)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) bad.add(`heat-${step} ${ratio.toFixed(2)}`);
  }
  probe.remove();
  return [...bad];
})()";

#[test]
fn words_stand_out_from_what_is_behind_them_in_the_light_and_in_the_dark() {
    let Some(mut browser) = showing(&whole(), 1200) else { return };
    browser.eval("document.getElementById('open').click()");
    for scheme in ["light", "dark"] {
        browser.appear("screen", scheme);
        assert_eq!(browser.eval(CONTRAST), json!([]), "{scheme}");
    }
}

#[test]
fn on_paper_everything_is_open_and_black_on_white() {
    let Some(mut browser) = showing(&whole(), 1200) else { return };
    browser.eval("document.getElementById('fold').click()");
    let seen = "[...document.querySelectorAll('main details > :not(summary)')]
        .filter(one => one.checkVisibility() && one.getBoundingClientRect().height > 0).length";
    assert_eq!(browser.eval(seen), 0);
    browser.appear("print", "dark");
    let all = browser.eval("document.querySelectorAll('main details > :not(summary)').length");
    assert_eq!(browser.eval(seen), all, "without a word to the script");
    assert_eq!(browser.eval("document.querySelector('nav').checkVisibility()"), false);
    assert_eq!(
        browser.eval("getComputedStyle(document.body).backgroundColor"),
        "rgb(255, 255, 255)"
    );
    let paper = browser.call("Page.printToPDF", json!({}));
    assert!(paper["data"].as_str().unwrap().len() > 50_000);
    assert_eq!(
        browser.eval("document.querySelectorAll('main details[open]').length"),
        0,
        "as it was"
    );
}
