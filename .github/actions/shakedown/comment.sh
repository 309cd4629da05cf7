#!/usr/bin/env bash
# Keeps one comment on the pull request up to date. It is found by the line that it begins with.
#
# From the environment: COMMENT_FILE (the file), INPUT_TOKEN, and what the runner sets.
# It never fails: whether the migrations hold does not depend on whether one may comment.
#
# Written for the bash 3.2 of macOS.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=.github/actions/shakedown/common.sh
source "$here/common.sh"

leave() { # KIND WHY
  say "$1" "no comment was written: $2"
  exit 0
}

for program in curl jq; do
  command -v "$program" >/dev/null || leave warning "\`$program\` is not installed here"
done
number="$(jq -r '.pull_request.number // empty' "$GITHUB_EVENT_PATH")"
[[ -n "$number" ]] || leave notice "this run is for no pull request"
[[ -n "$INPUT_TOKEN" ]] || leave notice "there is no token to write it with"

marker='<!-- shakedown -->'
work="$(mktemp -d "$RUNNER_TEMP/shakedown-comment.XXXXXX")"
trap 'rm -rf "$work"' EXIT

# `call METHOD PATH [FILE]`: the answer goes to $work/answer. The token stays off the command line,
# which every process of the machine can read.
call() {
  local status sent=()
  [[ -z "${3:-}" ]] || sent=(--data-binary "@$3")
  status="$(curl --silent --show-error --connect-timeout 20 --max-time 60 --request "$1" \
    --config <(printf 'header = "Authorization: Bearer %s"\n' "$INPUT_TOKEN") \
    --header 'Accept: application/vnd.github+json' --header 'X-GitHub-Api-Version: 2022-11-28' \
    --output "$work/answer" --write-out '%{http_code}' \
    ${sent[@]+"${sent[@]}"} "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/$2")" || status="no answer"
  case "$status" in
    200 | 201) ;;
    # What a workflow gets for a pull request from a fork, or without the permission.
    401 | 403 | 404) leave notice "the token may not ($status); it needs \`pull-requests: write\`, which pull requests from forks do not get" ;;
    *) leave warning "$1 $2 came to $status" ;;
  esac
}

# The platform takes 65,536 characters. The report keeps below that by itself; this holds
# whatever it does.
if (($(wc -m <"$COMMENT_FILE") > 65536)); then
  { head -c 60000 "$COMMENT_FILE" | sed '$d'; printf '\n\nThe rest is in the reports.\n'; } >"$work/text"
else
  cp "$COMMENT_FILE" "$work/text"
fi
jq --raw-input --slurp '{body: .}' "$work/text" >"$work/body"

# Anybody can begin a comment with our line, and could change it afterwards. So only bots count,
# and those who could do worse anyway.
# shellcheck disable=SC2016 # $marker is jq's
ours='[.[] | select((.body // "") | startswith($marker))
  | select(.user.type == "Bot" or (.author_association | IN("OWNER", "MEMBER", "COLLABORATOR")))
  | .id][0] // empty'
id=
for ((page = 1; ; page++)); do
  call GET "issues/$number/comments?per_page=100&page=$page"
  id="$(jq -r --arg marker "$marker" "$ours" "$work/answer")"
  [[ -z "$id" ]] || break
  (($(jq length "$work/answer") == 100)) || break
done

if [[ -n "$id" ]]; then
  call PATCH "issues/comments/$id" "$work/body"
else
  call POST "issues/$number/comments" "$work/body"
fi
jq -r '"shakedown: " + .html_url' "$work/answer"
