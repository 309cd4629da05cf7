#!/usr/bin/env bash
# Says what a release is called, or why it cannot be made: the tag must be `v` and the version of
# the workspace, and its `repository` the address that the release will be found at.
#
#   .ci/release-version.sh TAG ADDRESS        prints `version=1.2.3`
set -euo pipefail
cd "$(dirname "$0")/.."
tag="$1" address="$2"

# The value of a key of [workspace.package].
key() { sed -n "/^\[workspace\.package\]/,/^\[/s/^$1 = \"\(.*\)\"\$/\1/p" Cargo.toml; }
die() {
  printf 'release-version.sh: %s\n' "$1" >&2
  exit 1
}

version="$(key version)"
[[ "$tag" == "v$version" ]] || die "the tag is $tag, but Cargo.toml says $version"
# The crates depend on each other by version too, and the older one would be taken.
stale="$(grep -E '^shakedown[a-z-]* = \{ path' Cargo.toml | grep -vF "version = \"$version\"" || true)"
[[ -z "$stale" ]] || die "a package of ours is wanted in another version than $version: $stale"
[[ "$(key repository)" == "$address" ]] ||
  die "\`repository\` of [workspace.package] is \`$(key repository)\`, but the release is made at $address"
echo "version=$version"
