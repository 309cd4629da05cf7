//! Words of a project, which may be anything.

use serde_json::Value;
use shakedown_reports::Report;

use super::{html, whole};
use crate::render::assert_harmless;

/// What would end or begin something, wherever it stood: in a text, an attribute, a script, a style
/// sheet, a comment, a template.
const HOSTILE: &str = "<script>alert(1)</script>\"' onload=\"alert(2)\" `</code></pre><img src=x \
                       onerror=alert(3)>` </style></title>--> {{ 7 * 191 }} {% raw %} &lt; \
                       \"#010200\" \u{1b}[2J\0\u{7f}\u{9b}31m\u{202e}\u{2066}\u{fffe}";

/// Fields that hold one of a few words, or what only programs read.
const FIXED: [&str; 9] =
    ["kind", "outcome", "severity", "how", "origin", "hdr", "round_trip", "inconclusive", "digest"];

/// The whole report, with hostile words behind all words of it, names of maps included.
pub(crate) fn hostile() -> Report {
    let mut report = serde_json::to_value(whole()).unwrap();
    // Of load, the one cell that has everything.
    report["load"] = serde_json::to_value(crate::load::everything().load).unwrap();
    spoil(&mut report);
    serde_json::from_value(report).unwrap()
}

fn spoil(value: &mut Value) {
    match value {
        Value::String(words) => words.push_str(HOSTILE),
        Value::Array(all) => all.iter_mut().for_each(spoil),
        Value::Object(fields) => {
            let names: Vec<String> = fields.keys().cloned().collect();
            for name in names {
                let own = fields.get_mut(&name).unwrap();
                if !FIXED.contains(&name.as_str()) {
                    spoil(own);
                }
                // Maps whose names come from a project.
                let maps = ["rows", "settings", "failed", "allowed", "written", "states", "sizes"];
                if let (true, Value::Object(map)) = (maps.contains(&name.as_str()), own) {
                    let spoilt = std::mem::take(map).into_iter();
                    map.extend(spoilt.map(|(name, value)| (name + HOSTILE, value)));
                }
            }
        }
        _ => {}
    }
}

#[test]
fn nothing_from_the_project_breaks_out_of_the_page() {
    let (page, harmless) = (html(&hostile()), html(&whole()));
    assert_harmless(&page);
    assert_eq!(page.matches("<script").count(), 1, "our own");
    for end in ["</style", "<style", "</html", "</body", "-->"] {
        assert_eq!(page.matches(end).count(), harmless.matches(end).count(), "{end}");
    }
    let titles = 1 + page.matches("<svg").count();
    assert_eq!(page.matches("</title").count(), titles, "that of the page and of each picture");
    assert!(
        !page.contains("<img") && !page.contains("1337"),
        "no element, and no template in a name"
    );
    assert!(page.contains("&lt;script&gt;alert(1)&lt;&#x2f;script&gt;"), "it is there to be read");
    // It is in pictures too, where plotters escapes it.
    let pictures = page.split("<svg").skip(1).map(|rest| rest.split("</svg>").next().unwrap());
    let named = pictures.filter(|picture| picture.contains("&lt;script&gt;")).count();
    assert!(named > 5, "{named}");
}

#[test]
fn pictures_are_well_formed_whatever_is_written_in_them() {
    let page = html(&hostile());
    let pictures: Vec<&str> = page.split("<svg").skip(1).collect();
    assert!(pictures.len() > 5);
    for rest in pictures {
        let inside = rest.split("</svg>").next().unwrap();
        let svg = format!("<svg xmlns=\"http://www.w3.org/2000/svg\"{inside}</svg>");
        let document =
            roxmltree::Document::parse(&svg).unwrap_or_else(|error| panic!("{error} in\n{svg}"));
        let allowed =
            ["svg", "title", "desc", "text", "rect", "circle", "line", "polyline", "polygon"];
        let strange = document
            .descendants()
            .find(|node| node.is_element() && !allowed.contains(&node.tag_name().name()));
        assert_eq!(strange.map(|node| node.tag_name().name().to_owned()), None);
    }
}

#[test]
fn names_between_backticks_are_set_as_code_and_a_lone_backtick_is_one() {
    let mut report = whole();
    let gates = report.gates.as_mut().unwrap();
    gates.notes = vec!["`a` and `<b>` at 5 %".to_owned(), "it`s".to_owned()];
    let page = html(&report);
    assert!(page.contains("<code>a</code> and <code>&lt;b&gt;</code> at 5\u{a0}%"), "{page}");
    assert!(page.contains("it`s"));
}
