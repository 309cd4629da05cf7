//! Expressions have the values that pgbench 16 prints.

use rand::SeedableRng;
use rand::rngs::SmallRng;
use shakedown_scenarios::script::{Scope, condition, evaluate, read, render};
use shakedown_scenarios::workload::{Action, Value};

/// As `pgbench --define default_seed=42` of 16.14 prints `\\set x debug(...)`.
const KNOWN: &[(&str, &str)] = &[
    ("1 + 2 * 3", "int 7"),
    ("7 / 2", "int 3"),
    ("-7 / 2", "int -3"),
    ("7 % 3", "int 1"),
    ("-7 % 3", "int -1"),
    ("7.0 / 2", "double 3.5"),
    ("1e3", "double 1000"),
    ("2 < 3 AND NOT 3 < 2", "boolean true"),
    ("1 = 1.0", "boolean true"),
    ("1 << 4 | 3", "int 19"),
    ("6 & 3", "int 2"),
    ("6 # 3", "int 5"),
    ("~0", "int -1"),
    ("- 9223372036854775808", "int -9223372036854775808"),
    ("abs(-5)", "int 5"),
    ("abs(-5.5)", "double 5.5"),
    ("greatest(1, 5, 3)", "int 5"),
    ("greatest(1, 5.5, 3)", "double 5.5"),
    ("least(4, 2, 8)", "int 2"),
    ("int(5.4 + 3.8)", "int 9"),
    ("int(2.5)", "int 2"),
    ("double(5432)", "double 5432"),
    ("mod(54, 32)", "int 22"),
    ("pi()", "double 3.14159265358979"),
    ("power(2, 10)", "double 1024"),
    ("sqrt(2.0)", "double 1.4142135623731"),
    ("ln(2.718281828459045)", "double 1"),
    ("exp(1.0)", "double 2.71828182845905"),
    ("hash(5, 1)", "int -498070536770548178"),
    ("hash_murmur2(10, 5432)", "int -5817877081768721676"),
    ("hash_fnv1a(10, 5432)", "int -7793829335365542153"),
    ("hash(-5)", "int 869511800277542434"),
    ("permute(0, 4)", "int 0"),
    ("permute(1, 4)", "int 2"),
    ("permute(12, 1000, 7)", "int 905"),
    ("permute(999, 1000, 7)", "int 899"),
    ("permute(5, 2)", "int 0"),
    ("permute(123456789, 1000000000000, 42)", "int 477160573033"),
    ("CASE WHEN 1 > 2 THEN 10 WHEN 2 > 1 THEN 20 ELSE 30 END", "int 20"),
    ("CASE WHEN NULL THEN 1 END", "null"),
    ("NULL IS NULL", "boolean true"),
    ("1 IS NOT NULL", "boolean true"),
    ("TRUE AND NULL", "null"),
    ("FALSE AND NULL", "boolean false"),
    ("TRUE OR NULL", "boolean true"),
    ("NULL + 1", "null"),
    ("1 IS TRUE", "boolean false"),
    ("NOT FALSE", "boolean true"),
    ("1 <> 2", "boolean true"),
    ("2 >= 2", "boolean true"),
    ("(1 + 2) * 3", "int 9"),
    ("1 - 2 - 3", "int -4"),
    ("100 / 10 / 2", "int 5"),
    ("2 + 3 << 1", "int 10"),
    ("1 | 2 + 4", "int 7"),
    ("-2 * -3", "int 6"),
    ("debug(7)", "int 7"),
    ("random(5, 5)", "int 5"),
    ("0.1 + 0.2", "double 0.3"),
    ("1.0 / 3", "double 0.333333333333333"),
    ("3 = 3 AND 2 > 1 OR FALSE", "boolean true"),
    ("NOT 1 = 2", "boolean true"),
    ("5 ISNULL", "boolean false"),
    ("5 NOTNULL", "boolean true"),
    ("1.5 % 2", "int 0"),
    ("3.7 % 2", "int 0"),
];

/// The value of an expression, in a script that sets nothing else.
fn value(expression: &str, seed: u64) -> Result<Value, String> {
    let text = format!("\\set x {expression}\nSELECT :x;");
    let operation = read("test", 1, 1, "test.sql", &text).map_err(|error| error.message)?;
    let Action::Set { value, .. } = &operation.steps[0].action else { panic!("no \\set") };
    let mut variables = vec![Value::Integer(0); operation.variables.len()];
    variables[2] = Value::Integer(42);
    let mut random = SmallRng::seed_from_u64(seed);
    let mut scope = Scope { variables: &variables, rows: &[], random: &mut random, number: 0 };
    evaluate(value, &mut scope)
}

fn printed(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Boolean(_) => format!("boolean {}", render(value)),
        Value::Integer(_) => format!("int {}", render(value)),
        Value::Double(number) => format!("double {}", fifteen(*number)),
        Value::Text(_) => format!("text {}", render(value)),
    }
}

/// As C's `%.15g` prints a number of ordinary size: fifteen digits from the first that is not
/// zero, without the zeros at the end.
fn fifteen(number: f64) -> String {
    let first = if number == 0.0 { 0 } else { number.abs().log10().floor() as i32 };
    let behind = usize::try_from(14 - first).unwrap_or(0);
    let text = format!("{number:.behind$}");
    match text.split_once('.') {
        Some(_) => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        None => text,
    }
}

#[test]
fn expressions_have_the_values_that_pgbench_prints() {
    for (expression, known) in KNOWN {
        assert_eq!(printed(&value(expression, 1).unwrap()), *known, "{expression}");
    }
}

#[test]
fn what_pgbench_refuses_is_refused() {
    for (expression, why) in [
        ("1 / 0", "division by zero"),
        ("1 % 0", "division by zero"),
        ("9223372036854775807 + 1", "bigint out of range"),
        ("-9223372036854775808 - 1", "bigint out of range"),
        ("9223372036854775807 * 2", "bigint out of range"),
        ("int(1e30)", "double to int overflow"),
        ("random(5, 1)", "empty range given to random"),
        ("random_gaussian(1, 10, 1.5)", "gaussian parameter must be at least 2.0 (not 1.5)"),
        (
            "random_exponential(1, 10, 0.0)",
            "exponential parameter must be greater than zero (not 0)",
        ),
        ("random_zipfian(1, 10, 1.0)", "zipfian parameter must be in range [1.001, 1000] (not 1)"),
        ("1 AND TRUE", "cannot coerce 1 to boolean"),
        ("TRUE + 1", "cannot coerce true to int"),
        ("permute(1, 0)", "permute size parameter must be greater than zero"),
    ] {
        assert_eq!(value(expression, 1).unwrap_err(), why, "{expression}");
    }
}

/// The share of each value from 1 to 10 in many draws.
fn shares(expression: &str) -> Vec<f64> {
    let mut counts = [0; 10];
    for seed in 0..20_000 {
        let Value::Integer(drawn) = value(expression, seed).unwrap() else { panic!("no integer") };
        counts[usize::try_from(drawn - 1).unwrap()] += 1;
    }
    counts.iter().map(|count| f64::from(*count) / 20_000.0).collect()
}

#[test]
fn random_values_are_spread_as_the_documentation_says() {
    let near = |share: f64, wanted: f64| (share - wanted).abs() < 0.015;
    let uniform = shares("random(1, 10)");
    assert!(uniform.iter().all(|share| near(*share, 0.1)), "{uniform:?}");

    // For a parameter of 2.5, two thirds lie in the middle 40 %: 1.0 / parameter.
    let bell = shares("random_gaussian(1, 10, 2.5)");
    assert!(near(bell[3..7].iter().sum(), 0.69), "{bell:?}");
    assert!(near(bell[0], bell[9]), "{bell:?}");

    // P(k) = (exp(-p(k-1)/n) - exp(-pk/n)) / (1 - exp(-p))
    let falling = shares("random_exponential(1, 10, 5.0)");
    let share = |k: f64| {
        ((-5.0 * (k - 1.0) / 10.0_f64).exp() - (-5.0 * k / 10.0_f64).exp())
            / (1.0 - (-5.0_f64).exp())
    };
    assert!(near(falling[0], share(1.0)) && near(falling[4], share(5.0)), "{falling:?}");

    // P(k) = k^-s / H
    let zipf = shares("random_zipfian(1, 10, 1.5)");
    let all: f64 = (1..=10).map(|k| f64::from(k).powf(-1.5)).sum();
    assert!(near(zipf[0], 1.0 / all) && near(zipf[1], 2.0_f64.powf(-1.5) / all), "{zipf:?}");
}

#[test]
fn a_condition_holds_for_true_and_for_numbers_but_zero() {
    assert_eq!(condition(&Value::Boolean(true)), Ok(true));
    assert_eq!(condition(&Value::Integer(2)), Ok(true));
    assert_eq!(condition(&Value::Double(0.0)), Ok(false));
    assert_eq!(condition(&Value::Null), Ok(false));
    assert!(condition(&Value::Text("yes".into())).is_err());
}
