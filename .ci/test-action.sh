#!/usr/bin/env bash
# Tests of the action's scripts, as the runner calls them, and of what a release begins with. What they speak with is a stand-in that
# says so (`.ci/action-tests`), on this machine alone. It needs bash, curl, git, jq and python3.
#
#   .ci/test-action.sh
set -uo pipefail # and not -e: each test runs to its end
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
scripts="$here/../.github/actions/shakedown"
stand_ins="$here/action-tests"

for program in curl git jq python3; do
  command -v "$program" >/dev/null || { echo "test-action.sh: \`$program\` is not installed" >&2; exit 1; }
done

work="$(mktemp -d)"
servers=()
# shellcheck disable=SC2329 # called by the trap
clean() {
  ((${#servers[@]} == 0)) || kill "${servers[@]}" 2>/dev/null
  rm -rf "$work"
}
trap clean EXIT

# `serve PORT_FILE COMMAND...`: starts a stand-in and waits for its port.
serve() {
  local port="$1" tries
  shift
  "$@" >/dev/null 2>&1 &
  servers+=($!)
  for ((tries = 0; tries < 200; tries++)); do
    [[ ! -s "$port" ]] || return 0
    sleep 0.05
  done
  echo "test-action.sh: \`$*\` does not start" >&2
  exit 1
}

# --- What the runner gives each step.
passed=0 failed=0 name=
fresh() { # the beginning of a test
  name="$1"
  problems=()
  box="$work/$((passed + failed))"
  mkdir -p "$box"/{temp,tools,home,workspace,stand-in}
  : >"$box/output"; : >"$box/path"; : >"$box/summary"
  export GITHUB_OUTPUT="$box/output" GITHUB_PATH="$box/path" GITHUB_STEP_SUMMARY="$box/summary"
  export RUNNER_TEMP="$box/temp" RUNNER_TOOL_CACHE="$box/tools" RUNNER_OS=Linux RUNNER_ARCH=X64
  export GITHUB_WORKSPACE="$box/workspace" GITHUB_REPOSITORY=me/shop GITHUB_RUN_ID=99
  export GITHUB_SERVER_URL="http://127.0.0.1:9" GITHUB_API_URL="http://127.0.0.1:9"
  export STAND_IN="$box/stand-in"
  export INPUT_COMMAND=verify INPUT_FOLDER="" INPUT_ARGUMENTS="" INPUT_AGAINST="" INPUT_CONFIG=""
  export INPUT_POSTGRES="" INPUT_ANNOTATIONS=true INPUT_SUMMARY=true INPUT_VERSION="" INPUT_TOKEN=secret
  unset GITHUB_BASE_REF SHAKEDOWN_POSTGRES XDG_CACHE_HOME
}
# `step SCRIPT`: runs it as a step; its output goes to $box/log and its exit code to $code.
step() {
  (cd "${from:-$GITHUB_WORKSPACE}" && PATH="$stand_ins:$PATH" bash "$scripts/$1.sh") >"$box/log" 2>&1
  code=$?
}
expect() { # WHAT COMMAND...: the command holds
  local what="$1"
  shift
  "$@" >/dev/null 2>&1 || problems+=("$what")
}
has() { grep -qF -- "$2" "$1"; }
lacks() { ! grep -qF -- "$2" "$1"; }
exited() { [[ "$code" == "$1" ]]; }
value() { sed -n "s/^$1=//p" "$GITHUB_OUTPUT"; }
is() { [[ "$1" == "$2" ]]; }
done_with() { # the end of a test
  if ((${#problems[@]} == 0)); then
    passed=$((passed + 1))
    echo "ok      $name"
  else
    failed=$((failed + 1))
    echo "FAILED  $name"
    printf '        it is not so that %s\n' "${problems[@]}"
    sed 's/^/        | /' "$box/log"
  fi
}

# --- install.sh
mkdir -p "$work/releases/me/shakedown/releases/download/v9.8.7" "$work/archive"
release="$work/releases/me/shakedown/releases/download/v9.8.7"
pack() { # TRIPLE
  local folder="shakedown-9.8.7-$1"
  mkdir -p "$work/archive/$folder"
  printf '#!/bin/sh\necho "stand-in for the released shakedown, %s"\n' "$1" >"$work/archive/$folder/shakedown"
  chmod +x "$work/archive/$folder/shakedown"
  tar -czf "$release/$folder.tar.gz" -C "$work/archive" "$folder"
}
libc=gnu
if ldd --version 2>&1 | grep -qi musl; then libc=musl; fi
pack "x86_64-unknown-linux-$libc"
pack aarch64-apple-darwin
(cd "$release" && python3 -c '
import hashlib, pathlib
for file in sorted(pathlib.Path(".").glob("*.tar.gz")):
    print(hashlib.sha256(file.read_bytes()).hexdigest(), file.name, sep="  ")' >SHA256SUMS)
serve "$work/files.port" python3 "$stand_ins/files.py" "$work/releases" "$work/files.port"
releases="http://127.0.0.1:$(cat "$work/files.port")"
installs() {
  export GITHUB_SERVER_URL="$releases" ACTION_REPOSITORY=me/shakedown INPUT_VERSION=9.8.7
}

fresh "a release is installed, and where Postgres is cached is said"
installs
HOME="$box/home" step install
expect "it exits with 0" exited 0
expect "its folder is put on the PATH" is "$(cat "$GITHUB_PATH")" "$box/tools/shakedown/9.8.7/x86_64-unknown-linux-$libc"
expect "the program is there" test -x "$(cat "$GITHUB_PATH")/shakedown"
expect "the version is an output" is "$(value version)" 9.8.7
expect "the cache is that of this user" grep -q "/shakedown/postgres$" <(value postgres-cache)
done_with

fresh "the archive of a Mac is taken on a Mac"
installs
RUNNER_OS=macOS RUNNER_ARCH=ARM64 step install
expect "it is that archive" has "$box/log" "aarch64-apple-darwin"
done_with

fresh "what is in the tool cache is not downloaded again"
installs
step install
GITHUB_SERVER_URL="http://127.0.0.1:9" step install
expect "it exits with 0" exited 0
done_with

fresh "an archive with another digest is refused, and nothing of it is kept"
installs
mkdir -p "$work/broken/me/shakedown/releases/download/v9.8.7"
cp "$release"/* "$work/broken/me/shakedown/releases/download/v9.8.7/"
printf 'x' >>"$work/broken/me/shakedown/releases/download/v9.8.7/shakedown-9.8.7-x86_64-unknown-linux-$libc.tar.gz"
serve "$work/broken.port" python3 "$stand_ins/files.py" "$work/broken" "$work/broken.port"
GITHUB_SERVER_URL="http://127.0.0.1:$(cat "$work/broken.port")" step install
expect "it exits with 2" exited 2
expect "it says why" has "$box/log" "is not what SHA256SUMS says"
expect "the tool cache is empty" is "$(ls "$box/tools")" ""
expect "nothing is put on the PATH" is "$(cat "$GITHUB_PATH")" ""
done_with

fresh "a release that is not there is told with what to do"
installs
INPUT_VERSION=9.9.9 step install
expect "it exits with 2" exited 2
expect "it names the way out" has "$box/log" "version: build"
done_with

fresh "a version is not a path"
installs
# shellcheck disable=SC2016 # it is not to be run
for version in '../../x' '1.2.3/../..' '$(touch pwned)' '1.2.3 -o x'; do
  INPUT_VERSION="$version" step install
  expect "\`$version\` is refused" exited 2
  expect "the sentence names it" has "$box/log" "is no version"
done
done_with

fresh "the version of the action itself is taken if none is given"
installs
INPUT_VERSION="" step install
own="$(sed -n 's/^version = "\(.*\)"/\1/p' "$here/../Cargo.toml" | head -n 1)"
expect "it asks for $own" has "$box/log" "shakedown $own for"
done_with

fresh "Windows is told that it has none"
installs
RUNNER_OS=Windows step install
expect "it exits with 2" exited 2
expect "it says where the job can run" has "$box/log" "ubuntu-latest"
done_with

# --- run.sh
fresh "the reports, the exit code and what it means are outputs"
echo 1 >"$STAND_IN/code"
echo '{}' >"$STAND_IN/json"
echo '<html>' >"$STAND_IN/html"
echo '<!-- shakedown -->' >"$STAND_IN/comment"
step run
expect "the step itself succeeds" exited 0
expect "the exit code is 1" is "$(value exit-code)" 1
expect "the outcome is a word" is "$(value outcome)" found
expect "the report is where the output says" has "$(value json)" "{}"
expect "it is among what is kept" test -s "$(value reports)/report.html"
expect "the comment is there" test -s "$(value comment)"
expect "a format that was not written is no output" is "$(value sarif)" ""
done_with

fresh "what shakedown prints is not taken for a command"
step run
expect "commands are stopped before, and taken again after" python3 - "$box/log" <<'PYTHON'
import re, sys
log = open(sys.argv[1]).read()
word = re.search(r"^::stop-commands::([0-9a-f]{32})$", log, re.M)
assert word.end() < log.index("::error::a line") < log.index(f"\n::{word[1]}::\n")
PYTHON
done_with

fresh "inputs are words, and not a script"
touch_it="; touch $work/pwned; "
# shellcheck disable=SC2016 # it is not to be run
for nasty in "\"$touch_it\"" "'$touch_it'" '$(touch '"$work/pwned)" '`touch '"$work/pwned\`" "--config=x" "*"; do
  INPUT_FOLDER="$nasty" INPUT_CONFIG="$nasty" step run
  expect "\`$nasty\` arrives as the folder it is" is "$(tail -n 1 "$STAND_IN/arguments")" "$nasty"
  expect "and as the file it is" has "$STAND_IN/arguments" "--config=$nasty"
  INPUT_COMMAND="$nasty" step run
  expect "it is no command" exited 2
  INPUT_ARGUMENTS="--only ${nasty//[\"\']/}" step run
done
expect "nothing of it was run" test ! -e "$work/pwned"
done_with

fresh "more arguments are split as one types them"
# shellcheck disable=SC2016 # it is not to be expanded
INPUT_ARGUMENTS=$'--only "0042 with space"\n  --allow column-order --x \'$HOME *\' ""' step run
# shellcheck disable=SC2016
expect "they arrive so" is "$(tail -n 7 "$STAND_IN/arguments")" $'--only\n0042 with space\n--allow\ncolumn-order\n--x\n$HOME *'
done_with

fresh "quotes that do not match are told"
INPUT_ARGUMENTS='--only "0042' step run
expect "it exits with 2" exited 2
expect "it says so" has "$box/log" "do not match"
done_with

fresh "an address is handed over by the environment, and an empty one not at all"
INPUT_POSTGRES="postgres://u:hidden@127.0.0.1/x" step run
expect "shakedown has it" has "$STAND_IN/postgres" "hidden"
expect "the command line lacks it" lacks "$STAND_IN/arguments" "hidden"
step run
expect "without one shakedown has none" has "$STAND_IN/postgres" "unset"
SHAKEDOWN_POSTGRES=local step run
expect "and that of the job stays" has "$STAND_IN/postgres" "local"
done_with

fresh "without a report, summary and comment say that there is none"
echo 2 >"$STAND_IN/code"
step run
expect "the outcome is a word" is "$(value outcome)" failed
expect "the comment begins with the marker" is "$(head -n 1 "$(value comment)")" "<!-- shakedown -->"
expect "the summary says it" has "$GITHUB_STEP_SUMMARY" "could not do its job"
done_with

fresh "annotations name files from the root of the repository"
mkdir -p "$GITHUB_WORKSPACE/services/shop"
printf '%s\n' '::error file=migrations/1.sql,line=3,title=t::m' '::warning title=t,file=migrations/2.sql::m' \
  '::notice file=/x/3.sql::m' '::notice::file=4' >"$STAND_IN/github"
from="$GITHUB_WORKSPACE/services/shop" step run
expect "the folder is put before" has "$box/log" "::error file=services/shop/migrations/1.sql,line=3"
expect "wherever the file stands" has "$box/log" "::warning title=t,file=services/shop/migrations/2.sql::"
expect "not before a whole path" has "$box/log" "::notice file=/x/3.sql::"
expect "and nowhere else" has "$box/log" "::notice::file=4"
step run
expect "at the root nothing is put before" has "$box/log" "::error file=migrations/1.sql,line=3"
INPUT_ANNOTATIONS=false step run
expect "they can be left out" lacks "$box/log" "file=migrations/1.sql"
done_with

fresh "code scanning is told files from the root of the repository"
mkdir -p "$GITHUB_WORKSPACE/services/my shop"
echo '{"runs": [{"tool": {"driver": {"informationUri": "https://x.example/"}}, "results": [
  {"locations": [{"physicalLocation": {"artifactLocation": {"uri": "migrations/1.sql"}}}]},
  {"fixes": [{"artifactChanges": [{"artifactLocation": {"uri": "file:///x/2.sql"}}]}]}]}]}' >"$STAND_IN/sarif"
from="$GITHUB_WORKSPACE/services/my shop" step run
sarif="$(value sarif)"
expect "the folder is put before" has "$sarif" '"services/my%20shop/migrations/1.sql"'
expect "not before a whole address" has "$sarif" '"file:///x/2.sql"'
expect "and nowhere else" has "$sarif" '"https://x.example/"'
: >"$GITHUB_OUTPUT"
step run
expect "at the root nothing is put before" has "$(value sarif)" '"migrations/1.sql"'
done_with

fresh "a summary stays below 1 MiB"
yes 'a line of the summary, with an ä' | head -c 2000000 >"$STAND_IN/markdown"
step run
expect "it is cut" test "$(wc -c <"$GITHUB_STEP_SUMMARY")" -lt 1048576
expect "it says so" has "$GITHUB_STEP_SUMMARY" "The rest is in the reports."
: >"$GITHUB_STEP_SUMMARY"
INPUT_SUMMARY=false step run
expect "it can be left out" test ! -s "$GITHUB_STEP_SUMMARY"
done_with

# --- run.sh on gates, in a shallow checkout
quiet_git() { git -c user.name=t -c user.email=t@example.invalid -c init.defaultBranch=main "$@" >/dev/null 2>&1; }
quiet_git init "$work/origin"
quiet_git -C "$work/origin" commit --allow-empty -m base
quiet_git -C "$work/origin" switch -c feature
quiet_git -C "$work/origin" commit --allow-empty -m candidate
checkout() { quiet_git clone --depth=1 --branch feature "file://$work/origin" "$GITHUB_WORKSPACE"; }

fresh "a gate compares a pull request with its base, which is fetched"
checkout
INPUT_COMMAND=gate GITHUB_BASE_REF=main step run
expect "it exits with 0" exited 0
expect "the base is given" has "$STAND_IN/arguments" "--against=origin/main"
expect "and is there" git -C "$GITHUB_WORKSPACE" rev-parse --verify origin/main
done_with

fresh "a run has the base too, for a gate of the configuration"
checkout
INPUT_COMMAND=run GITHUB_BASE_REF=main step run
expect "it exits with 0" exited 0
expect "it is there" git -C "$GITHUB_WORKSPACE" rev-parse --verify origin/main
expect "nothing is given" lacks "$STAND_IN/arguments" "--against"
INPUT_COMMAND=run GITHUB_BASE_REF=gone step run
expect "and one that is not there stops nothing" exited 0
done_with

fresh "a gate against something else is left as it is"
checkout
INPUT_COMMAND=gate INPUT_ARGUMENTS="--baseline report.json" GITHUB_BASE_REF=main step run
expect "the base is not given" lacks "$STAND_IN/arguments" "--against"
INPUT_COMMAND=gate INPUT_AGAINST=HEAD GITHUB_BASE_REF=main step run
expect "the given ref is" has "$STAND_IN/arguments" "--against=HEAD"
INPUT_COMMAND=gate step run
expect "without a pull request shakedown decides" lacks "$STAND_IN/arguments" "--against"
done_with

fresh "a ref that is not there is told with what to do"
checkout
INPUT_COMMAND=gate INPUT_AGAINST=v1.0.0 step run
expect "it exits with 2" exited 2
expect "it says what to do" has "$box/log" "fetch-depth: 0"
done_with

# --- comment.sh
pull_request() { # the API with the comments on standard input, and a pull request
  mkdir -p "$box/api"
  cat >"$box/api/comments.json"
  serve "$box/api/port" python3 "$stand_ins/api.py" "$box/api"
  GITHUB_API_URL="http://127.0.0.1:$(cat "$box/api/port")"
  export GITHUB_API_URL GITHUB_EVENT_PATH="$box/event.json" COMMENT_FILE="$box/comment.md"
  echo '{"pull_request": {"number": 7}}' >"$GITHUB_EVENT_PATH"
  printf '<!-- shakedown -->\nAll "held" \\ ä\n' >"$COMMENT_FILE"
}
bodies() { jq -r '.[] | select(.body | startswith("<!-- shakedown -->")) | .body' "$box/api/comments.json"; }

fresh "the first run writes a comment, and the second changes it"
pull_request <<<'[]'
step comment
expect "it exits with 0" exited 0
expect "the text arrives as it is" is "$(bodies)" "$(cat "$COMMENT_FILE")"
printf '<!-- shakedown -->\nOne is broken\n' >"$COMMENT_FILE"
step comment
expect "there is still one comment" is "$(jq length "$box/api/comments.json")" 1
expect "with the new text" is "$(bodies)" "$(cat "$COMMENT_FILE")"
expect "the token is sent" has "$box/api/requests" "Bearer secret"
expect "and is not shown" lacks "$box/log" secret
done_with

fresh "a comment on the second page is found"
pull_request < <(jq -n '[range(150) | {id: ., user: {type: "User"}, author_association: "NONE", body: "no \(.)"}]
  | .[120] += {user: {type: "Bot"}, body: "<!-- shakedown -->\nold"}')
step comment
expect "none is added" is "$(jq length "$box/api/comments.json")" 150
expect "that one is changed" is "$(jq -r '.[120].body' "$box/api/comments.json")" "$(cat "$COMMENT_FILE")"
done_with

fresh "a stranger's comment that begins like ours is left alone"
pull_request < <(jq -n '[{id: 1, user: {type: "User"}, author_association: "NONE", body: "<!-- shakedown -->\nall fine"}]')
step comment
expect "it is as it was" is "$(jq -r '.[0].body' "$box/api/comments.json")" $'<!-- shakedown -->\nall fine'
expect "ours is added" is "$(jq length "$box/api/comments.json")" 2
done_with

fresh "a token that may not write is a notice and no failure"
pull_request <<<'[]'
echo 403 >"$box/api/refuse"
step comment
expect "it exits with 0" exited 0
expect "it is a notice" has "$box/log" "::notice title=shakedown::no comment was written: the token may not (403)"
done_with

fresh "an API that does not answer is a warning and no failure"
pull_request <<<'[]'
GITHUB_API_URL="http://127.0.0.1:9" step comment
expect "it exits with 0" exited 0
expect "it is a warning" has "$box/log" "::warning title=shakedown::no comment was written"
done_with

fresh "a run for no pull request is a notice"
pull_request <<<'[]'
echo '{"ref": "refs/heads/main"}' >"$GITHUB_EVENT_PATH"
step comment
expect "it exits with 0" exited 0
expect "it is a notice" has "$box/log" "::notice title=shakedown::no comment was written: this run is for no pull request"
expect "nothing is sent" test ! -e "$box/api/requests"
done_with

fresh "a comment that is too long is cut"
pull_request <<<'[]'
yes 'a line of the comment' | head -c 100000 >>"$COMMENT_FILE"
step comment
expect "it is taken" is "$(jq length "$box/api/comments.json")" 1
expect "it says so" grep -qF "The rest is in the reports." <(bodies)
done_with

# --- release-version.sh
fresh "a release wants the tag, the versions and the address to agree"
mkdir "$box/.ci"
cp "$here/release-version.sh" "$box/.ci/"
cat >"$box/Cargo.toml" <<'TOML'
[workspace.package]
version = "1.2.3"
repository = "https://example.invalid/me/shakedown"

[workspace.dependencies]
shakedown-reports = { path = "reports", version = "1.2.3" }
other = { version = "0.1.0" }
TOML
release() { "$box/.ci/release-version.sh" "$@" >"$box/log" 2>&1; }
expect "what agrees is a release" release v1.2.3 https://example.invalid/me/shakedown
expect "its version is said" has "$box/log" "version=1.2.3"
expect "another tag is refused" eval '! release v1.2.4 https://example.invalid/me/shakedown'
expect "another address is refused" eval '! release v1.2.3 https://example.invalid/fork/shakedown'
sed -i.old 's/reports", version = "1.2.3"/reports", version = "1.2.2"/' "$box/Cargo.toml"
expect "an older package of ours is refused" eval '! release v1.2.3 https://example.invalid/me/shakedown'
expect "and named" has "$box/log" "shakedown-reports"
done_with

echo
echo "$passed passed, $failed failed"
((failed == 0))
