//! Limits: what can be written, what holds, and what is said of mistakes.

use shakedown_reports::gate::{Limit, Value, Values, Verdict};

fn values() -> Values {
    let value = |value| Value { value, of: 1_000 };
    let of =
        |measure: &str, subject: Option<&str>| (measure.to_owned(), subject.map(str::to_owned));
    Values::from([
        (of("p99", None), value(12.5)),
        (of("p99", Some("first-page")), value(3.0)),
        (of("p99", Some("add-item")), value(14.0)),
        (of("error_share", None), value(0.0)),
        (of("wait_share", None), value(31.0)),
        (of("timeouts", None), value(0.0)),
        (of("size", Some("public.items")), value(8_388_608.0)),
        (of("buffers", Some("first-page")), value(24.0)),
    ])
}

fn judged(text: &str) -> Result<Verdict, String> {
    Ok(Limit::parse(text)?.judge(&values())?.verdict)
}

#[test]
fn limits_hold_or_do_not_in_any_unit() {
    for held in [
        "p99 < 50ms",
        "p99<0.1s",
        "p99 <= 12.5 ms",
        "p99(first-page) < 3_001us",
        "error_share == 0%",
        "timeouts == 0",
        "size(public.items) <= 8MB",
        "buffers(first-page) < 25",
        "wait_share > 30%",
    ] {
        assert_eq!(judged(held), Ok(Verdict::Pass), "{held}");
    }
    for broken in [
        "p99 < 12ms",
        "p99(add-item) < 14ms",
        "wait_share < 20%",
        "size(public.items) < 8192kB",
        "p99 >= 1s",
        "timeouts > 0",
    ] {
        assert_eq!(judged(broken), Ok(Verdict::Regress), "{broken}");
    }
}

#[test]
fn mistakes_are_told_with_what_there_is() {
    for (text, says) in [
        ("p98 < 50ms", "there is no measure `p98` in `p98 < 50ms`, perhaps `p9"),
        ("wait_shar < 1%", "perhaps `wait_share` is meant"),
        ("zzzz < 1", "known are p50, p90"),
        ("p99", "compares nothing"),
        ("p99 < fast", "is no number"),
        ("p99 < 50", "needs a unit: us, ms, s, min"),
        ("p99 < 50MB", "needs a unit: us, ms, s, min"),
        ("timeouts < 5ms", "takes a plain number"),
        ("p99(first-page < 5ms", "has no end to its bracket"),
        ("p99() < 5ms", "has no end to its bracket"),
    ] {
        let error = Limit::parse(text).unwrap_err();
        assert!(error.contains(says), "{text}: {error}");
    }
}

#[test]
fn what_was_not_measured_does_not_hold_but_is_told() {
    assert_eq!(
        judged("p99(frist-page) < 5ms").unwrap_err(),
        "`p99(frist-page) < 5ms`: there is no `frist-page`; there are add-item, first-page"
    );
    assert_eq!(judged("size < 5MB").unwrap_err(), "`size < 5MB` needs one of: public.items");
    assert_eq!(judged("rate > 5").unwrap_err(), "`rate > 5`: `rate` was not measured");
}

#[test]
fn a_limit_is_told_with_its_value_and_how_many_it_comes_from() {
    let gate = Limit::parse("p99 < 50ms").unwrap().judge(&values()).unwrap();
    assert_eq!((gate.measure.as_str(), gate.unit.as_str()), ("p99 < 50ms", "ms"));
    assert_eq!((gate.candidate, gate.of, gate.base), (Some(12.5), 1_000, None));
}
