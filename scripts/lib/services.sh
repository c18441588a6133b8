# The commands behind scripts/services. Source it; the caller needs `set -euo pipefail`.
# shellcheck shell=bash

services_lib=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib/services_processes.sh
source "$services_lib/services_processes.sh"
# shellcheck source=scripts/lib/services_postgres.sh
source "$services_lib/services_postgres.sh"
# shellcheck source=scripts/lib/services_rabbitmq.sh
source "$services_lib/services_rabbitmq.sh"

# Describes what runs now; a service that does not run has no entry.
services_write_env() {
  local name pid pids=
  for name in postgres rabbitmq epmd; do
    pid=$(service_pid "$name")
    [[ -z $pid ]] || pids+="${pids:+, }\"$name\": $pid"
  done
  (
    umask 077
    {
      printf '{\n'
      if [[ $pids == *postgres* ]]; then pg_json; fi
      if [[ $pids == *rabbitmq* ]]; then rabbitmq_json; fi
      printf '  "state": %s,\n  "pids": {%s}\n}\n' "$(json_string "$state")" "$pids"
    } >"$state/env.json.new"
  )
  mv -f -- "$state/env.json.new" "$state/env.json"
}

services_enter() { # DIR: sets `state` to its absolute path, makes it and takes its lock
  mkdir -p -- "$1" || services_fail "cannot make the state folder $1"
  state=$(cd -- "$1" && pwd -P)
  [[ $state != *$'\n'* ]] || services_fail "the state folder's name must be one line"
  (umask 077 && mkdir -p -- "$state/private" "$state/log")
  exec 9>"$state/private/lock"
  flock -w 120 9 || services_fail "another start or stop of $state has not finished within 120 s"
}

services_start() { # DIR pg-port amqp-port only
  services_enter "$1"
  if [[ -z $4 || $4 == postgres ]]; then
    pg_start "$2"
    pg_write_psql
  fi
  if [[ -z $4 || $4 == rabbitmq ]]; then rabbitmq_start "$3"; fi
  services_write_env
  services_note "ready: $state/env.json"
}

services_stop() { # DIR
  [[ -d $1/private ]] || { services_note "nothing was started in $1"; return 0; }
  services_enter "$1"
  service_end rabbitmq 15 TERM
  service_end epmd 5 TERM
  # INT is the fast shutdown (open transactions roll back), QUIT the immediate one.
  service_end postgres 15 INT QUIT
  rm -f -- "$state/env.json"
}

services_status() { # DIR
  local name pid missing=0
  [[ -d $1/private ]] || { services_note "nothing was started in $1"; return 3; }
  state=$(cd -- "$1" && pwd -P)
  for name in postgres:pg_port rabbitmq:amqp_port epmd:epmd_port; do
    pid=$(service_pid "${name%:*}")
    if [[ -n $pid ]]; then
      services_note "${name%:*} running on 127.0.0.1:$(services_get "${name#*:}") (process $pid)"
    else
      services_note "${name%:*} stopped"
      missing=3
    fi
  done
  return $missing
}
