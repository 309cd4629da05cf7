# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_shakedown_global_optspecs
    string join \n h/help V/version
end

function __fish_shakedown_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_shakedown_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_shakedown_using_subcommand
    set -l cmd (__fish_shakedown_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c shakedown -n "__fish_shakedown_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shakedown -n "__fish_shakedown_needs_command" -s V -l version -d 'Print version'
complete -c shakedown -n "__fish_shakedown_needs_command" -f -a "run" -d 'Do everything that can be done for a schema, within a budget, and write a page to look at'
complete -c shakedown -n "__fish_shakedown_needs_command" -f -a "init" -d 'Set up a project: a commented shakedown.toml, and a workflow if it is on GitHub'
complete -c shakedown -n "__fish_shakedown_needs_command" -f -a "verify" -d 'Prove that every migration can be taken back: up, down and up again on a real Postgres'
complete -c shakedown -n "__fish_shakedown_needs_command" -f -a "invariants" -d 'Test what the schema promises: uniqueness, cascades, soft deletes, checks and the rest'
complete -c shakedown -n "__fish_shakedown_needs_command" -f -a "load" -d 'Drive the schema with users and measure: rates, percentiles, waiting apart from querying'
complete -c shakedown -n "__fish_shakedown_needs_command" -f -a "pool" -d 'Try settings of connection pools and say which to take'
complete -c shakedown -n "__fish_shakedown_needs_command" -f -a "index" -d 'Try index strategies and measure what each gives to reads, costs in writes and takes in bytes'
complete -c shakedown -n "__fish_shakedown_needs_command" -f -a "gate" -d 'Judge whether a release is worse than what is there: by counts, by times in turns, by limits'
complete -c shakedown -n "__fish_shakedown_needs_command" -f -a "report" -d 'Make every format again from a report that was written as JSON'
complete -c shakedown -n "__fish_shakedown_needs_command" -f -a "server" -d 'Run a scratch server with the migrations applied, and print its address, until Ctrl-C'
complete -c shakedown -n "__fish_shakedown_needs_command" -f -a "doctor" -d 'Try each way to a Postgres server and say what to do about those that do not work'
complete -c shakedown -n "__fish_shakedown_needs_command" -f -a "rule" -d 'Explain a rule or an invariant: what it means, how it comes about, what to do'
complete -c shakedown -n "__fish_shakedown_needs_command" -f -a "generate" -d 'Print what other programs want to know of this one: completions, man pages, JSON schemas'
complete -c shakedown -n "__fish_shakedown_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c shakedown -n "__fish_shakedown_using_subcommand run" -l format -d 'The format of the migrations, found out from the folder if left out: sqlx, golang-migrate, dbmate, goose, diesel, maragudk-migrate or plain' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand run" -l budget -d 'About how long all of it may take: 30s, 2m, 1h [default: 2m]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand run" -l out -d 'Write the report to these files instead of report.html: html=report.html, json=report.json and the like, or FORMAT=- to print one; may be repeated' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand run" -l postgres -d 'Where Postgres comes from: auto, container, embedded, local, a postgres:// address, or neon:<project>/<branch> for a branch of that branch of Neon' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand run" -l pg-version -d 'The major version of a server that is started [default: 16]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand run" -l image -d 'The image for a container [default: postgres:<MAJOR>-alpine]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand run" -l archive -d 'A Postgres archive to install from instead of downloading one' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand run" -l neonctl -d 'Neon\'s own program, for neon:<project> [default: neonctl on the PATH]' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand run" -l config -d 'The configuration [default: shakedown.toml here or in a folder above]' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand run" -l color -d 'When to use colours; NO_COLOR is heeded as well' -r -f -a "auto\t''
always\t''
never\t''"
complete -c shakedown -n "__fish_shakedown_using_subcommand run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shakedown -n "__fish_shakedown_using_subcommand init" -l pre-commit -d 'Also write .pre-commit-config.yaml, or say what to add to the one that is there'
complete -c shakedown -n "__fish_shakedown_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shakedown -n "__fish_shakedown_using_subcommand verify" -l format -d 'The format of the migrations, found out from the folder if left out: sqlx, golang-migrate, dbmate, goose, diesel, maragudk-migrate or plain' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand verify" -l out -d 'Also write the report to a file: json=report.json, sarif=report.sarif; may be repeated. With `-` as the file it is printed instead of the text: github=-' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand verify" -l only -d 'Test only this migration; may be repeated. An id or the beginning of one' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand verify" -l from -d 'Test from this migration on; those before it are applied, but not tested' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand verify" -l to -d 'Test up to this migration; those after it are not applied' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand verify" -l database -d 'Test what is pending on a clone of this database of the server that `--postgres` gives, with the rows that it has. What its runner noted is taken for applied, or all before `--from`. Nobody may be connected to it while it is cloned' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand verify" -l allow -d 'Count the findings of this rule, but do not fail on them; may be repeated' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand verify" -l postgres -d 'Where Postgres comes from: auto, container, embedded, local, a postgres:// address, or neon:<project>/<branch> for a branch of that branch of Neon' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand verify" -l pg-version -d 'The major version of a server that is started [default: 16]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand verify" -l image -d 'The image for a container [default: postgres:<MAJOR>-alpine]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand verify" -l archive -d 'A Postgres archive to install from instead of downloading one' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand verify" -l neonctl -d 'Neon\'s own program, for neon:<project> [default: neonctl on the PATH]' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand verify" -l config -d 'The configuration [default: shakedown.toml here or in a folder above]' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand verify" -l color -d 'When to use colours; NO_COLOR is heeded as well' -r -f -a "auto\t''
always\t''
never\t''"
complete -c shakedown -n "__fish_shakedown_using_subcommand verify" -l keep -d 'Keep the databases in which something was found, and say how to connect to them'
complete -c shakedown -n "__fish_shakedown_using_subcommand verify" -l watch -d 'Go on until Ctrl-C: when the folder changes, test what was edited'
complete -c shakedown -n "__fish_shakedown_using_subcommand verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and not __fish_seen_subcommand_from replay list help" -l cases -d 'Generated cases for each table, besides the fixed ones [default: 1000]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and not __fish_seen_subcommand_from replay list help" -l time -d 'How long all of it may take: 30s, 5m, 1h30m. What it does not suffice for is told' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and not __fish_seen_subcommand_from replay list help" -l seed -d 'Where generated values come from, as a report tells it; another one each time if left out' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and not __fish_seen_subcommand_from replay list help" -l only -d 'Test only this invariant or table; may be repeated' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and not __fish_seen_subcommand_from replay list help" -l deny -d 'Fail on risks too' -r -f -a "risk\t''"
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and not __fish_seen_subcommand_from replay list help" -l out -d 'Also write the report to a file: json=report.json, sarif=report.sarif; may be repeated. With `-` as the file it is printed instead of the text: github=-' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and not __fish_seen_subcommand_from replay list help" -l save-suite -d 'Keep the promises that were tried by cases, with these, in a file' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and not __fish_seen_subcommand_from replay list help" -l suite -d 'Test the promises of such a file instead of what this schema itself promises' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and not __fish_seen_subcommand_from replay list help" -l format -d 'The format of the migrations, found out from the folder if left out: sqlx, golang-migrate, dbmate, goose, diesel, maragudk-migrate or plain' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and not __fish_seen_subcommand_from replay list help" -l database -d 'Test this database of the server that `--postgres` gives the address of, instead of migrations. It is cloned and only read; nobody may be connected to it meanwhile' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and not __fish_seen_subcommand_from replay list help" -l failures -d 'Where failures are kept [default: .shakedown/failures]' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and not __fish_seen_subcommand_from replay list help" -l postgres -d 'Where Postgres comes from: auto, container, embedded, local, a postgres:// address, or neon:<project>/<branch> for a branch of that branch of Neon' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and not __fish_seen_subcommand_from replay list help" -l pg-version -d 'The major version of a server that is started [default: 16]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and not __fish_seen_subcommand_from replay list help" -l image -d 'The image for a container [default: postgres:<MAJOR>-alpine]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and not __fish_seen_subcommand_from replay list help" -l archive -d 'A Postgres archive to install from instead of downloading one' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and not __fish_seen_subcommand_from replay list help" -l neonctl -d 'Neon\'s own program, for neon:<project> [default: neonctl on the PATH]' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and not __fish_seen_subcommand_from replay list help" -l config -d 'The configuration [default: shakedown.toml here or in a folder above]' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and not __fish_seen_subcommand_from replay list help" -l color -d 'When to use colours; NO_COLOR is heeded as well' -r -f -a "auto\t''
always\t''
never\t''"
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and not __fish_seen_subcommand_from replay list help" -l mutate -d 'Instead, change the schema in one place at a time and count the changes that the derived cases notice. What they do not notice is listed; it fails nothing'
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and not __fish_seen_subcommand_from replay list help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and not __fish_seen_subcommand_from replay list help" -a "replay" -d 'Run stored failures again; what no longer fails leaves the store'
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and not __fish_seen_subcommand_from replay list help" -a "list" -d 'List every invariant; `shakedown rule <id>` explains one'
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and not __fish_seen_subcommand_from replay list help" -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and __fish_seen_subcommand_from replay" -l migrations -d 'The migration folder' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and __fish_seen_subcommand_from replay" -l format -d 'The format of the migrations, found out from the folder if left out: sqlx, golang-migrate, dbmate, goose, diesel, maragudk-migrate or plain' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and __fish_seen_subcommand_from replay" -l database -d 'Test this database of the server that `--postgres` gives the address of, instead of migrations. It is cloned and only read; nobody may be connected to it meanwhile' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and __fish_seen_subcommand_from replay" -l failures -d 'Where failures are kept [default: .shakedown/failures]' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and __fish_seen_subcommand_from replay" -l postgres -d 'Where Postgres comes from: auto, container, embedded, local, a postgres:// address, or neon:<project>/<branch> for a branch of that branch of Neon' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and __fish_seen_subcommand_from replay" -l pg-version -d 'The major version of a server that is started [default: 16]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and __fish_seen_subcommand_from replay" -l image -d 'The image for a container [default: postgres:<MAJOR>-alpine]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and __fish_seen_subcommand_from replay" -l archive -d 'A Postgres archive to install from instead of downloading one' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and __fish_seen_subcommand_from replay" -l neonctl -d 'Neon\'s own program, for neon:<project> [default: neonctl on the PATH]' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and __fish_seen_subcommand_from replay" -l config -d 'The configuration [default: shakedown.toml here or in a folder above]' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and __fish_seen_subcommand_from replay" -l color -d 'When to use colours; NO_COLOR is heeded as well' -r -f -a "auto\t''
always\t''
never\t''"
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and __fish_seen_subcommand_from replay" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and __fish_seen_subcommand_from help" -f -a "replay" -d 'Run stored failures again; what no longer fails leaves the store'
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and __fish_seen_subcommand_from help" -f -a "list" -d 'List every invariant; `shakedown rule <id>` explains one'
complete -c shakedown -n "__fish_shakedown_using_subcommand invariants; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l format -d 'The format of the migrations, found out from the folder if left out: sqlx, golang-migrate, dbmate, goose, diesel, maragudk-migrate or plain' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l out -d 'Also write the report to a file: json=report.json, sarif=report.sarif; may be repeated. With `-` as the file it is printed instead of the text: github=-' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l database -d 'Use clones of this database of the server that `--postgres` gives the address of, with the rows that it has. Nobody may be connected to it while it is cloned' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l scenario -d 'The workload: one that is built in, or of shakedown.toml; `--scenario help` lists them. Derived from the catalog if left out' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l script -d 'A script of pgbench as an operation, with its weight; may be repeated' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l rows -d 'Realistic rows in each table [default: 10000]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l scale -d 'The size of pgbench\'s tables, and the variable :scale of scripts [default: 1]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l seed -d 'Where rows, arguments and arrivals come from: the same number gives the same operations [default: 1]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l max-tries -d 'How often a transaction is tried that fails with 40001 or 40P01 [default: 1]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l users -d 'Users at the same time' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l time -d 'How long each setting is measured, in all its rounds together: 30s, 5m' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l operations -d 'How many operations are done, instead of a time' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l warmup -d 'How long it runs before anything is measured' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l rate -d 'Operations that arrive in a second, at random moments. Latency then counts from the moment an operation was due, as with pgbench. Each user begins one when the last is done if left out' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l latency-limit -d 'With --rate: skip operations that are later than this before they begin, and count those that end later as late' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l think -d 'What each user waits between two operations' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l statement-timeout -d 'How long a statement may take, and wait for a lock [default: 30s]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l rounds -d 'How often every setting is run, in turns forwards and backwards' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l storm -d 'What goes wrong on purpose, after the rest, with the setting that was advised' -r -f -a "cold-start\t'All users come at once, and no connection is there yet'
lifetimes\t'The lifetimes of all connections end at the same moment'
restart\t'The server is restarted'
burst\t'Operations arrive at ten times the rate for a while'"
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l pool-size -d 'The most connections of the pool, in lists and ranges that double: 1,2,4..64' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l min-connections -d 'Connections that are opened ahead [default: 0]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l acquire-timeout -d 'How long one waits for a connection [default: 30s]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l test-before-acquire -d 'Whether a connection is tried before it is handed out [default: on]' -r -f -a "on\t''
off\t''"
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l max-lifetime -d 'How long a connection is used, or none [default: 30m]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l idle-timeout -d 'How long a connection may be idle, or none [default: 10m]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l statement-cache -d 'Prepared statements that a connection keeps [default: 100]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l prepared -d 'Whether statements are prepared once for each connection [default: on]' -r -f -a "on\t''
off\t''"
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l like -d 'The settings of another pool (sqlx, sqlalchemy, asyncpg, hikaricp, neon): sqlalchemy:pool_size=5,max_overflow=10; may be repeated' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l max-wait -d 'The longest that 99 of 100 operations may wait for a connection, for the advice' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l pgbouncer -d 'Also go through a PgBouncer in this mode' -r -f -a "transaction\t''
session\t''"
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l pgbouncer-pool-size -d 'Its default_pool_size, as --pool-size has it [default: 20]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l pgbouncer-image -d 'The image for a container, if no PgBouncer is installed' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l worker -d 'One of several workers that share the users and the rate: 2/4. `shakedown report merge` adds what they write' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l start-at -d 'When the load begins, so that all workers do together: 2026-12-01T09:00:00Z' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l postgres -d 'Where Postgres comes from: auto, container, embedded, local, a postgres:// address, or neon:<project>/<branch> for a branch of that branch of Neon' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l pg-version -d 'The major version of a server that is started [default: 16]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l image -d 'The image for a container [default: postgres:<MAJOR>-alpine]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l archive -d 'A Postgres archive to install from instead of downloading one' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l neonctl -d 'Neon\'s own program, for neon:<project> [default: neonctl on the PATH]' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l config -d 'The configuration [default: shakedown.toml here or in a folder above]' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l color -d 'When to use colours; NO_COLOR is heeded as well' -r -f -a "auto\t''
always\t''
never\t''"
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -l pgbench-tables -d 'Drive the tables that `pgbench -i` makes, at --scale, instead of migrations; pgbench\'s own scenarios imply it'
complete -c shakedown -n "__fish_shakedown_using_subcommand load" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l format -d 'The format of the migrations, found out from the folder if left out: sqlx, golang-migrate, dbmate, goose, diesel, maragudk-migrate or plain' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l out -d 'Also write the report to a file: json=report.json, sarif=report.sarif; may be repeated. With `-` as the file it is printed instead of the text: github=-' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l database -d 'Use clones of this database of the server that `--postgres` gives the address of, with the rows that it has. Nobody may be connected to it while it is cloned' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l scenario -d 'The workload: one that is built in, or of shakedown.toml; `--scenario help` lists them. Derived from the catalog if left out' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l script -d 'A script of pgbench as an operation, with its weight; may be repeated' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l rows -d 'Realistic rows in each table [default: 10000]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l scale -d 'The size of pgbench\'s tables, and the variable :scale of scripts [default: 1]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l seed -d 'Where rows, arguments and arrivals come from: the same number gives the same operations [default: 1]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l max-tries -d 'How often a transaction is tried that fails with 40001 or 40P01 [default: 1]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l users -d 'Users at the same time' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l time -d 'How long each setting is measured, in all its rounds together: 30s, 5m' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l operations -d 'How many operations are done, instead of a time' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l warmup -d 'How long it runs before anything is measured' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l rate -d 'Operations that arrive in a second, at random moments. Latency then counts from the moment an operation was due, as with pgbench. Each user begins one when the last is done if left out' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l latency-limit -d 'With --rate: skip operations that are later than this before they begin, and count those that end later as late' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l think -d 'What each user waits between two operations' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l statement-timeout -d 'How long a statement may take, and wait for a lock [default: 30s]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l rounds -d 'How often every setting is run, in turns forwards and backwards' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l storm -d 'What goes wrong on purpose, after the rest, with the setting that was advised' -r -f -a "cold-start\t'All users come at once, and no connection is there yet'
lifetimes\t'The lifetimes of all connections end at the same moment'
restart\t'The server is restarted'
burst\t'Operations arrive at ten times the rate for a while'"
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l pool-size -d 'The most connections of the pool, in lists and ranges that double: 1,2,4..64' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l min-connections -d 'Connections that are opened ahead [default: 0]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l acquire-timeout -d 'How long one waits for a connection [default: 30s]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l test-before-acquire -d 'Whether a connection is tried before it is handed out [default: on]' -r -f -a "on\t''
off\t''"
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l max-lifetime -d 'How long a connection is used, or none [default: 30m]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l idle-timeout -d 'How long a connection may be idle, or none [default: 10m]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l statement-cache -d 'Prepared statements that a connection keeps [default: 100]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l prepared -d 'Whether statements are prepared once for each connection [default: on]' -r -f -a "on\t''
off\t''"
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l like -d 'The settings of another pool (sqlx, sqlalchemy, asyncpg, hikaricp, neon): sqlalchemy:pool_size=5,max_overflow=10; may be repeated' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l max-wait -d 'The longest that 99 of 100 operations may wait for a connection, for the advice' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l pgbouncer -d 'Also go through a PgBouncer in this mode' -r -f -a "transaction\t''
session\t''"
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l pgbouncer-pool-size -d 'Its default_pool_size, as --pool-size has it [default: 20]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l pgbouncer-image -d 'The image for a container, if no PgBouncer is installed' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l worker -d 'One of several workers that share the users and the rate: 2/4. `shakedown report merge` adds what they write' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l start-at -d 'When the load begins, so that all workers do together: 2026-12-01T09:00:00Z' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l postgres -d 'Where Postgres comes from: auto, container, embedded, local, a postgres:// address, or neon:<project>/<branch> for a branch of that branch of Neon' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l pg-version -d 'The major version of a server that is started [default: 16]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l image -d 'The image for a container [default: postgres:<MAJOR>-alpine]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l archive -d 'A Postgres archive to install from instead of downloading one' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l neonctl -d 'Neon\'s own program, for neon:<project> [default: neonctl on the PATH]' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l config -d 'The configuration [default: shakedown.toml here or in a folder above]' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l color -d 'When to use colours; NO_COLOR is heeded as well' -r -f -a "auto\t''
always\t''
never\t''"
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -l pgbench-tables -d 'Drive the tables that `pgbench -i` makes, at --scale, instead of migrations; pgbench\'s own scenarios imply it'
complete -c shakedown -n "__fish_shakedown_using_subcommand pool" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shakedown -n "__fish_shakedown_using_subcommand index" -l format -d 'The format of the migrations, found out from the folder if left out: sqlx, golang-migrate, dbmate, goose, diesel, maragudk-migrate or plain' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand index" -l out -d 'Also write the report to a file: json=report.json, sarif=report.sarif; may be repeated. With `-` as the file it is printed instead of the text: github=-' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand index" -l database -d 'Use clones of this database of the server that `--postgres` gives the address of, with the rows that it has. Nobody may be connected to it while it is cloned' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand index" -l scenario -d 'The workload: one that is built in, or of shakedown.toml; `shakedown load --scenario help` lists them. Derived from the catalog if left out' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand index" -l script -d 'A script of pgbench as an operation, with its weight; may be repeated' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand index" -l rows -d 'Realistic rows in each table [default: 10000]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand index" -l scale -d 'The variable :scale of scripts, and the size of pgbench\'s tables [default: 1]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand index" -l seed -d 'Where rows and arguments come from: the same number gives the same counts [default: 1]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand index" -l statement-timeout -d 'How long a statement of the workload may take [default: 30s]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand index" -l queries -d 'Queries as the workload: a `.sqlx` folder, a file of SQL, or a folder of them. Arguments are taken from rows; may be repeated' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand index" -l statements -d 'The statements that pg_stat_statements counted in the database of this address, by their calls. It is only read' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand index" -l strategy -d 'A strategy to try, in a file; may be repeated. Without any, and without some in shakedown.toml, strategies are proposed' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand index" -l budget -d 'How long counting and timing may take, once tables are filled; what that does not suffice for is told [default: 5m]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand index" -l postgres -d 'Where Postgres comes from: auto, container, embedded, local, a postgres:// address, or neon:<project>/<branch> for a branch of that branch of Neon' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand index" -l pg-version -d 'The major version of a server that is started [default: 16]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand index" -l image -d 'The image for a container [default: postgres:<MAJOR>-alpine]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand index" -l archive -d 'A Postgres archive to install from instead of downloading one' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand index" -l neonctl -d 'Neon\'s own program, for neon:<project> [default: neonctl on the PATH]' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand index" -l config -d 'The configuration [default: shakedown.toml here or in a folder above]' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand index" -l color -d 'When to use colours; NO_COLOR is heeded as well' -r -f -a "auto\t''
always\t''
never\t''"
complete -c shakedown -n "__fish_shakedown_using_subcommand index" -l propose -d 'Propose strategies too, beside those given'
complete -c shakedown -n "__fish_shakedown_using_subcommand index" -l drop-unused -d 'Also advise to drop indexes that nothing in the workload uses: it is all that is ever asked of the schema'
complete -c shakedown -n "__fish_shakedown_using_subcommand index" -l counters-only -d 'Measure no times, only what does not vary with the machine'
complete -c shakedown -n "__fish_shakedown_using_subcommand index" -l write-migration -d 'Write the advice as a migration, up and down, in the format of the project'
complete -c shakedown -n "__fish_shakedown_using_subcommand index" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shakedown -n "__fish_shakedown_using_subcommand gate" -l format -d 'The format of the migrations, found out from the folder if left out: sqlx, golang-migrate, dbmate, goose, diesel, maragudk-migrate or plain' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand gate" -l out -d 'Also write the report to a file: json=report.json, sarif=report.sarif; may be repeated. With `-` as the file it is printed instead of the text: github=-' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand gate" -l against -d 'Compare with the migrations, and the pool of shakedown.toml, of this git commit' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand gate" -l baseline -d 'Compare with what this report measured; with --criterion, the name of a saved baseline' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand gate" -l criterion -d 'Judge the estimates that criterion saved in this folder; no server takes part' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand gate" -l scenario -d 'The workload: one that is built in, or of shakedown.toml; `shakedown load --scenario help` lists them. Derived from the catalog if left out' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand gate" -l script -d 'A script of pgbench as an operation, with its weight; may be repeated' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand gate" -l rows -d 'Realistic rows in each table [default: 10000]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand gate" -l scale -d 'The variable :scale of scripts, and the size of pgbench\'s tables [default: 1]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand gate" -l seed -d 'Where rows and arguments come from: the same number gives the same counts [default: 1]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand gate" -l statement-timeout -d 'How long a statement of the workload may take [default: 30s]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand gate" -l time -d 'How long a load is driven that limits are judged by [default: 10s]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand gate" -l tolerance -d 'By how much times may rise [default: 5%]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand gate" -l counter-tolerance -d 'By how much counts may rise [default: 0.5%]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand gate" -l budget -d 'How long times may be measured until all are decided [default: 1m]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand gate" -l inconclusive -d 'Exit with 0 or 1, instead of 2, where something could not be decided' -r -f -a "pass\t'As if it had passed: exit code 0'
fail\t'As if it had been worse: exit code 1'"
complete -c shakedown -n "__fish_shakedown_using_subcommand gate" -l postgres -d 'Where Postgres comes from: auto, container, embedded, local, a postgres:// address, or neon:<project>/<branch> for a branch of that branch of Neon' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand gate" -l pg-version -d 'The major version of a server that is started [default: 16]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand gate" -l image -d 'The image for a container [default: postgres:<MAJOR>-alpine]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand gate" -l archive -d 'A Postgres archive to install from instead of downloading one' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand gate" -l neonctl -d 'Neon\'s own program, for neon:<project> [default: neonctl on the PATH]' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand gate" -l config -d 'The configuration [default: shakedown.toml here or in a folder above]' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand gate" -l color -d 'When to use colours; NO_COLOR is heeded as well' -r -f -a "auto\t''
always\t''
never\t''"
complete -c shakedown -n "__fish_shakedown_using_subcommand gate" -l counters-only -d 'Measure no times, only what does not vary with the machine'
complete -c shakedown -n "__fish_shakedown_using_subcommand gate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shakedown -n "__fish_shakedown_using_subcommand report; and not __fish_seen_subcommand_from merge diff help" -l out -d 'Also write the report to a file: json=report.json, sarif=report.sarif; may be repeated. With `-` as the file it is printed instead of the text: github=-' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand report; and not __fish_seen_subcommand_from merge diff help" -l config -d 'The configuration [default: shakedown.toml here or in a folder above]' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand report; and not __fish_seen_subcommand_from merge diff help" -l color -d 'When to use colours; NO_COLOR is heeded as well' -r -f -a "auto\t''
always\t''
never\t''"
complete -c shakedown -n "__fish_shakedown_using_subcommand report; and not __fish_seen_subcommand_from merge diff help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shakedown -n "__fish_shakedown_using_subcommand report; and not __fish_seen_subcommand_from merge diff help" -a "merge" -d 'Add the reports of all workers of one load; their histograms add exactly'
complete -c shakedown -n "__fish_shakedown_using_subcommand report; and not __fish_seen_subcommand_from merge diff help" -a "diff" -d 'Compare two reports of one project: verdicts, findings, promises, load, gates and counters'
complete -c shakedown -n "__fish_shakedown_using_subcommand report; and not __fish_seen_subcommand_from merge diff help" -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c shakedown -n "__fish_shakedown_using_subcommand report; and __fish_seen_subcommand_from merge" -l out -d 'Also write the sum to a file: json=report.json, sarif=report.sarif; may be repeated. With `-` as the file it is printed instead of the text: github=-' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand report; and __fish_seen_subcommand_from merge" -l config -d 'The configuration [default: shakedown.toml here or in a folder above]' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand report; and __fish_seen_subcommand_from merge" -l color -d 'When to use colours; NO_COLOR is heeded as well' -r -f -a "auto\t''
always\t''
never\t''"
complete -c shakedown -n "__fish_shakedown_using_subcommand report; and __fish_seen_subcommand_from merge" -s h -l help -d 'Print help'
complete -c shakedown -n "__fish_shakedown_using_subcommand report; and __fish_seen_subcommand_from diff" -l config -d 'The configuration [default: shakedown.toml here or in a folder above]' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand report; and __fish_seen_subcommand_from diff" -l color -d 'When to use colours; NO_COLOR is heeded as well' -r -f -a "auto\t''
always\t''
never\t''"
complete -c shakedown -n "__fish_shakedown_using_subcommand report; and __fish_seen_subcommand_from diff" -l json -d 'Print JSON instead of text'
complete -c shakedown -n "__fish_shakedown_using_subcommand report; and __fish_seen_subcommand_from diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shakedown -n "__fish_shakedown_using_subcommand report; and __fish_seen_subcommand_from help" -f -a "merge" -d 'Add the reports of all workers of one load; their histograms add exactly'
complete -c shakedown -n "__fish_shakedown_using_subcommand report; and __fish_seen_subcommand_from help" -f -a "diff" -d 'Compare two reports of one project: verdicts, findings, promises, load, gates and counters'
complete -c shakedown -n "__fish_shakedown_using_subcommand report; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c shakedown -n "__fish_shakedown_using_subcommand server" -l format -d 'The format of the migrations, found out from the folder if left out: sqlx, golang-migrate, dbmate, goose, diesel, maragudk-migrate or plain' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand server" -l rows -d 'Put so many realistic rows into each table; those that refuse them are named' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand server" -l seed -d 'Where the rows come from: the same number gives the same rows' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand server" -l port -d 'The port on 127.0.0.1; any that is free if left out' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand server" -l profile -d 'What the server is for: fast loses everything in a crash, durable is as Postgres comes' -r -f -a "fast\t''
durable\t''"
complete -c shakedown -n "__fish_shakedown_using_subcommand server" -l postgres -d 'Where Postgres comes from: auto, container, embedded, local, a postgres:// address, or neon:<project>/<branch> for a branch of that branch of Neon' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand server" -l pg-version -d 'The major version of a server that is started [default: 16]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand server" -l image -d 'The image for a container [default: postgres:<MAJOR>-alpine]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand server" -l archive -d 'A Postgres archive to install from instead of downloading one' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand server" -l neonctl -d 'Neon\'s own program, for neon:<project> [default: neonctl on the PATH]' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand server" -l config -d 'The configuration [default: shakedown.toml here or in a folder above]' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand server" -l color -d 'When to use colours; NO_COLOR is heeded as well' -r -f -a "auto\t''
always\t''
never\t''"
complete -c shakedown -n "__fish_shakedown_using_subcommand server" -l empty -d 'Apply no migrations'
complete -c shakedown -n "__fish_shakedown_using_subcommand server" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shakedown -n "__fish_shakedown_using_subcommand doctor" -l postgres -d 'Where Postgres comes from: auto, container, embedded, local, a postgres:// address, or neon:<project>/<branch> for a branch of that branch of Neon' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand doctor" -l pg-version -d 'The major version of a server that is started [default: 16]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand doctor" -l image -d 'The image for a container [default: postgres:<MAJOR>-alpine]' -r
complete -c shakedown -n "__fish_shakedown_using_subcommand doctor" -l archive -d 'A Postgres archive to install from instead of downloading one' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand doctor" -l neonctl -d 'Neon\'s own program, for neon:<project> [default: neonctl on the PATH]' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand doctor" -l config -d 'The configuration [default: shakedown.toml here or in a folder above]' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand doctor" -l color -d 'When to use colours; NO_COLOR is heeded as well' -r -f -a "auto\t''
always\t''
never\t''"
complete -c shakedown -n "__fish_shakedown_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shakedown -n "__fish_shakedown_using_subcommand rule" -s h -l help -d 'Print help'
complete -c shakedown -n "__fish_shakedown_using_subcommand generate; and not __fish_seen_subcommand_from completions man schema help" -s h -l help -d 'Print help'
complete -c shakedown -n "__fish_shakedown_using_subcommand generate; and not __fish_seen_subcommand_from completions man schema help" -f -a "completions" -d 'Completions for a shell'
complete -c shakedown -n "__fish_shakedown_using_subcommand generate; and not __fish_seen_subcommand_from completions man schema help" -f -a "man" -d 'The man page of `shakedown`, or the pages of all its commands'
complete -c shakedown -n "__fish_shakedown_using_subcommand generate; and not __fish_seen_subcommand_from completions man schema help" -f -a "schema" -d 'A JSON schema, by which editors complete and check'
complete -c shakedown -n "__fish_shakedown_using_subcommand generate; and not __fish_seen_subcommand_from completions man schema help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c shakedown -n "__fish_shakedown_using_subcommand generate; and __fish_seen_subcommand_from completions" -s h -l help -d 'Print help'
complete -c shakedown -n "__fish_shakedown_using_subcommand generate; and __fish_seen_subcommand_from man" -l to -d 'Write a page for each command into this folder, instead of printing one' -r -F
complete -c shakedown -n "__fish_shakedown_using_subcommand generate; and __fish_seen_subcommand_from man" -s h -l help -d 'Print help'
complete -c shakedown -n "__fish_shakedown_using_subcommand generate; and __fish_seen_subcommand_from schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shakedown -n "__fish_shakedown_using_subcommand generate; and __fish_seen_subcommand_from help" -f -a "completions" -d 'Completions for a shell'
complete -c shakedown -n "__fish_shakedown_using_subcommand generate; and __fish_seen_subcommand_from help" -f -a "man" -d 'The man page of `shakedown`, or the pages of all its commands'
complete -c shakedown -n "__fish_shakedown_using_subcommand generate; and __fish_seen_subcommand_from help" -f -a "schema" -d 'A JSON schema, by which editors complete and check'
complete -c shakedown -n "__fish_shakedown_using_subcommand generate; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c shakedown -n "__fish_shakedown_using_subcommand help; and not __fish_seen_subcommand_from run init verify invariants load pool index gate report server doctor rule generate help" -f -a "run" -d 'Do everything that can be done for a schema, within a budget, and write a page to look at'
complete -c shakedown -n "__fish_shakedown_using_subcommand help; and not __fish_seen_subcommand_from run init verify invariants load pool index gate report server doctor rule generate help" -f -a "init" -d 'Set up a project: a commented shakedown.toml, and a workflow if it is on GitHub'
complete -c shakedown -n "__fish_shakedown_using_subcommand help; and not __fish_seen_subcommand_from run init verify invariants load pool index gate report server doctor rule generate help" -f -a "verify" -d 'Prove that every migration can be taken back: up, down and up again on a real Postgres'
complete -c shakedown -n "__fish_shakedown_using_subcommand help; and not __fish_seen_subcommand_from run init verify invariants load pool index gate report server doctor rule generate help" -f -a "invariants" -d 'Test what the schema promises: uniqueness, cascades, soft deletes, checks and the rest'
complete -c shakedown -n "__fish_shakedown_using_subcommand help; and not __fish_seen_subcommand_from run init verify invariants load pool index gate report server doctor rule generate help" -f -a "load" -d 'Drive the schema with users and measure: rates, percentiles, waiting apart from querying'
complete -c shakedown -n "__fish_shakedown_using_subcommand help; and not __fish_seen_subcommand_from run init verify invariants load pool index gate report server doctor rule generate help" -f -a "pool" -d 'Try settings of connection pools and say which to take'
complete -c shakedown -n "__fish_shakedown_using_subcommand help; and not __fish_seen_subcommand_from run init verify invariants load pool index gate report server doctor rule generate help" -f -a "index" -d 'Try index strategies and measure what each gives to reads, costs in writes and takes in bytes'
complete -c shakedown -n "__fish_shakedown_using_subcommand help; and not __fish_seen_subcommand_from run init verify invariants load pool index gate report server doctor rule generate help" -f -a "gate" -d 'Judge whether a release is worse than what is there: by counts, by times in turns, by limits'
complete -c shakedown -n "__fish_shakedown_using_subcommand help; and not __fish_seen_subcommand_from run init verify invariants load pool index gate report server doctor rule generate help" -f -a "report" -d 'Make every format again from a report that was written as JSON'
complete -c shakedown -n "__fish_shakedown_using_subcommand help; and not __fish_seen_subcommand_from run init verify invariants load pool index gate report server doctor rule generate help" -f -a "server" -d 'Run a scratch server with the migrations applied, and print its address, until Ctrl-C'
complete -c shakedown -n "__fish_shakedown_using_subcommand help; and not __fish_seen_subcommand_from run init verify invariants load pool index gate report server doctor rule generate help" -f -a "doctor" -d 'Try each way to a Postgres server and say what to do about those that do not work'
complete -c shakedown -n "__fish_shakedown_using_subcommand help; and not __fish_seen_subcommand_from run init verify invariants load pool index gate report server doctor rule generate help" -f -a "rule" -d 'Explain a rule or an invariant: what it means, how it comes about, what to do'
complete -c shakedown -n "__fish_shakedown_using_subcommand help; and not __fish_seen_subcommand_from run init verify invariants load pool index gate report server doctor rule generate help" -f -a "generate" -d 'Print what other programs want to know of this one: completions, man pages, JSON schemas'
complete -c shakedown -n "__fish_shakedown_using_subcommand help; and not __fish_seen_subcommand_from run init verify invariants load pool index gate report server doctor rule generate help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c shakedown -n "__fish_shakedown_using_subcommand help; and __fish_seen_subcommand_from invariants" -f -a "replay" -d 'Run stored failures again; what no longer fails leaves the store'
complete -c shakedown -n "__fish_shakedown_using_subcommand help; and __fish_seen_subcommand_from invariants" -f -a "list" -d 'List every invariant; `shakedown rule <id>` explains one'
complete -c shakedown -n "__fish_shakedown_using_subcommand help; and __fish_seen_subcommand_from report" -f -a "merge" -d 'Add the reports of all workers of one load; their histograms add exactly'
complete -c shakedown -n "__fish_shakedown_using_subcommand help; and __fish_seen_subcommand_from report" -f -a "diff" -d 'Compare two reports of one project: verdicts, findings, promises, load, gates and counters'
complete -c shakedown -n "__fish_shakedown_using_subcommand help; and __fish_seen_subcommand_from generate" -f -a "completions" -d 'Completions for a shell'
complete -c shakedown -n "__fish_shakedown_using_subcommand help; and __fish_seen_subcommand_from generate" -f -a "man" -d 'The man page of `shakedown`, or the pages of all its commands'
complete -c shakedown -n "__fish_shakedown_using_subcommand help; and __fish_seen_subcommand_from generate" -f -a "schema" -d 'A JSON schema, by which editors complete and check'
