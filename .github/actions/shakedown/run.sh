#!/usr/bin/env bash
# Runs `shakedown`, and leaves its reports, its exit code and a summary. It fails by itself only
# when it is asked for what does not exist; what the exit code means is left to a later step.
#
# From the environment: INPUT_COMMAND, _FOLDER, _ARGUMENTS, _AGAINST, _CONFIG, _POSTGRES,
# _ANNOTATIONS and _SUMMARY as action.yml describes them, and what the runner sets.
#
# Written for the bash 3.2 of macOS.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=.github/actions/shakedown/common.sh
source "$here/common.sh"

case "$INPUT_COMMAND" in
  run | verify | invariants | load | pool | index | gate) ;;
  *) die "\`$INPUT_COMMAND\` is none of run, verify, invariants, load, pool, index and gate" ;;
esac

reports="$(mktemp -d "$RUNNER_TEMP/shakedown-reports.XXXXXX")"
# What is shown elsewhere, and need not be kept.
shown="$(mktemp -d "$RUNNER_TEMP/shakedown-shown.XXXXXX")"

words=("$INPUT_COMMAND"
  --out "json=$reports/report.json" --out "html=$reports/report.html"
  --out "junit=$reports/junit.xml" --out "sarif=$reports/report.sarif"
  --out "markdown=$shown/summary.md" --out "comment=$shown/comment.md"
  --out "github=$shown/annotations")
[[ -z "$INPUT_CONFIG" ]] || words+=("--config=$INPUT_CONFIG")

# xargs knows quotes as a shell does, and nothing else of a shell: no variables, no commands.
compared=no
if [[ "$INPUT_ARGUMENTS" =~ [^[:space:]] ]]; then
  printf '%s\n' "$INPUT_ARGUMENTS" | xargs printf '%s\0' >"$shown/arguments" ||
    die "the quotes in \`arguments\` do not match: $INPUT_ARGUMENTS"
  while IFS= read -r -d '' word; do
    words+=("$word")
    case "$word" in --against | --against=* | --baseline | --baseline=*) compared=yes ;; esac
  done <"$shown/arguments"
fi

# `bring REF`: fetches a branch of origin that a shallow checkout has left out.
bring() {
  git rev-parse --verify --quiet "$1^{commit}" >/dev/null && return
  case "$1" in
    origin/?*) git fetch --no-tags --depth=1 origin "+refs/heads/${1#origin/}:refs/remotes/$1" && return ;;
  esac
  die "the git ref \`$1\` is not in this checkout; give \`fetch-depth: 0\` to actions/checkout"
}

if [[ "$INPUT_COMMAND" == gate && "$compared" == no ]]; then
  against="$INPUT_AGAINST"
  # The runner sets the name of the base branch for pull requests, and only for them.
  [[ -n "$against" || -z "${GITHUB_BASE_REF:-}" ]] || against="origin/$GITHUB_BASE_REF"
  if [[ -n "$against" ]]; then
    bring "$against"
    words+=("--against=$against")
  fi
fi

# A gate of the configuration compares with the same, most often; where not, it says so itself.
if [[ "$INPUT_COMMAND" == run && -n "${GITHUB_BASE_REF:-}" ]]; then
  (bring "origin/$GITHUB_BASE_REF") >/dev/null 2>&1 || true
fi

# Behind `--`, so that no folder is taken for an option.
[[ -z "$INPUT_FOLDER" ]] || words+=(-- "$INPUT_FOLDER")
# An address may hold a password, so that it stays off the command line.
[[ -z "$INPUT_POSTGRES" ]] || export SHAKEDOWN_POSTGRES="$INPUT_POSTGRES"

# What shakedown prints quotes the project's own text. No line of it is to be taken for a command
# to the runner, hence a word that nobody can guess.
guard="$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
printf '::stop-commands::%s\n' "$guard"
code=0
shakedown "${words[@]}" || code=$?
printf '::%s::\n' "$guard"

case "$code" in
  0) outcome=held ;;
  1) outcome=found ;;
  *) outcome=failed ;;
esac

# Without a report the last comment would stay and say what held before.
if [[ ! -s "$shown/comment.md" && "$outcome" == failed ]]; then
  printf '<!-- shakedown -->\n**Shakedown could not do its job** (exit code %s). [The log says why.](%s)\n' "$code" \
    "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID" | tee "$shown/comment.md" >"$shown/summary.md"
fi

# Annotations and code scanning are to name files as seen from the root of the repository.
prefix=
case "$PWD/" in "$GITHUB_WORKSPACE"/?*) prefix="${PWD#"$GITHUB_WORKSPACE"/}/" ;; esac
if [[ -n "$prefix" && -s "$reports/report.sarif" ]] && ! command -v jq >/dev/null; then
  printf '::warning::jq is not installed, so that report.sarif names files as seen from here\n'
elif [[ -n "$prefix" && -s "$reports/report.sarif" ]]; then
  jq --arg prefix "$prefix" '
    ($prefix | split("/") | map(@uri) | join("/")) as $prefix
    | (.. | objects | .artifactLocation? | objects | .uri | select(test("^(/|[A-Za-z][A-Za-z0-9+.-]*:)") | not))
      |= $prefix + .' "$reports/report.sarif" >"$shown/report.sarif"
  mv "$shown/report.sarif" "$reports/report.sarif"
fi
if [[ "$INPUT_ANNOTATIONS" == true && -s "$shown/annotations" ]]; then
  prefix="${prefix//'%'/%25}"
  prefix="${prefix//:/%3A}"
  # Through the environment, since awk would take backslashes of a `-v` for escapes.
  prefix="${prefix//,/%2C}" awk '
    match($0, /^::(error|warning|notice) ([^:]*,)?file=/) && substr($0, RLENGTH + 1, 1) != "/" {
      $0 = substr($0, 1, RLENGTH) ENVIRON["prefix"] substr($0, RLENGTH + 1)
    }
    { print }' "$shown/annotations"
fi

# The platform refuses a summary of more than 1 MiB as a whole. The report keeps below that by
# itself; this holds whatever it does.
if [[ "$INPUT_SUMMARY" == true && -s "$shown/summary.md" ]]; then
  if (($(wc -c <"$shown/summary.md") > 1048576)); then
    head -c 1000000 "$shown/summary.md" | sed '$d'
    printf '\n\nThe rest is in the reports.\n'
  else
    cat "$shown/summary.md"
  fi >>"$GITHUB_STEP_SUMMARY"
fi

output exit-code "$code"
output outcome "$outcome"
output reports "$reports"
for report in json=report.json html=report.html junit=junit.xml sarif=report.sarif; do
  [[ ! -s "$reports/${report#*=}" ]] || output "${report%%=*}" "$reports/${report#*=}"
done
[[ ! -s "$shown/comment.md" ]] || output comment "$shown/comment.md"
