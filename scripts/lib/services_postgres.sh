# The private PostgreSQL, for scripts/lib/services.sh.
# shellcheck shell=bash disable=SC2154
# `state`, the folder, is set by services_enter.

pg_bin() { # newest installed version
  local dir newest=
  for dir in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V); do
    [[ -x $dir/postgres && -x $dir/initdb ]] && newest=$dir
  done
  [[ -n $newest ]] || services_fail "PostgreSQL server programs not found in /usr/lib/postgresql/*/bin (install postgresql)"
  printf '%s' "$newest"
}

# initdb and postgres refuse to run as root.
pg_drop=()
((EUID != 0)) || pg_drop=(setpriv --reuid postgres --regid postgres --init-groups -- env HOME=/)

pg_owner() { if ((EUID == 0)); then printf postgres; else id -un; fi; }

as_pg_owner() { "${pg_drop[@]}" "$@"; }

# Chooses and makes the folder of data and socket. A Unix socket path holds 107 bytes.
pg_prepare_home() {
  local home owner
  owner=$(pg_owner)
  id -- "$owner" >/dev/null 2>&1 || services_fail "user '$owner' does not exist; PostgreSQL does not run as root"
  home=$(services_get pg_home)
  if [[ -z $home ]]; then
    home=$state/postgres
    if ((${#home} > 75)) || ! as_pg_owner test -x "$state"; then
      home=/var/tmp/cornice-$(printf '%s' "$state" | sha256sum | cut -c1-16)
    fi
  fi
  if mkdir -m 700 -- "$home" 2>/dev/null; then
    ((EUID != 0)) || chown -h postgres:postgres -- "$home"
  fi
  # /var/tmp is open to everyone: someone else's folder or link of that name is not ours to use.
  [[ -d $home && ! -L $home && $(stat -c '%U %a' -- "$home") == "$owner 700" ]] ||
    services_fail "$home must be a folder of user '$owner' with mode 0700; remove it or use another --state"
  services_put pg_home "$home"
  printf '%s' "$home"
}

pg_init() { # home
  [[ -f $1/data/PG_VERSION ]] && return
  services_note "creating a PostgreSQL cluster in $1"
  as_pg_owner rm -rf -- "$1/data.new"
  as_pg_owner "$(pg_bin)/initdb" -D "$1/data.new" -U "$(pg_owner)" --auth-local=peer --auth-host=scram-sha-256 \
    --encoding=UTF8 --locale=C.UTF-8 >"$state/log/initdb.log" 2>&1 || {
    tail -n 20 "$state/log/initdb.log" >&2
    services_fail "initdb failed"
  }
  as_pg_owner mv -- "$1/data.new" "$1/data"
}

pg_settings() { # home port
  cat <<TEXT
listen_addresses = '127.0.0.1'
port = $2
unix_socket_directories = '$1/socket'
unix_socket_permissions = 0700
password_encryption = 'scram-sha-256'
max_connections = 200
shared_buffers = 64MB
max_wal_size = 256MB
fsync = on
synchronous_commit = on
full_page_writes = on
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%u@%d '
TEXT
}

pg_super() { # database, then more psql arguments
  local database=$1 home
  shift
  home=$(services_get pg_home)
  as_pg_owner "$(pg_bin)/psql" -X -q -v ON_ERROR_STOP=1 -h "$home/socket" -p "$(services_get pg_port)" -U "$(pg_owner)" \
    -d "$database" "$@"
}

# The daemon's role is no superuser: it may log in and create databases (tests make one each).
pg_ensure_role() {
  local password
  password=$(services_secret pg_password)
  pg_super postgres >/dev/null <<SQL
SELECT 'CREATE ROLE cornice LOGIN CREATEDB' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'cornice') \gexec
ALTER ROLE cornice PASSWORD '$password';
SELECT 'CREATE DATABASE cornice OWNER cornice' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'cornice') \gexec
SQL
}

pg_give_up() {
  tail -n 30 "$state/log/postgres.out" >&2 2>/dev/null || true
  service_end postgres 5 INT QUIT || true
  services_fail "PostgreSQL did not start: $1"
}

works_in() { # folder: true while some process has it as its working directory
  local process
  for process in /proc/[0-9]*; do
    [[ $(readlink "$process/cwd" 2>/dev/null) == "$1" && -n $(process_start_time "${process#/proc/}") ]] && return 0
  done
  return 1
}

# PostgreSQL refuses to start while the process that its lock files name exists, even as a zombie: where process 1
# reaps no orphans (containers), that would be for ever after a kill. Every server process works in the data folder, so
# when none is left there the locks are stale.
pg_clear_stale_locks() { # home
  local deadline=$((SECONDS + 10))
  compgen -G "$1/data/postmaster.pid" >/dev/null || compgen -G "$1/socket/.s.PGSQL.*.lock" >/dev/null || return 0
  while works_in "$1/data"; do
    ((SECONDS < deadline)) || services_fail "another PostgreSQL works in $1/data"
    sleep 0.1
  done
  rm -f -- "$1/data/postmaster.pid" "$1"/socket/.s.PGSQL.*
}

pg_launch() { # wanted port
  local home
  services_port pg_port "$1"
  home=$(pg_prepare_home)
  pg_init "$home"
  pg_clear_stale_locks "$home"
  as_pg_owner mkdir -p -m 700 -- "$home/socket"
  pg_settings "$home" "$(services_get pg_port)" | as_pg_owner tee "$home/data/cornice.conf" >/dev/null
  launch postgres "${pg_drop[@]}" setsid "$(pg_bin)/postgres" -D "$home/data" -c "config_file=$home/data/cornice.conf"
}

pg_start() { # wanted port
  local deadline=$((SECONDS + 60)) what='already running'
  if [[ -z $(service_pid postgres) ]]; then
    what=started
    pg_launch "$1"
  fi
  until pg_super postgres -c 'SELECT 1' >/dev/null 2>&1; do
    [[ -n $(service_pid postgres) ]] || pg_give_up "the process ended"
    ((SECONDS < deadline)) || pg_give_up "no answer within 60 s"
    sleep 0.1
  done
  # Repeated every time: an earlier start may have been interrupted before it.
  pg_ensure_role || pg_give_up "creating the role failed"
  services_note "postgres $what on 127.0.0.1:$(services_get pg_port) (process $(service_pid postgres))"
}

pg_write_psql() {
  {
    printf '#!/usr/bin/env bash\n# psql as superuser of the private PostgreSQL of this state folder.\n'
    printf 'export PGDATABASE="%s"\nexec' "\${PGDATABASE:-cornice}"
    printf ' %q' "${pg_drop[@]}" "$(pg_bin)/psql" -h "$(services_get pg_home)/socket" -p "$(services_get pg_port)" \
      -U "$(pg_owner)"
    printf ' "$@"\n'
  } >"$state/psql"
  chmod 700 "$state/psql"
}

pg_json() {
  printf '  "postgres": {"host": "127.0.0.1", "port": %s, "user": "cornice", "password": "%s", "dbname": "cornice"},\n' \
    "$(services_get pg_port)" "$(services_secret pg_password)"
  printf '  "psql": %s,\n' "$(json_string "$state/psql")"
}
