#!/usr/bin/env bash
# Makes sure a Docker engine answers, for the tests that start containers.
#
#   .ci/docker.sh
#
# Where one answers already (a hosted runner, a workstation) nothing is done.
# Elsewhere, as root on a Debian-like machine, the distribution's engine is
# installed and started by hand, since such a machine often has no service manager.
set -euo pipefail

log="${TMPDIR:-/tmp}/shakedown-dockerd.log"
limit=60 # seconds to wait for the engine; it needs one or two

die() {
  printf 'docker.sh: %s\n' "$1" >&2
  exit 1
}

# `docker version` fails without an engine, whatever the client's age; the
# timeout is for a socket that accepts and never answers.
answers() { timeout 10 docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

say_version() {
  docker version --format \
    'docker.sh: engine {{.Server.Version}}, API {{.Server.APIVersion}} (oldest {{.Server.MinAPIVersion}}), client API {{.Client.APIVersion}}'
}

if answers; then
  say_version
  exit 0
fi

# Starting an engine here would not help a client that looks elsewhere.
[[ -z "${DOCKER_HOST:-}" ]] || die "no engine answers at DOCKER_HOST=$DOCKER_HOST"
[[ "$(id -u)" == 0 ]] || die "no engine answers, and only root can start one"

if ! command -v dockerd >/dev/null; then
  command -v apt-get >/dev/null || die "no engine is installed, and there is no apt-get to install one with"
  echo "docker.sh: installing docker.io"
  export DEBIAN_FRONTEND=noninteractive
  # The output goes to the log: it matters only when something fails.
  if ! { apt-get update -q && apt-get install -qy --no-install-recommends docker.io; } >"$log" 2>&1 </dev/null; then
    tail -n 30 "$log" >&2
    die "docker.io could not be installed (its log is $log)"
  fi
  hash -r
fi

# The package may have started the engine itself where there is a service manager.
pid=
if ! answers; then
  # A killed engine leaves pid files behind. Once such a number is another
  # process's (or a dead one's), dockerd refuses to start or waits in vain.
  for pidfile in /var/run/docker.pid /var/run/docker/containerd/containerd.pid; do
    [[ -f "$pidfile" ]] || continue
    program="$(readlink "/proc/$(<"$pidfile")/exe" || true)"
    case "${program##*/}" in
      dockerd* | containerd*) ;; # it runs (" (deleted)" follows the name after an upgrade)
      *) rm -f "$pidfile" ;;
    esac
  done
  # setsid, and no inherited stream: the engine has to outlive the step that
  # started it, and must not hold that step's pipes open.
  setsid dockerd >"$log" 2>&1 </dev/null &
  pid=$!
fi

for ((i = 0; i < limit * 4; i++)); do
  if answers; then
    say_version
    exit 0
  fi
  if [[ -n "$pid" ]] && ! kill -0 "$pid" 2>/dev/null; then
    tail -n 30 "$log" >&2
    die "dockerd stopped while starting (its log is $log)"
  fi
  sleep 0.25
done
tail -n 30 "$log" >&2
die "dockerd did not answer within $limit seconds (its log is $log)"
