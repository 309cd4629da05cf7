#!/usr/bin/env bash
# Puts `shakedown` on the PATH of the steps that follow: a released binary, or one built here.
#
# From the environment: INPUT_VERSION (a release, `build`, or empty for the release of this
# version of the action), ACTION_REPOSITORY (`<owner>/<name>`, where the releases are), and
# what the runner sets. It also says where the binaries of Postgres will be kept.
#
# Written for the bash 3.2 of macOS.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../../.." && pwd)"
# shellcheck source=.github/actions/shakedown/common.sh
source "$here/common.sh"

# The target triple of this machine, as the archives are named.
target() {
  local system
  case "$RUNNER_OS" in
    # A binary for glibc does not start where there is none, such as in a container of Alpine.
    Linux) if ldd --version 2>&1 | grep -qi musl; then system=unknown-linux-musl; else system=unknown-linux-gnu; fi ;;
    macOS) system=apple-darwin ;;
    *) die "there is no shakedown for $RUNNER_OS; let the job run on ubuntu-latest or macos-latest" ;;
  esac
  case "$RUNNER_ARCH" in
    X64) echo "x86_64-$system" ;;
    ARM64) echo "aarch64-$system" ;;
    *) die "there is no shakedown for the processor $RUNNER_ARCH; X64 and ARM64 have one" ;;
  esac
}

sha256() {
  if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d' ' -f1
}

fetch() { # URL FILE
  curl --fail --silent --show-error --location --retry 3 --connect-timeout 20 --output "$2" "$1"
}

# `download VERSION TARGET FOLDER`
download() {
  local name="shakedown-$1-$2" into="$3" work expected
  local url="$GITHUB_SERVER_URL/$ACTION_REPOSITORY/releases/download/v$1"
  work="$(mktemp -d "$RUNNER_TEMP/shakedown-install.XXXXXX")"
  if ! fetch "$url/SHA256SUMS" "$work/SHA256SUMS" || ! fetch "$url/$name.tar.gz" "$work/$name.tar.gz"; then
    die "shakedown $1 for $2 cannot be downloaded from $url; give a released \`version\`, or \`version: build\`"
  fi
  expected="$(awk -v name="$name.tar.gz" '$2 == name { print $1 }' "$work/SHA256SUMS")"
  [[ -n "$expected" ]] || die "SHA256SUMS of shakedown $1 does not name $name.tar.gz"
  [[ "$(sha256 "$work/$name.tar.gz")" == "$expected" ]] ||
    die "$name.tar.gz is not what SHA256SUMS says it is; nothing of it was kept"
  tar -xzf "$work/$name.tar.gz" -C "$work"
  # Last, so that what is there is whole.
  mkdir -p "$(dirname "$into")"
  rm -rf "$into"
  mv "$work/$name" "$into"
  rm -rf "$work"
}

# As `default_cache` of harness/src/server/places.rs has it.
postgres_cache() {
  case "${XDG_CACHE_HOME:-}" in
    /*) echo "$XDG_CACHE_HOME/shakedown/postgres" ;;
    *) if [[ "$(id -u)" == 0 ]]; then echo /var/cache/shakedown/postgres; else echo "$HOME/.cache/shakedown/postgres"; fi ;;
  esac
}

version="${INPUT_VERSION#v}"
if [[ -z "$version" ]]; then
  version="$(sed -n '/^\[workspace\.package\]/,/^\[/s/^version = "\(.*\)"$/\1/p' "$root/Cargo.toml")"
fi
triple="$(target)"

if [[ "$version" == build ]]; then
  command -v cargo >/dev/null || die "\`version: build\` needs cargo; install Rust in a step before"
  into="$RUNNER_TOOL_CACHE/shakedown/build/$triple"
  cargo install --locked --path "$root/harness" --root "$into"
  folder="$into/bin"
else
  # It becomes part of an address and of a path.
  [[ "$version" =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] ||
    die "\`$version\` is no version; give one such as 1.2.3, or \`build\`"
  folder="$RUNNER_TOOL_CACHE/shakedown/$version/$triple"
  [[ -x "$folder/shakedown" ]] || download "$version" "$triple" "$folder"
fi

"$folder/shakedown" --version
printf '%s\n' "$folder" >>"$GITHUB_PATH"
output version "$version"
output postgres-cache "$(postgres_cache)"
