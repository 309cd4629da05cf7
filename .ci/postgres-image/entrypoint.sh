#!/bin/sh
# Behaves as the official postgres image's entrypoint does, as far as tests use
# it: the same variables, the same arguments, the same lines to wait for. There
# is no psql in this image, so what has to be run before the server is up goes
# through a single-user server.
set -eu

if [ "${1:-postgres}" != "${1#-}" ]; then # options only, or nothing: the server's
  set -- postgres "$@"
fi
[ "$1" = postgres ] || exec "$@"
case "${2:-}" in
  -V | --version | -'?' | --help | --describe-config) exec "$@" ;; # needs no database
esac

# The server refuses to run as root. Starting as root all the same lets PGDATA be
# a mount that root owns, such as a tmpfs. busybox's su replaces itself with the
# shell, so the server still ends up as process 1 and gets the signals.
if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA"
  chown -R postgres:postgres "$PGDATA"
  chmod 700 "$PGDATA"
  exec su -s /bin/sh -- postgres "$0" "$@"
fi

# One statement ends where an empty line follows its semicolon (-j); what stands
# between two such places is run as one query. The first error is fatal, which
# a single-user server otherwise leaves at a message.
single() {
  postgres --single -j -D "$PGDATA" -c exit_on_error=on "$1" >/dev/null
}

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  user="${POSTGRES_USER:-postgres}"
  database="${POSTGRES_DB:-$user}"
  method="${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}"
  if [ -z "${POSTGRES_PASSWORD:-}" ] && [ "$method" != trust ]; then
    echo "Error: Database is uninitialized and superuser password is not specified." >&2
    echo "       Set POSTGRES_PASSWORD, or POSTGRES_HOST_AUTH_METHOD=trust." >&2
    exit 1
  fi

  pwfile="$(umask 077 && mktemp)"
  printf '%s\n' "${POSTGRES_PASSWORD:-}" >"$pwfile"
  # Unquoted on purpose, as in the official image: it holds several arguments.
  # shellcheck disable=SC2086
  initdb -D "$PGDATA" --username="$user" --pwfile="$pwfile" --auth=trust ${POSTGRES_INITDB_ARGS:-}
  rm -f "$pwfile"
  printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"

  if [ "$database" != postgres ]; then
    quoted="$(printf '%s' "$database" | sed 's/"/""/g')"
    printf 'CREATE DATABASE "%s";\n' "$quoted" | single postgres
  fi

  for file in /docker-entrypoint-initdb.d/*; do
    case "$file" in
      *.sql)
        echo "entrypoint: running $file"
        single "$database" <"$file"
        ;;
      */\*) ;; # nothing there
      *) echo "entrypoint: ignoring $file: only .sql files are run" ;;
    esac
  done

  # The official image runs a temporary server here, whose log goes to standard
  # output, and clients (testcontainers among them) wait for its line there as
  # well as for the real server's on standard error. No server runs here, so the
  # line says what it is.
  echo "entrypoint: initialised; see standard error for: database system is ready to accept connections"
fi

unset POSTGRES_PASSWORD
exec "$@"
