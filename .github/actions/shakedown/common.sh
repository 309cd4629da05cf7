# What the scripts of the action share. It is sourced.
# shellcheck shell=bash

# A word of ours in a workflow command: `say notice "..."`, which is shown on the page of the run.
# The line ends of a text, and its percent signs, would end or change the command.
say() {
  local kind="$1" text="$2"
  text="${text//'%'/%25}"
  text="${text//$'\r'/%0D}"
  printf '::%s title=shakedown::%s\n' "$kind" "${text//$'\n'/%0A}"
}

# To stderr, where the runner looks too: it may be said while an output is caught.
die() {
  say error "$1" >&2
  exit 2
}

# `output <name> <value>`: an output of this step. Values are paths and words of ours, of one line.
output() { printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"; }
