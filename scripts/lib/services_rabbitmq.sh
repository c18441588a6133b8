# The private RabbitMQ and its epmd, for scripts/lib/services.sh.
# shellcheck shell=bash disable=SC2154
# `state`, the folder, is set by services_enter.

# The scripts in /usr/sbin insist on root or the system's rabbitmq user and its folders; the ones below do not.
rabbitmq_program() { # name
  local path
  for path in /usr/lib/rabbitmq/bin /usr/lib/rabbitmq/lib/*/sbin /opt/rabbitmq/sbin; do
    [[ -x $path/$1 ]] && { printf '%s' "$path/$1"; return; }
  done
  services_fail "$1 not found under /usr/lib/rabbitmq (install rabbitmq-server)"
}

rabbitmq_environment() { # prints NAME=value lines
  local dir=$state/rabbitmq
  cat <<TEXT
HOME=$dir
RABBITMQ_NODENAME=$(services_get amqp_node)
RABBITMQ_NODE_IP_ADDRESS=127.0.0.1
RABBITMQ_NODE_PORT=$(services_get amqp_port)
RABBITMQ_DIST_PORT=$(services_get dist_port)
ERL_EPMD_PORT=$(services_get epmd_port)
ERL_EPMD_ADDRESS=127.0.0.1
RABBITMQ_CONF_ENV_FILE=$dir/rabbitmq-env.conf
RABBITMQ_CONFIG_FILE=$dir/rabbitmq.conf
RABBITMQ_ADVANCED_CONFIG_FILE=$dir/advanced.config
RABBITMQ_ENABLED_PLUGINS_FILE=$dir/enabled_plugins
RABBITMQ_MNESIA_BASE=$dir/mnesia
RABBITMQ_LOG_BASE=$state/log
RABBITMQ_LOGS=$state/log/rabbitmq.log
RABBITMQ_PID_FILE=$dir/pid
RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-kernel inet_dist_use_interface {127,0,0,1}
RABBITMQ_CTL_ERL_ARGS=-kernel inet_dist_use_interface {127,0,0,1}
LANG=C.UTF-8
LC_ALL=C.UTF-8
TEXT
}

rabbitmq_settings() {
  # default_user takes the place of guest, which is therefore never created.
  cat <<TEXT
default_user = cornice
default_pass = $(services_secret amqp_password)
default_user_tags.administrator = true
default_vhost = /
disk_free_limit.absolute = 64MB
vm_memory_high_watermark.absolute = 512MB
log.console = false
log.file.level = warning
TEXT
}

rabbitmq_prepare() { # wanted port
  local dir=$state/rabbitmq
  (umask 077 && mkdir -p -- "$dir/mnesia")
  [[ -n $(services_get amqp_node) ]] ||
    services_put amqp_node "cornice-$(printf '%s' "$state" | sha256sum | cut -c1-8)@localhost"
  services_port amqp_port "$1"
  services_port dist_port ''
  services_port epmd_port ''
  if [[ ! -f $dir/.erlang.cookie ]]; then
    (umask 277 && od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$dir/.erlang.cookie")
  fi
  : >"$dir/rabbitmq-env.conf"
  printf '[].\n' >"$dir/enabled_plugins"
  printf '[].\n' >"$dir/advanced.config"
  (umask 077 && rabbitmq_settings >"$dir/rabbitmq.conf")
}

# Our own epmd, in the foreground of its own session: one that Erlang starts could not be told from another's.
epmd_start() {
  [[ -n $(service_pid epmd) ]] && return
  local epmd deadline=$((SECONDS + 10))
  epmd=$(command -v epmd) || services_fail "epmd not found (install erlang-base)"
  launch epmd setsid "$epmd" -address 127.0.0.1 -port "$(services_get epmd_port)"
  # Erlang would start an epmd of its own if it came first.
  until port_answers "$(services_get epmd_port)"; do
    if [[ -z $(service_pid epmd) ]] || ((SECONDS >= deadline)); then
      services_fail "epmd did not start; see $state/log/epmd.out"
    fi
    sleep 0.05
  done
}

rabbitmq_give_up() {
  tail -n 30 "$state/log/rabbitmq.out" "$state/log/rabbitmq.log" >&2 2>/dev/null || true
  service_end rabbitmq 5 TERM || true
  service_end epmd 5 TERM || true
  services_fail "RabbitMQ did not start: $1"
}

rabbitmq_await() {
  local deadline=$((SECONDS + 90)) port
  port=$(services_get amqp_port)
  # A call of rabbitmqctl costs a second of processor time: ask it only once the listener is there.
  until port_answers "$port" && "$state/rabbitmqctl" -q await_startup --timeout 30 >>"$state/log/rabbitmq.out" 2>&1; do
    [[ -n $(service_pid rabbitmq) ]] || rabbitmq_give_up "the process ended"
    ((SECONDS < deadline)) || rabbitmq_give_up "not ready within 90 s"
    sleep 0.1
  done
}

rabbitmq_launch() { # wanted port
  local server
  local -a environment
  server=$(rabbitmq_program rabbitmq-server)
  rabbitmq_prepare "$1"
  epmd_start
  mapfile -t environment < <(rabbitmq_environment)
  # RUNNING_UNDER_SYSTEMD makes the script replace itself by the Erlang machine instead of watching over it, so that
  # the process id is the machine's own.
  launch rabbitmq env -u NOTIFY_SOCKET "${environment[@]}" RUNNING_UNDER_SYSTEMD=true setsid "$server"
}

rabbitmq_start() { # wanted port
  local what='already running'
  if [[ -z $(service_pid rabbitmq) ]]; then
    what=started
    rabbitmq_launch "$1"
  fi
  rabbitmq_write_ctl
  if [[ $what == started || ! -f $state/env.json ]]; then rabbitmq_await; fi
  services_note "rabbitmq $what on 127.0.0.1:$(services_get amqp_port) (process $(service_pid rabbitmq))"
}

rabbitmq_write_ctl() {
  local line
  {
    printf '#!/usr/bin/env bash\n# rabbitmqctl for the private node of this state folder.\nunset NOTIFY_SOCKET\n'
    while IFS= read -r line; do printf 'export %s=%q\n' "${line%%=*}" "${line#*=}"; done < <(rabbitmq_environment)
    printf 'exec %q "$@"\n' "$(rabbitmq_program rabbitmqctl)"
  } >"$state/rabbitmqctl"
  chmod 700 "$state/rabbitmqctl"
}

rabbitmq_json() {
  printf '  "rabbitmq": {"host": "127.0.0.1", "port": %s, "user": "cornice", "password": "%s", "amqp_vhost": "/",\n' \
    "$(services_get amqp_port)" "$(services_secret amqp_password)"
  printf '    "management": null, "node": "%s", "home": %s, "epmd_port": %s},\n' "$(services_get amqp_node)" \
    "$(json_string "$state/rabbitmq")" "$(services_get epmd_port)"
  printf '  "rabbitmqctl": %s,\n' "$(json_string "$state/rabbitmqctl")"
}
