# Remembered values, processes and ports of one state folder, for scripts/lib/services.sh.
# shellcheck shell=bash disable=SC2154
# `state`, the folder, is set by services_enter.
#
# Everything that must outlive one call lies in $state/private, one value per file. A process is remembered as
# "<pid> <start time>", so that a reused process id is never mistaken for ours.

services_fail() {
  printf 'services: %s\n' "$*" >&2
  exit 1
}

services_note() { printf 'services: %s\n' "$*"; }

services_get() { # key -> value, empty when never put
  local file=$state/private/$1
  if [[ -f $file ]]; then cat -- "$file"; fi
}

services_put() { # key value
  (umask 077 && printf '%s\n' "$2" >"$state/private/$1.new")
  mv -f -- "$state/private/$1.new" "$state/private/$1"
}

services_secret() { # key: prints the remembered random password, made on first use
  local value
  value=$(services_get "$1")
  if [[ -z $value ]]; then
    value=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
    services_put "$1" "$value"
  fi
  printf '%s' "$value"
}

json_string() {
  local text=${1//\\/\\\\}
  printf '"%s"' "${text//\"/\\\"}"
}

process_start_time() { # pid -> clock ticks since boot, empty when there is no such process or it is a zombie
  local line
  line=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
  # The command name may hold blanks and parentheses: fields are counted after its closing one.
  local -a field
  read -r -a field <<<"${line##*) }"
  if [[ ${field[0]} != Z ]]; then printf '%s' "${field[19]}"; fi
}

process_is() { # pid start-time: true while that very process lives
  [[ -n ${1:-} && -n ${2:-} && $(process_start_time "$1") == "$2" ]]
}

# Starts a daemon and remembers it. Every program of the command line replaces itself by the next one, and a process
# keeps its id and start time through that, so what is remembered is the daemon itself.
launch() { # name command...
  local name=$1
  shift
  (exec 9>&- && exec "$@" </dev/null >>"$state/log/$name.out" 2>&1) &
  services_put "$name.pid" "$! $(process_start_time $!)"
}

service_pid() { # name -> pid when running
  local pid start
  read -r pid start <<<"$(services_get "$1.pid")" || true
  if process_is "${pid:-}" "${start:-}"; then printf '%s' "$pid"; fi
}

process_tree() { # pid: prints "<pid> <start time>" of it and everything below it
  local child
  printf '%s %s\n' "$1" "$(process_start_time "$1")"
  for child in $(cat "/proc/$1/task/"*/children 2>/dev/null || true); do
    process_tree "$child"
  done
}

wait_gone() { # seconds, then "<pid> <start time>" lines: true when all have ended in time
  local deadline=$((SECONDS + $1)) line alive
  shift
  while :; do
    alive=
    for line in "$@"; do
      # shellcheck disable=SC2086
      process_is $line && alive=1
    done
    [[ -z $alive ]] && return 0
    ((SECONDS < deadline)) || return 1
    sleep 0.05
  done
}

# Ends one remembered service with everything it started: the given signals in turn, then KILL.
service_end() { # name seconds signal...
  local name=$1 seconds=$2 pid signal line
  shift 2
  pid=$(service_pid "$name")
  if [[ -n $pid ]]; then
    local -a tree
    mapfile -t tree < <(process_tree "$pid")
    # A stopped process (fault tests stop the servers) would not act on the signal.
    for line in "${tree[@]}"; do kill -CONT "${line% *}" 2>/dev/null || true; done
    for signal in "$@"; do
      kill "-$signal" "$pid" 2>/dev/null || true
      wait_gone "$seconds" "${tree[@]}" && break
    done
    for line in "${tree[@]}"; do
      # shellcheck disable=SC2086
      if process_is $line; then kill -KILL "${line% *}" 2>/dev/null || true; fi
    done
    wait_gone 5 "${tree[@]}" || services_fail "$name (process $pid) could not be ended even by SIGKILL"
    services_note "$name stopped (process $pid)"
  fi
  rm -f -- "$state/private/$name.pid"
}

port_in_use() {
  local hex
  printf -v hex '%04X' "$1"
  # State 0A is LISTEN; any other socket on the port does not stand in the way of SO_REUSEADDR listeners.
  cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
    awk -v port="$hex" '$4 == "0A" { n = split($2, a, ":"); if (a[n] == port) found = 1 } END { exit !found }'
}

port_free() { # key port: true when nothing listens there and no other service of ours has it in mind
  local file
  for file in "$state"/private/*_port; do
    [[ $file == */"$1" || ! -f $file || $(<"$file") != "$2" ]] || return 1
  done
  ! port_in_use "$2"
}

# Remembers a free port under `key`: the wanted one, else the one of last time, else one below the ephemeral range.
services_port() { # key wanted
  local key=$1 wanted=$2 port try
  if [[ -n $wanted ]]; then
    port_free "$key" "$wanted" || services_fail "port $wanted is in use; give another one or none"
    services_put "$key" "$wanted"
    return
  fi
  port=$(services_get "$key")
  for ((try = 0; try < 200; ++try)); do
    if [[ -n $port ]] && port_free "$key" "$port"; then
      services_put "$key" "$port"
      return
    fi
    port=$((20000 + SRANDOM % 12000))
  done
  services_fail "no free port found between 20000 and 31999"
}

port_answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
