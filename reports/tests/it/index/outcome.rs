//! What a trial of strategies means for the exit code.

use shakedown_reports::index::{Indexes, Origin, Standing, Strategy};
use shakedown_reports::model::Outcome;

use super::{everything, report, strategy};

fn trial(strategies: Vec<Strategy>) -> Indexes {
    report(strategies, None).indexes.unwrap()
}

fn failed(origin: Origin) -> Strategy {
    Strategy { origin, ..strategy("one", Standing::Failed { message: "no".to_owned() }) }
}

fn late(origin: Origin) -> Strategy {
    Strategy { origin, ..strategy("one", Standing::NotMeasured { reason: "late".to_owned() }) }
}

#[test]
fn a_trial_holds_with_or_without_an_advice() {
    assert_eq!(everything().indexes.unwrap().outcome(), Outcome::Held);
    assert_eq!(trial(Vec::new()).outcome(), Outcome::Held);
}

#[test]
fn what_the_user_asked_for_and_was_not_tried_makes_it_incomplete() {
    for strategy in [failed(Origin::Given), late(Origin::Given)] {
        assert_eq!(trial(vec![strategy]).outcome(), Outcome::Incomplete);
    }
    // What was proposed is no promise.
    for origin in [Origin::Proposed, Origin::Removal] {
        assert_eq!(trial(vec![failed(origin), late(origin)]).outcome(), Outcome::Held);
    }
}

#[test]
fn a_run_that_ended_early_is_incomplete() {
    let mut trial = trial(Vec::new());
    trial.incomplete = Some("it was interrupted".to_owned());
    assert_eq!(trial.outcome(), Outcome::Incomplete);
}

#[test]
fn an_operation_that_fails_is_a_finding_whatever_else_there_is() {
    let mut trial = trial(vec![failed(Origin::Given)]);
    trial.base[2].failed = 1;
    assert_eq!(trial.outcome(), Outcome::Found);
}
