use shakedown_scenarios::builtin::{SCENARIOS, scenario};

#[test]
fn every_built_in_scenario_reads_and_has_weights() {
    for builtin in SCENARIOS {
        let scenario = scenario(builtin.name, 1).unwrap().unwrap();
        assert!(!scenario.operations.is_empty(), "{}", builtin.name);
        let shares: f64 =
            scenario.operations.iter().map(|operation| scenario.share(operation)).sum();
        assert!((shares - 1.0).abs() < 1e-9, "{}", builtin.name);
        assert!(!builtin.summary.is_empty());
    }
}

#[test]
fn a_name_may_be_shortened_as_long_as_it_is_the_only_one() {
    assert_eq!(scenario("tpcb", 1).unwrap().unwrap().name, "tpcb-like");
    assert_eq!(scenario("create", 1).unwrap().unwrap().name, "create");
    assert!(scenario("s", 1).is_none());
    assert!(scenario("nothing", 1).is_none());
}
