# shellcheck shell=sh
# Read by ./run: installs what is missing, and tells how far it is.

# status TEXT: one line that changes on a terminal; otherwise a line now and then, and no flood.
status() {
  [ "$1" != "${status_was:-}" ] || return 0
  if [ -t 2 ]; then
    status_was=$1
    : "${width:=$(columns)}"
    printf '\r\033[K%.*s' "$((width - 1))" "$1" >&2
  else
    now=$(date +%s)
    [ $((now - ${status_at:-0})) -ge 5 ] || return 0
    status_at=$now
    echo "$1" >&2
  fi
}

# The last of them.
status_end() {
  if [ -t 2 ]; then printf '\r\033[K' >&2; fi
  echo "$1" >&2
}

columns() {
  size=$(stty size 2>/dev/null </dev/tty) || size="24 80"
  case ${size#* } in 0) echo 80 ;; *) echo "${size#* }" ;; esac
}

# fail TEXT...: a line each.
fail() {
  printf '%s\n' "$@" >&2
  exit 1
}

missing_packages() {
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
      printf '%s ' "$package"
  done
}

# become_root WHAT-FOR PACKAGES: sets $sudo, or says what somebody who may has to do.
become_root() {
  sudo=""
  [ "$(id -u)" != 0 ] || return 0
  advice="apt-get update && apt-get install --no-install-recommends $2"
  command -v sudo >/dev/null || fail \
    "The $1 needs packages of this system, and only root may install them (there is no sudo)." \
    "Let root do this, then start it again:" "  $advice"
  sudo="sudo"
  sudo -n true 2>/dev/null && return 0
  [ -t 0 ] || fail \
    "The $1 needs packages of this system; sudo asks for a password, and there is no terminal." \
    "Do this first, then start it again:" "  sudo sh -c '$advice'"
  echo "sudo asks for your password, to install packages of this system." >&2
  sudo -v || fail "Without it, let somebody who may do this:" "  $advice"
}

# apt WHAT COMMAND...: apt-get, which tells how far it is among its other words.
apt() {
  what=$1
  shift
  words=$(mktemp)
  {
    code=0
    $sudo env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 \
      apt-get -q -o APT::Status-Fd=1 -o Acquire::Retries=2 "$@" 2>&1 || code=$?
    echo "exit:$code"
  } | while IFS= read -r line; do
    rest=${line#*:*:}
    case $line in
      dlstatus:*) status "$what: fetched ${rest%%.*} %" ;;
      pmstatus:*) status "$what: installed ${rest%%.*} %" ;;
      exit:*) exit "${line#exit:}" ;;
      *) printf '%s\n' "$line" >>"$words" ;;
    esac
  done || {
    status_end "$what: failed"
    grep -E '^(E|Err)' "$words" | tail -n 5 >&2
    rm -f "$words"
    return 1
  }
  # Of lists that cannot be had, apt-get takes older ones.
  if grep -q '^Err' "$words"; then end="some could not be fetched"; else end=done; fi
  rm -f "$words"
  status_end "$what: $end"
}

apt_update() {
  [ -z "${lists_are_new:-}" ] || return 0
  apt "Lists of this system's packages" update || true
  lists_are_new=1
}

# system WHAT-FOR PACKAGE...: Debian's packages, installed where they are missing.
system() {
  purpose=$1
  shift
  [ $# -gt 0 ] || return 0
  command -v apt-get >/dev/null || fail \
    "This system has no apt-get: the $purpose needs what these Debian packages hold:" "  $*"
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  become_root "$purpose" "$missing"
  apt_update
  echo "The $purpose needs $missing" >&2
  # shellcheck disable=SC2086
  apt "Packages of this system" install -y --no-install-recommends $missing ||
    fail "Is there a network? apt-get must reach the servers that /etc/apt names."
}

has_libraries() {
  known=$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null) || return 1
  echo "$known" | grep -Eq 'libavformat\.so\.(5[89]|6[0-3]) ' &&
    echo "$known" | grep -Eq 'libswscale\.so\.([5-9]|10) '
}

# The packages of the libraries alone: their names have the numbers of this system's release.
library_packages() {
  for name in libavformat libswscale; do
    # It also finds what provides such a name: libavformat-extra61.
    apt-cache search --names-only "^${name}[0-9]+\$" | cut -d ' ' -f 1 |
      grep -E "^${name}[0-9]+\$" | sort -V | tail -n 1
  done | tr '\n' ' '
}

# FFmpeg's libraries, without its commands. Where there is no apt-get, the program says what to do.
libraries() {
  if [ -n "${RTSP_STREAM_LIBAV:-}" ] || has_libraries || ! command -v apt-get >/dev/null; then
    return 0
  fi
  names=$(library_packages)
  if [ -z "$names" ]; then
    become_root "$1" ffmpeg
    apt_update
    names=$(library_packages)
  fi
  [ -n "$names" ] || fail \
    "apt-get knows no package of FFmpeg's libraries. Is there a network? It must reach the servers" \
    "that /etc/apt names."
  # shellcheck disable=SC2086
  system "$1" $names
}

# Deno, Bun, Node (of Linux; elsewhere it is the one in PATH) and the packages, as
# package-lock.json has them.
packages() {
  stamp=node_modules/.run-stamp
  if [ -e "$stamp" ] && [ "$stamp" -nt package-lock.json ]; then return 0; fi
  if ! command -v npm >/dev/null; then
    command -v apt-get >/dev/null || fail \
      "npm is missing, which comes with Node.js: dnf install nodejs-npm (Fedora)," \
      "apk add npm (Alpine), brew install node (macOS), winget install OpenJS.NodeJS (Windows)."
    system "set-up" npm
  fi
  words=$(mktemp)
  # Not by what it is about to take away.
  before=$PATH
  PATH=${PATH#"$PWD/node_modules/.bin:"}
  watch_packages "$$" &
  watch=$!
  code=0
  npm ci --no-audit --no-fund --loglevel=error --progress=false >"$words" 2>&1 || code=$?
  PATH=$before
  kill "$watch" 2>/dev/null || true
  wait "$watch" 2>/dev/null || true
  if [ "$code" != 0 ]; then
    status_end "Packages of npm: failed"
    tail -n 8 "$words" >&2
    rm -f "$words"
    fail "Is there a network? npm must reach the registry that \`npm config get registry\` names."
  fi
  rm -f "$words"
  status_end "Packages of npm: done"
  touch "$stamp"
}

# How far npm is, as long as the process PID lives.
watch_packages() {
  all=$(node -p '
    const fits = (list, value) => !list || list.includes(value);
    const entries = Object.entries(require("./package-lock.json").packages);
    entries.filter(([path, one]) => path.startsWith("node_modules/") &&
      fits(one.os, process.platform) && fits(one.cpu, process.arch) && fits(one.libc, "glibc")
    ).length' 2>/dev/null) || all="?"
  begin=$(date +%s)
  while kill -0 "$1" 2>/dev/null; do
    here=$(find node_modules -maxdepth 3 -name package.json 2>/dev/null |
      grep -Ec 'node_modules/([^@/]+|@[^/]+/[^/]+)/package.json') || here=0
    size=$(du -sm node_modules 2>/dev/null | cut -f 1) || size=0
    seconds=$(($(date +%s) - begin))
    status "Packages of npm (the runtimes among them): $here of $all, ${size:-0} MB, $seconds s"
    sleep 1
  done
}
