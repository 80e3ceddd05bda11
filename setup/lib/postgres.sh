# PostgreSQL: the server that PGHOST/PGPORT/PGUSER/PGPASSWORD name, else a private cluster of our own on 127.0.0.1.
# shellcheck shell=bash

PG_PRIVATE=

pg_external() { [ -n "${PGHOST:-}${PGPORT:-}${PGUSER:-}" ]; }

# The cluster lies in .odoo/postgres. Started by root it must belong to "postgres", who may be unable to enter the
# repository (a folder above it is 0700): then it lies below /var/lib/postgresql, under a name made from our path.
pg_place() {
  PG_DATA=$STATE/postgres
  PG_AS=()
  if [ "$(id -u)" = 0 ] && id postgres >/dev/null 2>&1; then
    PG_AS=(runuser -u postgres --)
    if ! "${PG_AS[@]}" test -x "$STATE"; then
      PG_DATA=/var/lib/postgresql/crm-relationship-$(printf %s "$ROOT" | sha256sum | cut -c 1-12)
    fi
  fi
}

# The programs of the version that made the cluster, else the newest ones.
pg_bin() {
  local version folder
  version=$(cat "${PG_DATA:-$STATE/postgres}/PG_VERSION" 2>/dev/null || true)
  folder=/usr/lib/postgresql/${version:-none}/bin
  [ -d "$folder" ] || folder=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
  [ -n "$folder" ] || folder=$(dirname "$(command -v initdb || echo /nowhere/initdb)")
  echo "$folder"
}

# From "/": the postgres user may be unable to enter the current folder.
pg_ctl() { (cd / && "${PG_AS[@]}" "$(pg_bin)/pg_ctl" -D "$PG_DATA" "$@"); }

pg_is_running() { [ -f "$PG_DATA/PG_VERSION" ] && pg_ctl status >/dev/null 2>&1; }

# Made under another name and renamed when complete: half a cluster is never started.
pg_init() {
  local part=$PG_DATA.part
  rm -rf "$part"
  install -d -m 700 "$part"
  head -c 24 /dev/urandom | base64 | tr -d '/+=\n' >"$part.password"
  chmod 600 "$part.password"
  if [ "$(id -u)" = 0 ]; then chown postgres: "$part" "$part.password"; fi
  (cd / && "${PG_AS[@]}" "$(pg_bin)/initdb" -D "$part" -U odoo --pwfile="$part.password" \
    --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8)
  mv "$part.password" "$part/odoo.password"
  cat >>"$part/postgresql.conf" <<'CONF'
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
shared_buffers = 512MB
work_mem = 32MB
maintenance_work_mem = 256MB
max_wal_size = 4GB
# A development cluster: after a power cut "setup/run --reset" builds its database anew.
synchronous_commit = off
CONF
  mv "$part" "$PG_DATA"
}

# The server lives on: what its starter has open (a pipe, a lock) must not stay open with it.
close_inherited() {
  local fd
  for fd in "/proc/$BASHPID/fd"/*; do
    fd=${fd##*/}
    if [ "$fd" -gt 2 ] && [ "$fd" != 255 ]; then exec {fd}>&-; fi
  done
}

pg_start() {
  local port
  close_inherited
  port=$(free_port 5470)
  pg_ctl -w -t 60 -o "-p $port" -l "$PG_DATA/server.log" start
  echo "$port" >"$STATE/postgres.port"
}

ensure_postgres() {
  if ! pg_external; then
    pg_place
    if [ "$PG_DATA" != "$STATE/postgres" ]; then
      say "  (the database cluster lies in $PG_DATA: the user postgres may not enter $STATE)"
    fi
    [ -f "$PG_DATA/PG_VERSION" ] || step "make a private PostgreSQL cluster" "$LOGS/postgres.log" "read the log; is the disk full?" pg_init
    if ! pg_is_running; then
      step "start PostgreSQL" "$LOGS/postgres.log" "read $PG_DATA/server.log" pg_start
    fi
    PG_PRIVATE=1
    export PGHOST=127.0.0.1 PGUSER=odoo PGPORT PGPASSWORD
    PGPORT=$(cat "$STATE/postgres.port")
    PGPASSWORD=$(cat "$PG_DATA/odoo.password")
  fi
  databases check 2>"$LOGS/postgres-connect.log" || die "$(tail -n 1 "$LOGS/postgres-connect.log")" \
    "$LOGS/postgres-connect.log" "check PGHOST, PGPORT, PGUSER and PGPASSWORD, or unset them to use a private server"
}

# Who wants the server to stay says so with this mark; a run that serves stops it at its end unless it finds the mark.
keep_postgres() { [ -z "${PG_PRIVATE:-}" ] || touch "$STATE/postgres.keep"; }

release_postgres() {
  [ -n "${PG_PRIVATE:-}" ] || return 0
  [ ! -e "$STATE/postgres.keep" ] || return 0
  if databases others 2>/dev/null; then
    say "PostgreSQL stays up: others are using it (setup/run --stop ends it)."
  else
    stop_postgres
  fi
}

stop_postgres() { # fails when there is none to stop
  pg_place
  rm -f "$STATE/postgres.keep"
  pg_is_running || return 1
  pg_ctl -m fast -w stop >/dev/null
  say "PostgreSQL stopped."
}
