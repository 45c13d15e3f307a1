#!/bin/sh
# Puts the plugin's binary beside plugin.yaml, where it is not there already: Helm runs this when it installed the plugin
# ("install") or fetched a newer one ("update"); by hand, without a word, it does the same as "update".
#
# It comes from the release of the version in plugin.yaml, or from MEMCACHED_BACKUP_RELEASES: a folder or a URL with the same
# files in it (v0.1.0/memcached-backup-v0.1.0-linux-amd64.tar.gz). What came is held to the digests in SHA256SUMS: the plugin's own,
# which its signature covers; a Git checkout has none, there it is the release's.
# POSIX sh, with curl or wget, tar, and sha256sum or shasum.
set -eu

releases=${MEMCACHED_BACKUP_RELEASES:-https://memcached-backup.example/releases/download}
# What Node's own builds for Linux need (nodejs.org, BUILDING.md).
glibc=2.28

mode=${1:-update}
plugin=$(cd "$(dirname "$0")/.." && pwd)
binary=$plugin/dist/kubectl-memcached_backup
version=$(sed -n 's/^version: *//p' "$plugin/plugin.yaml")
work=
done=no

say() { printf '%s\n' "$@" >&2; }

# The first word is what happened; the others, what to do, are a line each.
fail() {
  what=$1
  shift
  say "error: $what" "$@"
  exit 1
}

# However it ends, nothing is left that is half there.
clean_up() {
  code=$?
  trap '' INT TERM HUP
  if [ -n "$work" ]; then
    rm -rf "$work"
    rmdir "$plugin/dist" 2>/dev/null || :
  fi
  if [ $done = no ]; then
    if [ "$mode" = install ]; then take_back; else say_what_stays; fi
  fi
  exit $code
}

say_what_stays() {
  if [ -f "$binary" ]; then
    say "$("$binary" --version 2>/dev/null || printf 'The binary') stays in place."
  else
    say 'No binary was put in place.'
  fi
}

# A plugin that Helm copied or linked, and that can't run, would be "already there" at the next try.
take_back() {
  [ "${HELM_PLUGIN_DIR:-}" = "$plugin" ] && [ "${HELM_PLUGIN_NAME:-}" = memcached-backup ] || return 0
  # Sources can be built where they are.
  [ ! -f "$plugin/package.json" ] || return 0
  if [ -L "$plugin" ]; then rm -f "$plugin"; else rm -rf "$plugin"; fi
  # Helm 4 keeps the archive beside it.
  rm -f "$(dirname "$plugin")/memcached-backup-$version.tgz" "$(dirname "$plugin")/memcached-backup-$version.tgz.prov"
  say 'Nothing was left installed.'
}

main() {
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  [ "$mode" = update ] || warn_of_update
  if is_there; then
    done=yes
    return
  fi
  find_platform
  [ $os != linux ] || check_c_library
  say "Getting memcached-backup $version for $os/$arch (about 50 MB)"
  mkdir -p "$plugin/dist"
  rm -rf "$plugin"/dist/.install-*
  work=$plugin/dist/.install-$$
  mkdir "$work"
  download
  tar -xzf "$work/$archive" -C "$work" || fail "$archive can't be unpacked"
  runs "$work/dist/kubectl-memcached_backup" || cannot_run "$work/dist/kubectl-memcached_backup"
  # A rename each: whoever starts it meanwhile gets the old one or the new one.
  [ ! -f "$work/dist/libatomic.so.1" ] || mv -f "$work/dist/libatomic.so.1" "$plugin/dist/libatomic.so.1"
  mv -f "$work/dist/kubectl-memcached_backup" "$binary"
  done=yes
}

# Helm updates a clone that it was linked to as it does its own: with `git clean -x -d -f -f`.
warn_of_update() {
  if [ -L "$plugin" ] && [ -e "$plugin/.git" ]; then
    say 'Warning: "helm plugin update" deletes what is not in Git from this clone: the build,' \
      'and backups in ./memcached-backups. Update it by: git pull && npm run build'
  fi
}

# Whether there is nothing to do.
is_there() {
  [ -f "$binary" ] || return 1
  if [ "$mode" = update ]; then
    [ "$("$binary" --version 2>/dev/null || true)" = "memcached-backup $version" ]
    return
  fi
  if ! runs "$binary"; then
    find_platform
    [ $os != linux ] || check_c_library
    cannot_run "$binary"
  fi
}

runs() { "$1" --version >/dev/null 2>&1; }

cannot_run() {
  fail "the binary of memcached-backup $version does not run on this system:" \
    "  $("$1" --version 2>&1 | head -n 1)" "$(instead)"
}

find_platform() {
  case $(uname -s) in
    Linux) os=linux ;;
    Darwin) os=darwin ;;
    *) no_binary ;;
  esac
  case $(uname -m) in
    x86_64 | amd64) arch=amd64 ;;
    aarch64 | arm64) arch=arm64 ;;
    *) no_binary ;;
  esac
  archive=memcached-backup-v$version-$os-$arch.tar.gz
}

no_binary() {
  fail "there is no memcached-backup for $(uname -s) on $(uname -m)." \
    'It is built for Linux and macOS on amd64 and arm64, and for Windows on amd64.'
}

# By the program interpreter that the binary names (ld.so(8)).
check_c_library() {
  case $arch in
    amd64) loader=/lib64/ld-linux-x86-64.so.2 ;;
    arm64) loader=/lib/ld-linux-aarch64.so.1 ;;
  esac
  set -- /lib/ld-musl-*
  if [ -e "$1" ] && ! is_glibc; then
    fail "memcached-backup does not run here: the C library of this system is musl," \
      "and its binary needs the GNU C library $glibc or newer." "$(instead)"
  fi
  [ -e "$loader" ] ||
    fail "memcached-backup does not run here: this system has no GNU C library ($loader)." "$(instead)"
  found=$(getconf GNU_LIBC_VERSION 2>/dev/null | sed 's/^glibc //') || found=
  if [ -n "$found" ] && [ "$(printf '%s\n' $glibc "$found" | sort -t. -k1,1n -k2,2n | head -n 1)" != $glibc ]; then
    fail "memcached-backup does not run here: the GNU C library of this system is $found," \
      "and its binary needs $glibc or newer." "$(instead)"
  fi
}

is_glibc() { getconf GNU_LIBC_VERSION 2>/dev/null | grep -q '^glibc '; }

instead() {
  printf '%s\n' "Use a system with the GNU C library $glibc or newer and libstdc++ (Debian," \
    'Ubuntu, Fedora), or the container image of memcached-backup, which brings them.'
}

download() {
  from=$releases/v$version
  sums=$plugin/SHA256SUMS
  if [ ! -f "$sums" ]; then
    sums=$work/SHA256SUMS
    fetch SHA256SUMS || not_downloaded SHA256SUMS
  fi
  wanted=$(sed -n "s/^\([0-9a-f]\{64\}\) [ *]$archive\$/\1/p" "$sums")
  [ -n "$wanted" ] || fail "$sums has no digest of $archive."
  fetch "$archive" || not_downloaded "$archive"
  found=$(sha256 "$work/$archive")
  [ "$found" = "$wanted" ] ||
    fail "$from/$archive is not what was released: its SHA-256 is" \
      "  $found" "and should be" "  $wanted"
}

# A file of the release, into the working folder.
fetch() {
  case $from in
    file://*) cp "${from#file://}/$1" "$work/$1" ;;
    *://*)
      if command -v curl >/dev/null; then
        curl -fsSL --retry 2 --connect-timeout 20 -o "$work/$1" "$from/$1"
      elif command -v wget >/dev/null; then
        # No -T: Debian's busybox crashes upon it.
        wget -q -O "$work/$1" "$from/$1"
      else
        say 'Neither curl nor wget is there to download it.'
        return 1
      fi
      ;;
    *) cp "$from/$1" "$work/$1" ;;
  esac
}

not_downloaded() {
  if [ -f "$plugin/package.json" ] && [ ! -f "$binary" ]; then
    fail "memcached-backup is not built yet, and its release can't be had: $from/$1" \
      'Build it where it is installed, then it works:' "  cd $plugin && npm run build"
  fi
  fail "$from/$1 can't be had." \
    "From a folder or web server of yours that has v$version/$archive:" \
    "  export MEMCACHED_BACKUP_RELEASES='<FOLDER or URL>', then the same command again"
}

sha256() {
  if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

main
