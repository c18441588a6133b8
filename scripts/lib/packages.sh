# What Cornice needs from the distribution, and installing the part of it that is missing.
# shellcheck shell=bash
# Source it; the caller needs `set -euo pipefail`.

packages_fail() {
  printf 'packages: %s\n' "$*" >&2
  exit 1
}

packages_distribution() { # prints "<id> <version>", for example "debian 12"
  local file=${CORNICE_OS_RELEASE:-/etc/os-release}
  # shellcheck disable=SC1090
  (ID='' VERSION_ID='' && source "$file" 2>/dev/null && printf '%s %s' "$ID" "$VERSION_ID")
}

packages_boost() { # distribution: prints the newest Boost there that Cornice is built with
  case $1 in
    'debian 12') printf 'libboost1.81-dev' ;;
    'debian 13' | 'ubuntu 24.04') printf 'libboost1.83-dev' ;;
    *) packages_fail "Debian 12, Debian 13 and Ubuntu 24.04 are known, this is '$1'. Install what" \
      "scripts/lib/packages.sh lists by its local name, then set CORNICE_INSTALL=no." ;;
  esac
}

# Groups build on one another: `build` makes and runs the daemon, `test` adds the tests, `full` sanitizers on clang,
# fuzzing and the checks of form, `docker` takes the place of the private services.
packages_of() { # group: prints one name a line
  local boost
  boost=$(packages_boost "$(packages_distribution)")
  case $1 in
    build)
      printf '%s\n' g++ cmake ninja-build ccache lld pkgconf "$boost" nlohmann-json3-dev libsimdjson-dev \
        libspdlog-dev libcli11-dev prometheus-cpp-dev libpqxx-dev librabbitmq-dev libssl-dev zlib1g-dev \
        libsystemd-dev postgresql rabbitmq-server openssl ca-certificates curl jq
      ;;
    test) printf '%s\n' libgtest-dev libgmock-dev librapidcheck-dev git ;;
    bench) printf '%s\n' libbenchmark-dev ;;
    full) printf '%s\n' clang libclang-rt-dev clang-tidy clang-format ;;
    *) packages_fail "unknown group '$1'" ;;
  esac
}

packages_missing() { # names: prints those that are not installed
  local name
  for name in "$@"; do
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null) == installed ]] || printf '%s\n' "$name"
  done
}

# Runs as root, in one process, so that what it adds for a moment goes away whatever happens. Installing a server must
# not start it: Cornice brings its own instances, and a chroot could not run it. The policy of an administrator who has
# one already stays in force. What was not there before is not started at the next boot either.
packages_install_as_root() {
  cat <<'SH'
set -eu
umask 022
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\n# Made by scripts/lib/packages.sh while it installs.\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
  trap 'exit 130' HUP INT TERM
fi
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
retry() { "$@" || { sleep 3; "$@"; }; }
retry apt-get -q update
retry apt-get -q -y --no-install-recommends -o Dpkg::Use-Pty=0 install "$@"
if command -v systemctl >/dev/null; then
  for name in "$@"; do
    case $name in postgresql | rabbitmq-server) systemctl disable "$name" >/dev/null 2>&1 || true ;; esac
  done
fi
SH
}

packages_install() { # groups...
  local group
  local -a wanted=() missing=() become=()
  [[ ${CORNICE_INSTALL:-yes} != no ]] || return 0
  for group in "$@"; do mapfile -t -O "${#wanted[@]}" wanted < <(packages_of "$group"); done
  ((${#wanted[@]} > 0)) || exit 1
  mapfile -t missing < <(packages_missing "${wanted[@]}")
  ((${#missing[@]} > 0)) || return 0
  if ((EUID != 0)); then
    command -v sudo >/dev/null || packages_fail "missing: ${missing[*]}. Install them as root, or install sudo."
    become=(sudo)
  fi
  printf 'packages: installing %s\n' "${missing[*]}"
  "${become[@]}" sh -c "$(packages_install_as_root)" packages "${missing[@]}" ||
    packages_fail "installing failed: ${missing[*]}"
}
