# The steps of scripts/run. Source it after services_processes.sh.
# shellcheck shell=bash disable=SC2154
# The options (`for_seconds`, `port`, `config`, …) are set by scripts/run.
#
# Under `state`: services/ (private PostgreSQL and RabbitMQ), log/, secrets/, sim/, overlay.json, private/ (process ids).

run_note() { printf 'run: %s\n' "$*"; }

run_fail() {
  printf 'run: %s\n' "$*" >&2
  exit 1
}

run_enter() { # DIR: makes the state folder and takes its lock
  mkdir -p -- "$1" || run_fail "cannot make the state folder $1"
  state=$(cd -- "$1" && pwd -P)
  (umask 077 && mkdir -p -- "$state/private" "$state/log" "$state/secrets" "$state/sim")
  exec 8>"$state/private/run.lock"
  flock -n 8 || run_fail "another scripts/run uses $state; give this one its own --state"
  started=() child='' leaving=''
}

# A signal interrupts `wait` at once, but not a program in the foreground: so long steps run beside the script, which
# can end them with everything below them.
attended() { # command...
  local code=0
  "$@" 8>&- &
  child=$!
  wait "$child" || code=$?
  child=''
  ((code == 0)) || exit 1
}

end_tree() { # pid: asks it and everything below it to end, and makes sure
  local line
  local -a tree
  mapfile -t tree < <(process_tree "$1")
  for line in "${tree[@]}"; do kill -TERM "${line% *}" 2>/dev/null || true; done
  wait_gone 10 "${tree[@]}" && return
  for line in "${tree[@]}"; do
    # shellcheck disable=SC2086
    if process_is $line; then kill -KILL "${line% *}" 2>/dev/null || true; fi
  done
}

# From the first signal on, further ones must not cut the clean-up short, nor reach the programs it calls.
run_signalled() {
  trap '' INT TERM HUP
  run_note "stopping"
  exit 0
}

run_leave() { # exit status
  local code=$1 name
  trap '' INT TERM HUP EXIT
  [[ -z $leaving ]] || exit "$code"
  leaving=yes
  set +e
  [[ -z $child ]] || end_tree "$child"
  # The daemon first: while it cancels and closes it needs everything else.
  for name in cornice sim; do
    [[ " ${started[*]} " == *" $name "* ]] || continue
    ( service_end "$name" 20 TERM ) >>"$state/log/run.log" 2>&1 || code=1
  done
  case " ${started[*]} " in
    *' services '*) "$root/scripts/services" stop --state "$state/services" >>"$state/log/run.log" 2>&1 8>&- || code=1 ;;
    *' docker '*) run_compose down >>"$state/log/run.log" 2>&1 || code=1 ;;
  esac
  ((code == 0)) || printf 'run: failed; logs are in %s\n' "$state/log" >&2
  exit "$code"
}

run_port_check() {
  # The configuration may hold comments, which jq does not read.
  http_port=${port:-$(sed 's|^[[:space:]]*//.*||' "$config" | jq -r '.api.port // 8080' 2>/dev/null || printf 8080)}
  [[ $http_port =~ ^[0-9]+$ ]] || http_port=8080
  ! port_in_use "$http_port" || run_fail "port $http_port is in use; choose another one with --port"
}

run_require_programs() {
  local program
  for program in cornice cornice-sim; do
    [[ -x $root/build/release/bin/$program ]] || run_fail "build/release/bin/$program is missing: run without --no-build"
  done
  PATH=$root/build/release/bin:$PATH
}

run_secret_file() { # name: makes a random secret once and prints the path of its file
  local file=$state/secrets/$1
  [[ -s $file ]] || (umask 077 && od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$file")
  printf '%s' "$file"
}

run_services() {
  case $services in
    private)
      started+=(services)
      attended "$root/scripts/services" start --state "$state/services"
      ;;
    docker)
      started+=(docker)
      run_compose_settings
      attended run_compose up --detach --wait
      ;;
    external) ;;
  esac
}

run_compose() { # arguments of docker compose
  local -a compose=(docker compose)
  docker compose version >/dev/null 2>&1 || compose=(docker-compose)
  command -v "${compose[0]}" >/dev/null || run_fail "--docker needs docker with its compose plugin"
  "${compose[@]}" --project-name "cornice-$(printf '%s' "$state" | sha256sum | cut -c1-8)" \
    --file "$root/docker-compose.yml" --env-file "$state/secrets/compose.env" "$@"
}

run_compose_settings() {
  services_port compose_pg_port ''
  services_port compose_amqp_port ''
  services_port compose_management_port ''
  (
    umask 077
    printf '%s=%s\n' CORNICE_POSTGRES_PASSWORD "$(<"$(run_secret_file compose_postgres)")" \
      CORNICE_RABBITMQ_PASSWORD "$(<"$(run_secret_file compose_rabbitmq)")" \
      CORNICE_POSTGRES_PORT "$(services_get compose_pg_port)" CORNICE_RABBITMQ_PORT "$(services_get compose_amqp_port)" \
      CORNICE_RABBITMQ_MANAGEMENT_PORT "$(services_get compose_management_port)" \
      >"$state/secrets/compose.env"
  )
}

run_child() { # name command...
  local name=$1
  started+=("$name")
  : >"$state/log/$name.out"
  # A session of its own: Ctrl-C reaches this script only, which ends its children in order.
  launch "$name" setsid "${@:2}" 8>&-
  disown "$!"
}

run_alive() { # name: fails the run when it has died
  [[ -n $(service_pid "$1") ]] && return
  printf 'run: %s ended by itself. The end of its log:\n' "$1" >&2
  tail -n 30 "$state/log/$1.out" >&2
  exit 1
}

run_simulator() {
  local deadline=$((SECONDS + 30))
  local -a options=()
  services_port sim_kalshi_port ''
  services_port sim_polymarket_port ''
  services_port sim_control_port ''
  rm -f -- "$state/sim/credentials.json" "$state/sim/mappings.json"
  # A tape is read whole before the ports open.
  [[ -z $tape ]] || deadline=$((SECONDS + 300))
  if [[ -n $tape ]]; then
    options+=(--tape "$tape")
    [[ -z $tape_speed ]] || options+=(--tape-speed "$tape_speed")
  else
    options+=(--mappings "$state/sim/mappings.json")
    [[ -z $scenario ]] || options+=(--scenario "$scenario")
    [[ -z $seed ]] || options+=(--seed "$seed")
  fi
  run_child sim cornice-sim --kalshi "127.0.0.1:$(services_get sim_kalshi_port)" \
    --polymarket "127.0.0.1:$(services_get sim_polymarket_port)" \
    --control "127.0.0.1:$(services_get sim_control_port)" \
    --credentials "$state/sim/credentials.json" "${options[@]}"
  until jq -e . "$state/sim/credentials.json" >/dev/null 2>&1 && port_answers "$(services_get sim_kalshi_port)" &&
    port_answers "$(services_get sim_polymarket_port)"; do
    run_alive sim
    ((SECONDS < deadline)) || run_fail "the simulator was not ready in time; see $state/log/sim.out"
    sleep 0.1
  done
  run_note "venues simulated; control on http://127.0.0.1:$(services_get sim_control_port)"
}

run_overlay_services() { # prints the part for PostgreSQL and RabbitMQ
  local env=$state/services/env.json
  case $services in
    external) printf '{}' ;;
    private)
      (umask 077 && jq -j .postgres.password "$env" >"$state/secrets/postgres" &&
        jq -j .rabbitmq.password "$env" >"$state/secrets/rabbitmq")
      jq --arg dir "$state/secrets" '{
        postgres: (.postgres | {host, port, database: .dbname, user, password_file: ($dir + "/postgres")}),
        rabbitmq: (.rabbitmq | {host, port, vhost: .amqp_vhost, user, password_file: ($dir + "/rabbitmq")})}' "$env"
      ;;
    docker)
      jq -n --arg dir "$state/secrets" --argjson pg "$(services_get compose_pg_port)" \
        --argjson amqp "$(services_get compose_amqp_port)" '{
        postgres: {host: "127.0.0.1", port: $pg, database: "cornice", user: "cornice",
          password_file: ($dir + "/compose_postgres")},
        rabbitmq: {host: "127.0.0.1", port: $amqp, vhost: "/", user: "cornice",
          password_file: ($dir + "/compose_rabbitmq")}}'
      ;;
  esac
}

run_overlay_venues() { # prints the part for the simulated venues
  if [[ -n $live ]]; then
    printf '{}'
  else
    jq '{venues: {kalshi: (.kalshi | {rest_url, ws_url, public_websocket: true}),
      polymarket: (.polymarket | {gamma_url, clob_url, ws_url, data_url})}} | del(.. | nulls)' \
      "$state/sim/credentials.json"
  fi
}

# A token for the admin calls of this installation: its hash is configured, itself lies in secrets/admin_token.
run_tokens() {
  local token
  token=$(<"$(run_secret_file admin_token)")
  (umask 077 && jq -n --arg hash "$(printf '%s' "$token" | sha256sum | cut -d' ' -f1)" \
    '{tokens: [{name: "scripts/run", role: "admin", sha256: $hash}]}' >"$state/secrets/tokens.json")
}

run_overlay() {
  local api_part
  run_tokens
  api_part=$(jq -n --argjson port "$http_port" --arg tokens "$state/secrets/tokens.json" --arg kill "$state/kill" \
    --arg migrations "$root/migrations" \
    '{migrations: $migrations, api: {address: "127.0.0.1", port: $port, tokens_file: $tokens},
      execution: {kill_file: $kill}}')
  (umask 077 && { run_overlay_services && run_overlay_venues && printf '%s' "$api_part"; } |
    jq -s 'reduce .[] as $part ({}; . * $part)' >"$state/overlay.json")
}

cornice_command() { # command... : one of the daemon's commands with the configuration of this run
  attended cornice "$@" --config "$config" --overlay "$state/overlay.json"
}

run_migrate() { cornice_command migrate >>"$state/log/run.log"; }

# The simulator knows which of its made-up markets are the same question; of a real venue pair, played from a tape or
# not, that is a person's decision, which --mappings brings along. The contracts must have been discovered first.
run_mappings() {
  local file=$state/sim/mappings.json reason='mapping truth of the simulator'
  [[ -z $live ]] || return 0
  if [[ -n $tape ]]; then
    file=$mappings reason='mappings that came with the tape'
    if [[ -z $file ]]; then
      run_note "no mappings came with the tape: nothing trades before markets are approved (cornice markets --help)"
      return
    fi
  fi
  cornice_command markets import --wait 60 "$file" >>"$state/log/run.log"
  cornice_command markets approve --all --reason "$reason" >>"$state/log/run.log"
}

run_daemon() {
  run_child cornice cornice run --config "$config" --overlay "$state/overlay.json"
  run_note "log of the daemon: $state/log/cornice.out"
}

run_await_ready() {
  local deadline=$((SECONDS + 120))
  until [[ $(curl -s -o "$state/private/health" -w '%{http_code}' --max-time 2 --noproxy '*' \
    "http://127.0.0.1:$http_port/health/ready" || true) == 200 ]]; do
    run_alive cornice
    [[ -n $live ]] || run_alive sim
    if ((SECONDS >= deadline)); then
      cat -- "$state/private/health" >&2 2>/dev/null || true
      run_fail "not ready within 120 s; see $state/log/cornice.out"
    fi
    sleep 0.2
  done
}

run_services_alive() {
  local name pid start
  [[ $services == private ]] || return 0
  for name in postgres rabbitmq; do
    read -r pid start <"$state/services/private/$name.pid" || true
    process_is "${pid:-}" "${start:-}" && continue
    printf 'run: %s ended by itself. The end of its log:\n' "$name" >&2
    tail -n 30 "$state/services/log/$name.out" >&2
    exit 1
  done
}

run_watch() {
  local end=''
  [[ -z $for_seconds ]] || end=$((SECONDS + 10#$for_seconds))
  while [[ -z $end ]] || ((SECONDS < end)); do
    run_alive cornice
    [[ -n $live ]] || run_alive sim
    run_services_alive
    sleep 0.2
  done
}
