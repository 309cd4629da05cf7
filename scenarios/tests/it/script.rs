use proptest::prelude::*;
use shakedown_scenarios::Operation;
use shakedown_scenarios::script::{read, split_weight};
use shakedown_scenarios::workload::{Action, Choice, Role, Sql};

fn reads(text: &str) -> Operation {
    read("test", 1, 1, "test.sql", text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn refused(text: &str) -> (String, String) {
    let error = read("test", 1, 1, "test.sql", text).unwrap_err();
    (error.message, error.hint.unwrap_or_default())
}

fn statements(operation: &Operation) -> Vec<&Sql> {
    let sql =
        |step: &'_ shakedown_scenarios::workload::Step| matches!(&step.action, Action::Sql(_));
    let found = operation.steps.iter().filter(|step| sql(step));
    found
        .filter_map(|step| if let Action::Sql(sql) = &step.action { Some(sql) } else { None })
        .collect()
}

#[test]
fn variables_become_arguments_but_not_within_quotes_comments_and_casts() {
    for (text, wanted) in [
        ("SELECT :x;", "SELECT $1"),
        ("SELECT :x, :y, :x;", "SELECT $1, $2, $1"),
        ("SELECT ':x', :x;", "SELECT ':x', $1"),
        ("SELECT \":x\", :x;", "SELECT \":x\", $1"),
        ("SELECT $$ :x $$, :x;", "SELECT $$ :x $$, $1"),
        ("SELECT $a$ :x $$ $a$, :x;", "SELECT $a$ :x $$ $a$, $1"),
        ("SELECT 1 -- :x\n + :x;", "SELECT 1 -- :x\n + $1"),
        ("SELECT 1 /* :x; */ + :x;", "SELECT 1 /* :x; */ + $1"),
        ("SELECT '1'::int + :x;", "SELECT '1'::int + $1"),
        ("SELECT :x::int;", "SELECT $1::int"),
        ("SELECT a[1:2] FROM t WHERE b = :x;", "SELECT a[1:2] FROM t WHERE b = $1"),
    ] {
        let operation = reads(&format!("\\set x 1\n\\set y 2\n{text}"));
        assert_eq!(&*statements(&operation)[0].text, wanted);
    }
}

#[test]
fn a_semicolon_ends_a_statement_unless_it_is_quoted_or_in_brackets() {
    let operation = reads("SELECT ';'; SELECT $$;$$;\n\nSELECT 3");
    let texts: Vec<&str> = statements(&operation).iter().map(|sql| &*sql.text).collect();
    assert_eq!(texts, ["SELECT ';'", "SELECT $$;$$", "SELECT 3"]);
    let operation = reads("CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2);");
    assert_eq!(statements(&operation).len(), 1);
}

#[test]
fn what_a_statement_is_to_a_transaction_is_known() {
    for (text, role) in [
        ("BEGIN;", Role::Begin),
        ("begin isolation level serializable;", Role::Begin),
        ("START TRANSACTION;", Role::Begin),
        ("END;", Role::End),
        ("COMMIT AND CHAIN;", Role::End),
        ("ROLLBACK;", Role::End),
        ("ROLLBACK TO SAVEPOINT a;", Role::Plain),
        ("SELECT 1;", Role::Plain),
        ("-- only a comment\nEND;", Role::End),
    ] {
        assert_eq!(statements(&reads(text))[0].role, role, "{text}");
    }
}

#[test]
fn a_command_goes_on_behind_a_backslash_at_the_end_of_its_line() {
    let operation = reads("\\set x 1 + \\\n 2\nSELECT :x;");
    assert_eq!((operation.steps.len(), operation.steps[1].line), (2, 3));
}

#[test]
fn results_become_variables() {
    let operation = reads("SELECT 1 AS one, 2 AS two \\gset p_\nSELECT :p_one + :p_two;");
    assert_eq!(statements(&operation)[0].results.as_deref(), Some("p_"));
    assert_eq!(statements(&operation)[1].arguments.len(), 2);
    let (message, hint) = refused("SELECT 1 AS one \\gset p_\nSELECT :one;");
    assert_eq!(message, "`test.sql:2`: nothing gives the variable `:one` a value");
    assert_eq!(hint, "write `\\set one ...` before it");
}

#[test]
fn conditions_and_loops_become_jumps() {
    let operation = reads(
        "\\if 1 = 2\nSELECT 1;\n\\elif 1 = 1\nSELECT 2;\n\\else\nSELECT 3;\n\\endif\nSELECT 4;",
    );
    let steps: Vec<String> = operation
        .steps
        .iter()
        .map(|step| match &step.action {
            Action::JumpUnless { to, .. } => format!("unless {to}"),
            Action::Jump(to) => format!("jump {to}"),
            Action::Sql(sql) => sql.text.to_string(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        steps,
        [
            "unless 3", "SELECT 1", "jump 7", "unless 6", "SELECT 2", "jump 7", "SELECT 3",
            "SELECT 4"
        ]
    );
    let looped = reads("\\repeat 3\nSELECT 1;\n\\endrepeat\nSELECT 2;");
    assert!(matches!(looped.steps[1].action, Action::JumpUnless { to: 5, .. }));
    assert!(matches!(looped.steps[4].action, Action::Jump(1)));
}

#[test]
fn the_names_of_keys_are_quoted_as_in_sql() {
    let operation = reads("\\set a key(\"S.1\".\"say \"\"hi\"\"\".\"Id, x\", newest)\nSELECT :a;");
    let pick = &operation.picks[0];
    assert_eq!(pick.table, "\"S.1\".\"say \"\"hi\"\"\"");
    assert_eq!(
        (pick.columns.as_slice(), pick.how),
        (["\"Id, x\"".to_owned()].as_slice(), Choice::Newest)
    );
    let (message, _) = refused("\\set a key(t.\"x)\nSELECT :a;");
    assert!(message.contains("a quoted name without an end"), "{message}");
}

#[test]
fn keys_of_one_table_and_order_come_from_one_row() {
    let operation = reads(
        "\\set a key(items.id)\n\\set b key(items.owner_id)\n\\set c key(items.id, uniform, 2)\n\
         \\set d key(public.\"Odd\".id, zipf(1.5))\n\\set e key(items.id, newest)\nSELECT :a, :b, :c, :d, :e;",
    );
    let picks: Vec<(&str, usize, Choice, u32)> = operation
        .picks
        .iter()
        .map(|pick| (pick.table.as_str(), pick.columns.len(), pick.how, pick.number))
        .collect();
    assert_eq!(
        picks,
        [
            ("items", 2, Choice::Uniform, 1),
            ("items", 1, Choice::Uniform, 2),
            ("public.\"Odd\"", 1, Choice::Zipf(1.5), 1),
            ("items", 1, Choice::Newest, 1),
        ]
    );
}

#[test]
fn copies_write_rows_of_values() {
    let operation = reads("\\copy 100 items (owner_id, title) values (key(users.id), fake(title))");
    let Action::Copy { statement, rows, columns } = &operation.steps[0].action else {
        panic!("{operation:?}")
    };
    assert_eq!((&**statement, *rows), ("COPY items (owner_id, title) FROM STDIN", 100));
    assert_eq!(columns.len(), 2);
}

#[test]
fn what_cannot_be_read_is_told_with_its_line() {
    for (text, message) in [
        (
            "SELECT 1;\n\\shell date",
            "`test.sql:2`: `\\shell` is not supported, since a load runs no commands of the system",
        ),
        (
            "\\startpipeline",
            "`test.sql:1`: `\\startpipeline` is not supported, since the driver has no pipelines",
        ),
        ("\\nonsense 1", "`test.sql:1`: there is no command `\\nonsense`"),
        ("\\set x 1 +", "`test.sql:1`: the expression ends too early"),
        ("\\set x foo(1)", "`test.sql:1`: there is no function `foo`"),
        ("\\set x random(1)", "`test.sql:1`: `random` takes 2 arguments, not 1"),
        ("\\set x", "`test.sql:1`: `\\set` takes a name and an expression"),
        ("\\set x 1 2", "`test.sql:1`: `2` is not expected here"),
        ("\\set x key(id)", "`test.sql:1`: `key` takes a table and its column: `key(users.id)`"),
        (
            "\\set x 9223372036854775808",
            "`test.sql:1`: `9223372036854775808` is too large for an integer",
        ),
        ("\\if 1\nSELECT 1;", "`test.sql:1`: `\\if` is without `\\endif`"),
        ("\\endif", "`test.sql:1`: `\\endif` is without `\\if`"),
        ("\\if 1\n\\else\n\\else\n\\endif", "`test.sql:3`: `\\else` is without `\\if`"),
        ("\\repeat 2\n\\if 1\n\\endrepeat", "`test.sql:3`: `\\endrepeat` is without `\\repeat`"),
        ("\\sleep 10 years", "`test.sql:1`: `years` is no unit of `\\sleep`"),
        ("SELECT :nothing;", "`test.sql:1`: nothing gives the variable `:nothing` a value"),
        ("-- nothing", "the script `test.sql` does nothing"),
    ] {
        assert_eq!(refused(text).0, message);
    }
}

#[test]
fn sleeps_take_their_unit_apart_or_not() {
    for (text, unit) in [
        ("\\sleep 1", 1_000_000_000),
        ("\\sleep 1 s", 1_000_000_000),
        ("\\sleep 10ms", 1_000_000),
        ("\\sleep 10 us", 1_000),
    ] {
        let operation = reads(text);
        assert!(
            matches!(operation.steps[0].action, Action::Sleep { unit: read, .. } if read == unit),
            "{text}"
        );
    }
}

#[test]
fn a_weight_stands_behind_the_file() {
    assert_eq!(split_weight("a.sql@3").unwrap(), ("a.sql", 3));
    assert_eq!(split_weight("a.sql").unwrap(), ("a.sql", 1));
    assert!(split_weight("a.sql@many").is_err());
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "(\\\\[a-z]{2,5} |[:;'\"$()]|[a-z0-9 +*/.,<>=-]|\n|é){0,60}") {
        let _ = read("test", 1, 1, "test.sql", &text);
    }
}

#[test]
fn a_command_behind_a_statement_on_its_line_is_a_command() {
    let error = read("a", 1, 1, "a.sql", "SELECT 1 AS x \\aset\n").unwrap_err();
    assert!(error.message.contains("`a.sql:1`: `\\aset` is not supported"), "{}", error.message);
    let read = read("a", 1, 1, "a.sql", "SELECT 1 AS x \\gset\nSELECT :x;").unwrap();
    assert_eq!(read.steps.len(), 2);
}
