#!/usr/bin/env bash
# Makes sure there is a Chromium, for the tests of the HTML report.
#
#   .ci/chromium.sh
#
# What is there is left alone; the rest comes from the distribution, for which
# this has to run as root on a Debian-like machine.
set -euo pipefail

log="${TMPDIR:-/tmp}/shakedown-chromium.log"

die() {
  printf 'chromium.sh: %s\n' "$1" >&2
  exit 1
}

installed() {
  command -v chromium || command -v chromium-browser || command -v google-chrome-stable || command -v google-chrome
}

if ! installed >/dev/null; then
  [[ "$(id -u)" == 0 ]] || die "chromium must be installed, and only root can do that"
  command -v apt-get >/dev/null || die "there is no apt-get to install chromium with"
  echo "chromium.sh: installing chromium"
  export DEBIAN_FRONTEND=noninteractive
  # The output matters only when something fails.
  if ! { apt-get update -q && apt-get install -qy --no-install-recommends chromium; } >"$log" 2>&1 </dev/null; then
    tail -n 30 "$log" >&2
    die "chromium could not be installed (its log is $log)"
  fi
  hash -r
fi
echo "chromium.sh: $("$(installed)" --version 2>/dev/null)"
