#!/usr/bin/env bash
# Makes sure PgBouncer is installed, for the tests that start one, and pgbench,
# which the engine for load is compared with.
#
#   .ci/pgbouncer.sh [IMAGE]
#
# What is there is left alone; the rest comes from the distribution, for which
# this has to run as root on a Debian-like machine. With a name, an image is made
# of the installed PgBouncer too, without an image registry.
set -euo pipefail
umask 022 # what the image's user must be able to read
PATH="$PATH:/usr/sbin" # not every user's PATH has it

log="${TMPDIR:-/tmp}/shakedown-pgbouncer.log"

die() {
  printf 'pgbouncer.sh: %s\n' "$1" >&2
  exit 1
}

missing=()
command -v pgbouncer >/dev/null || missing+=(pgbouncer)
command -v pgbench >/dev/null || missing+=(postgresql-contrib)

if ((${#missing[@]})); then
  [[ "$(id -u)" == 0 ]] || die "${missing[*]} must be installed, and only root can do that"
  command -v apt-get >/dev/null || die "there is no apt-get to install ${missing[*]} with"
  echo "pgbouncer.sh: installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  # No service starts: the tests start their own. The output goes to the log,
  # since it matters only when something fails.
  export RUNLEVEL=1
  if ! { apt-get update -q && apt-get install -qy --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 </dev/null; then
    tail -n 30 "$log" >&2
    die "${missing[*]} could not be installed (its log is $log)"
  fi
  hash -r
fi
echo "pgbouncer.sh: $(pgbouncer --version | head -n 1), $(pgbench --version)"

image="${1:-}"
[[ -n "$image" ]] || exit 0

# The program and the libraries that it loads. Owners are those of this machine;
# nothing but a folder for its files is written there.
program="$(command -v pgbouncer)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/root/usr/sbin" "$work/root/etc"
install -d -m 1777 "$work/root/tmp"
ldd "$program" | awk '{ path = $2 == "=>" ? $3 : $1 } path ~ "^/" { print path }' | sort -u |
  while read -r library; do
    install -D "$library" "$work/root$library" # follows links
  done
install "$program" "$work/root/usr/sbin/pgbouncer"
tar -c -C "$work/root" --owner=0 --group=0 . |
  docker import -c 'ENV PATH=/usr/sbin' - "$image" >"$work/log" 2>&1 || {
  cat "$work/log" >&2
  die "the image could not be made"
}
echo "pgbouncer.sh: made $image"
