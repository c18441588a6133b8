# One world of an end-to-end scenario: servers, simulated venues and the daemon, all below one folder of its own. Source
# it; the caller needs `set -euo pipefail` and calls e2e_enter, then e2e_start.
# shellcheck shell=bash disable=SC2034,SC2154
# The variables that scripts/lib/run_parts.sh expects of scripts/run are set here.

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd -- "$here/../.." && pwd -P)
# shellcheck source=scripts/lib/services_processes.sh
source "$root/scripts/lib/services_processes.sh"
# shellcheck source=scripts/lib/run_parts.sh
source "$root/scripts/lib/run_parts.sh"
# shellcheck source=tests/e2e/checks.sh
source "$here/checks.sh"

pass=e2e.${0##*/}

note() { printf '%s: %s\n' "$pass" "$*"; }

holds() { printf '%s: holds: %s\n' "$pass" "$*"; }

broken() {
  printf '%s: BROKEN: %s\n' "$pass" "$*" >&2
  exit 1
}

# A descriptor that never has anything to read is a clock to wait for.
exec {never}<> <(:)
pause() { read -r -t "$1" -u "$never" _ || true; }

within() { # seconds what command...: polls until the command succeeds
  local deadline=$((SECONDS + $1)) began=$SECONDS what=$2
  shift 2
  until "$@"; do
    daemon_lives || broken "the daemon ended before: $what"
    ((SECONDS < deadline)) || broken "not within $((deadline - began)) s: $what"
    pause 0.2
  done
  holds "$what (after $((SECONDS - began)) s)"
}

e2e_enter() { # the scenario's arguments: --bin FOLDER of the programs
  bin=$root/build/dev/bin
  while (($#)); do
    case $1 in
      --bin) bin=$2; shift 2 ;;
      *) printf 'usage: %s [--bin FOLDER]\n' "$0" >&2; exit 2 ;;
    esac
  done
  PATH=$bin:$PATH
  # Below /var/tmp, where the user of PostgreSQL can reach it.
  work=$(mktemp -d "/var/tmp/cornice-e2e.XXXXXX")
  chmod 755 "$work"
  for_seconds='' port='' live='' services=private build=no
  scenario=busy seed=${CORNICE_E2E_SEED:-7} tape='' tape_speed='' mappings=''
  config=$root/config/cornice.json
  trap 'e2e_leave $?' EXIT
  trap 'exit 130' INT TERM HUP
  run_enter "$work/state"
  trap 'e2e_leave $?' EXIT
}

# Ends what runs, by process id; tells the logs when the scenario failed, removes everything when it held.
e2e_leave() { # exit status
  local code=$1
  trap '' INT TERM HUP EXIT
  set +e
  if ((code != 0)); then
    printf '\n-- the daemon logged last:\n' >&2
    tail -n 40 "$state/log/$daemon.out" >&2
  fi
  for name in health cornice standby sim; do
    (service_end "$name" 10 TERM) >>"$state/log/run.log" 2>&1
  done
  "$root/scripts/services" stop --state "$state/services" >>"$state/log/run.log" 2>&1 8>&-
  pg_home=$(cat "$state/services/private/pg_home" 2>/dev/null)
  if ((code == 0)); then
    [[ -z $pg_home || $pg_home == "$work"/* ]] || rm -rf -- "$pg_home"
    rm -rf -- "$work"
  else
    printf '%s: logs are in %s\n' "$pass" "$work" >&2
  fi
  exit "$code"
}

# Small bundles and wide limits: what is under test must not stop because a limit is reached after a minute.
e2e_limits() {
  jq '. * {log: {format: "json"}, strategy: {max_bundle_size: 10, max_bundle_cost: 10, cooldown_ms: 500},
    execution: {limits: {defaults: {contract_position_max: 20000, venue_exposure_max: 8000}, market_exposure_max: 8000,
      gross_exposure_max: 16000, daily_loss_max: 5000, repeats_max: 100}}}' "$state/overlay.json" >"$state/overlay.new"
  (umask 077 && cat "$state/overlay.new" >"$state/overlay.json")
  rm -f -- "$state/overlay.new"
}

e2e_start() {
  services_port http_port ''
  http_port=$(services_get http_port)
  port=$http_port
  run_services
  run_simulator
  run_overlay
  e2e_limits
  run_migrate
  daemon_start
  await_ready 120
  run_mappings
  ready_at=$SECONDS
  holds "servers, venues and daemon run"
}

# The daemon that is spoken of: its name among the processes, its overlay, its port. A second one is `standby`.
daemon=cornice
overlay() { printf '%s/%s' "$state" "$([[ $daemon == cornice ]] && printf overlay.json || printf '%s.json' "$daemon")"; }

daemon_start() {
  # A session of its own, like under systemd: signals of the terminal are not its business.
  launch "$daemon" setsid cornice run --config "$config" --overlay "$(overlay)" 8>&-
  daemon_pid=$(service_pid "$daemon")
}

daemon_lives() { [[ -n $(service_pid "$daemon") ]]; }

speak_of() { # cornice|standby
  daemon=$1
  daemon_pid=$(service_pid "$daemon")
  http_port=$(jq .api.port "$(overlay)")
}

daemon_kill() { # with -9: nothing of it can be tidied up
  kill -KILL "$daemon_pid"
  wait "$daemon_pid" 2>/dev/null || true
}

daemon_is_ready() {
  [[ $(curl -s -o "$state/private/health" -w '%{http_code}' --max-time 2 --noproxy '*' \
    "http://127.0.0.1:$http_port/health/ready" || true) == 200 ]]
}

await_ready() { # seconds
  local deadline=$((SECONDS + $1))
  until daemon_is_ready; do
    daemon_lives || broken "the daemon ended before it was ready"
    if ((SECONDS >= deadline)); then
      cat -- "$state/private/health" >&2 || true
      broken "not ready within $1 s"
    fi
    pause 0.2
  done
}

get() { # path: prints the answer of the daemon
  curl -sS --fail --max-time 10 --noproxy '*' "http://127.0.0.1:$http_port$1"
}

sql() { # statement, then psql's arguments
  local statement=$1
  shift
  # Variables are only put into what comes from standard input.
  printf '%s\n' "$statement" | "$state/services/psql" -X -q -A -t -v ON_ERROR_STOP=1 "$@"
}

cli() { cornice "$@" --config "$config" --overlay "$(overlay)"; }

fill_count() { sql 'SELECT count(*) FROM fill'; }

more_fills_than() { (($(fill_count) > $1)); }

has_fills() { # venue
  [[ $(get "/api/v1/fills?venue=$1&limit=1" | jq '.items | length') == 1 ]]
}

# A fill of an order that was decided since: what was only late does not count.
has_new_fill() { # since
  [[ $(sql "SELECT EXISTS (SELECT FROM fill JOIN orders USING (order_id) WHERE orders.created > '$1')") == t ]]
}

trading_goes_on() { # after what
  local since
  since=$(sql 'SELECT now()')
  within 60 "new orders are filled after $1" has_new_fill "$since"
}

not_up() { # prints what the daemon says of its components
  get '/health' | jq -r '[.components[] | select(.state != "up") | "\(.name) is \(.state): \(.reason)"] | join("; ")' || true
}

server_tree() { # postgres|rabbitmq: the process ids of a server and everything below it
  local pid start
  read -r pid start <"$state/services/private/$1.pid"
  process_is "$pid" "$start" || broken "$1 does not run"
  process_tree "$pid" | cut -d' ' -f1
}

signal_server() { # signal name
  local pid
  for pid in $(server_tree "$2"); do kill "-$1" "$pid" 2>/dev/null || true; done
}

# One client asks /health twenty times a second. Of each answer: status, seconds, and how many nanoseconds daemon and client
# have waited for a processor since the answer before, because on a busy machine an answer may be late while nobody ran.
health_meter() { # process id of the daemon
  local client status seconds daemon_waits client_waits before=0 now
  exec {answers}< <(exec stdbuf -oL curl -s -o /dev/null --noproxy '*' --rate 20/s --max-time 5 \
    -w '%{http_code} %{time_total}\n' "http://127.0.0.1:$http_port/health?[1-1000000]")
  client=$!
  trap 'kill "$client"; exit 0' TERM
  while read -r -u "$answers" status seconds; do
    read -r _ daemon_waits _ <"/proc/$1/schedstat"
    read -r _ client_waits _ <"/proc/$client/schedstat"
    now=$((daemon_waits + client_waits))
    printf '%s %s %s\n' "$status" "$seconds" $((before == 0 ? 0 : now - before))
    before=$now
  done
}

health_meter_start() {
  health_meter "$daemon_pid" >"$state/log/health.out" 2>>"$state/log/run.log" 8>&- &
  services_put health.pid "$! $(process_start_time $!)"
}

health_meter_stop() { # limit in milliseconds
  local figures
  (service_end health 5 TERM) >>"$state/log/run.log" 2>&1
  # The line of a late answer may itself be read late: what was waited until the next one counts, too.
  figures=$(awk -v limit="$1" '
    NF == 3 { n++; ms[n] = $2 * 1000; waited[n] = $3 / 1e6; if ($1 != 200 && $1 != 503) lost++ }
    END {
      for (i = 1; i <= n; i++) {
        if (ms[i] > worst) worst = ms[i]
        own = ms[i] - waited[i] - waited[i + 1]
        if (own >= limit) slow++
        if (ms[i] >= limit) late++
      }
      printf "%d answers, worst %.1f ms, %d over %d ms, %d of them not for want of a processor, %d lost", n, worst, late,
        limit, slow, lost
    }' "$state/log/health.out")
  [[ $figures != "0 answers"* ]] || broken "/health was never asked"
  [[ $figures == *" 0 of them not for want of a processor, 0 lost" ]] || broken "/health: $figures"
  holds "/health: $figures"
}

check_nothing_left() {
  local file pid start
  for file in "$state"/private/*.pid "$state"/services/private/*.pid; do
    [[ -f $file ]] || continue
    read -r pid start <"$file"
    ! process_is "$pid" "$start" || broken "${file##*/} (process $pid) still runs"
  done
  ! port_in_use "$http_port" || broken "port $http_port is still open"
  holds "nothing is left running"
}

e2e_stop() { # SIGTERM to the daemon: 0 within 5 s; then the rest
  local code=0 began=${EPOCHREALTIME//[!0-9]/}
  kill -TERM "$daemon_pid"
  wait "$daemon_pid" || code=$?
  began=$(((${EPOCHREALTIME//[!0-9]/} - began) / 1000))
  ((code == 0)) || broken "the daemon ended with status $code on SIGTERM"
  ((began < 5000)) || broken "the daemon took $began ms to end"
  holds "SIGTERM: exit status 0 after $began ms"
}

e2e_stop_servers() {
  (service_end sim 10 TERM) >>"$state/log/run.log" 2>&1
  "$root/scripts/services" stop --state "$state/services" >>"$state/log/run.log" 2>&1 8>&-
  check_nothing_left
}
