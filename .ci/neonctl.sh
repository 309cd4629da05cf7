#!/usr/bin/env bash
# Makes sure there is Neon's own program, for the test that runs it, and prints where it is.
#
#   export SHAKEDOWN_TEST_NEONCTL="$(.ci/neonctl.sh)"
#
# It comes from its npm package, in the version whose flags and output are known, into a folder
# of its own. The certificate of that test is made by openssl.
set -euo pipefail

die() {
  printf 'neonctl.sh: %s\n' "$1" >&2
  exit 1
}

command -v openssl >/dev/null || die "openssl must be installed"
command -v npm >/dev/null || die "npm must be installed"

folder="${XDG_CACHE_HOME:-$HOME/.cache}/shakedown-ci/neonctl-5.0.1"
program="$folder/node_modules/.bin/neonctl"
if [[ ! -x "$program" ]]; then
  mkdir -p "$folder"
  npm install --prefix "$folder" --no-audit --no-fund --silent neonctl@5.0.1 >&2 ||
    die "neonctl could not be installed"
fi
echo "neonctl.sh: neonctl $("$program" --version)" >&2
echo "$program"
