//! What is on the page.

use shakedown_reports::Report;
use shakedown_reports::gate::Inconclusive;
use shakedown_reports::load::Load;
use shakedown_reports::model::Outcome;

use super::{html, swept, whole};
use crate::gate::gated;
use crate::support::{self, held, promises, strength};
use crate::{index, load};

/// The ids of the sections, in their order.
fn sections(page: &str) -> Vec<&str> {
    page.split("<section id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

/// The sentence on top.
fn sentence(page: &str) -> &str {
    page.split("<h1>").nth(1).unwrap().split("</h1>").next().unwrap()
}

#[test]
fn a_section_is_there_if_there_is_something_to_say() {
    for (report, wanted) in [
        (held(), vec!["migrations", "settings"]),
        (promises(), vec!["invariants", "settings"]),
        (strength(), vec!["strength", "settings"]),
        (load::everything(), vec!["load", "settings"]),
        (swept(), vec!["load", "settings"]),
        (index::everything(), vec!["indexes", "settings"]),
        (gated(), vec!["gates", "settings"]),
        (
            whole(),
            vec![
                "parts",
                "gates",
                "migrations",
                "invariants",
                "strength",
                "load",
                "indexes",
                "settings",
            ],
        ),
    ] {
        let page = html(&report);
        assert_eq!(sections(&page), wanted);
        // And the way there is in the table of contents.
        for section in wanted {
            assert_eq!(page.matches(&format!("href=\"#{section}\"")).count(), 1);
        }
    }
}

#[test]
fn every_report_that_there_can_be_makes_a_page() {
    let mut reports = support::everything();
    reports.extend([load::everything(), index::everything(), gated(), whole()]);
    for mut report in reports {
        for outcome in [Outcome::Held, Outcome::Incomplete, Outcome::Found] {
            report.outcome = outcome;
            let page = html(&report);
            assert!(page.ends_with("</html>\n"), "{}", &page[page.len() - 200..]);
            assert!(sentence(&page).ends_with('.'), "{}", sentence(&page));
        }
    }
}

#[test]
fn the_verdict_is_one_sentence_that_begins_with_what_failed() {
    assert_eq!(sentence(&html(&held())), "All held: all 12 migrations are reversible.");
    let page = html(&whole());
    let said = sentence(&page);
    assert!(
        said.starts_with("Found 2 errors and 1 warning: 3 of 7 gates regressed and 1 could"),
        "{said}"
    );
    assert!(
        said.contains("; 2 of 7 migrations are flawed; 1 promise of the schema is broken; "),
        "{said}"
    );
    assert!(said.ends_with("; 2 changes of indexes save 88.4\u{a0}% of the work."), "{said}");
    let page = html(&Report { outcome: Outcome::Held, ..swept() });
    assert_eq!(
        sentence(&page),
        "All held: take <code>pool of 8</code>, which does 4,100 operations a second."
    );
}

#[test]
fn every_picture_has_words_and_a_table_for_those_who_do_not_see_it() {
    let page = html(&whole());
    let pictures: Vec<&str> = page.split("<svg").skip(1).collect();
    assert!(pictures.len() > 10);
    let mut ids: Vec<&str> = Vec::new();
    for picture in &pictures {
        let head = picture.split("</desc>").next().unwrap();
        assert!(
            head.contains("role=\"img\"")
                && head.contains("<title id=")
                && head.contains("<desc id=")
        );
        assert!(head.rsplit('>').next().unwrap().len() > 10, "{head}");
        ids.push(head.split("<title id=\"").nth(1).unwrap().split('"').next().unwrap());
    }
    let figures =
        page.split("<figure>").skip(1).map(|rest| rest.split("</figure>").next().unwrap());
    for figure in figures {
        assert!(figure.contains("<table>") && figure.contains("<tbody>\n<tr"), "{figure}");
    }
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "no id is there twice");
}

#[test]
fn a_finding_has_its_lines_its_mend_and_its_script() {
    let page = html(&promises());
    let start = page.find("a user with orders cannot be deleted").unwrap();
    let finding = &page[start..page[start..].find("</article>").unwrap() + start];
    assert!(finding.contains("migrations&#x2f;0002_create_orders.up.sql:4"), "{finding}");
    assert!(
        finding.contains("<span class=\"number\">4</span>    <mark>buyer</mark> uuid NOT NULL")
    );
    assert!(finding.contains("<button type=\"button\" class=\"copy\""));
    assert!(finding.contains("DELETE FROM users;"));
    assert!(page.contains("CREATE UNIQUE INDEX ON public.users (lower(email));"));
}

#[test]
fn a_mark_lies_on_its_words_in_each_line_and_a_wrong_one_does_no_harm() {
    let mut report = promises();
    let place = &mut report.findings[1].places[0];
    place.text = "one é two\nthree four".to_owned();
    place.start = place.text.find("two").unwrap();
    place.end = place.text.find(" four").unwrap();
    let page = html(&report);
    assert!(page.contains("one é <mark>two</mark>") && page.contains("<mark>three</mark> four"));
    for (start, end) in [(0, 999), (999, 0), (5, 5), (8, 3)] {
        let place = &mut report.findings[1].places[0];
        (place.start, place.end) = (start, end);
        assert!(html(&report).ends_with("</html>\n"));
    }
}

#[test]
fn gates_show_their_interval_beside_tolerance_and_floor_in_words_too() {
    let page = html(&gated());
    assert!(page.contains(
        "+4.0 %, from -4.0 % to +12.0 %; the tolerance is +5.0 %; the base beside itself: -1.2 % to +1.3 %"
    ));
    // What is exact has no noise.
    assert!(
        page.contains("+1616.7 %, from +1616.7 % to +1616.7 %; the tolerance is +1.0 %<"),
        "{page}"
    );
    let mut report = gated();
    let gates = report.gates.as_mut().unwrap();
    gates.inconclusive = Inconclusive::Pass;
    gates.gates.clear();
    assert!(html(&report).contains("no gate was decided"));
}

#[test]
fn what_was_never_done_and_what_is_no_number_makes_a_page_too() {
    let mut report = swept();
    let load: &mut Load = report.load.as_mut().unwrap();
    for cell in &mut load.cells {
        cell.operations.clear();
        cell.seconds.clear();
        cell.measured_s = 0.0;
    }
    assert!(html(&report).contains("no setting can be named") || html(&report).contains("take "));
    load_of(&mut report).cells.clear();
    load_of(&mut report).advice = None;
    assert!(html(&report).ends_with("</html>\n"));
    let mut report = gated();
    for gate in &mut report.gates.as_mut().unwrap().gates {
        gate.base = Some(0.0);
        gate.candidate = Some(f64::NAN);
        gate.tolerance = Some(0.0);
    }
    assert!(html(&report).ends_with("</html>\n"));
}

fn load_of(report: &mut Report) -> &mut Load {
    report.load.as_mut().unwrap()
}
