# PostgreSQL: the server that PGHOST/PGPORT/PGUSER/PGPASSWORD name, else a private cluster of our own on 127.0.0.1.

# The cluster lies in .odoo/postgres. Started by root it must belong to "postgres", who may be unable to enter the
# repository (a folder above it is 0700): then it lies below /var/lib/postgresql, under a name made from our path.
pg_place() {
  PG_DATA=$STATE/postgres
  PG_AS=()
  if [ "$(id -u)" = 0 ]; then
    PG_AS=(runuser -u postgres --)
    if ! "${PG_AS[@]}" test -x "$STATE" 2>/dev/null; then
      PG_DATA=/var/lib/postgresql/crm-relationship-$(printf %s "$ROOT" | sha256sum | cut -c1-12)
    fi
  fi
}

pg_bin() {
  local folder
  folder=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
  [ -n "$folder" ] || folder=$(dirname "$(command -v pg_ctl || echo /nowhere/pg_ctl)")
  echo "$folder"
}

pg_external() { [ -n "${PGHOST:-}${PGPORT:-}${PGUSER:-}" ]; }

pg_running() { "${PG_AS[@]}" "$(pg_bin)/pg_ctl" -D "$PG_DATA" status >/dev/null 2>&1; }

pg_init() {
  local password
  rm -rf "$PG_DATA.part" "$PG_DATA"
  install -d -m 700 "$PG_DATA.part"
  password=$(head -c 24 /dev/urandom | base64 | tr -d '/+=')
  printf '%s' "$password" >"$STATE/postgres.password"
  printf '%s' "$password" >"$PG_DATA.part.password"
  if [ "$(id -u)" = 0 ]; then chown postgres: "$PG_DATA.part" "$PG_DATA.part.password"; fi
  chmod 600 "$STATE/postgres.password" "$PG_DATA.part.password"
  (cd / && "${PG_AS[@]}" "$(pg_bin)/initdb" -D "$PG_DATA.part" -U odoo --pwfile="$PG_DATA.part.password" \
    --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8)
  rm -f "$PG_DATA.part.password"
  cat >>"$PG_DATA.part/postgresql.conf" <<'CONF'
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
shared_buffers = 512MB
work_mem = 32MB
maintenance_work_mem = 256MB
max_wal_size = 4GB
# A development cluster: after a power cut "setup/run --reset" builds it anew.
synchronous_commit = off
CONF
  mv "$PG_DATA.part" "$PG_DATA"
}

pg_start() {
  local port
  port=$(free_port 5470)
  (cd / && "${PG_AS[@]}" "$(pg_bin)/pg_ctl" -D "$PG_DATA" -w -t 60 -o "-p $port" -l "$PG_DATA/server.log" start)
  echo "$port" >"$STATE/postgres.port"
}

ensure_postgres() {
  pg_place
  if ! pg_external; then
    if [ "$PG_DATA" != "$STATE/postgres" ]; then
      say "  (the database cluster lies in $PG_DATA: the user postgres may not enter $STATE)"
    fi
    [ -f "$PG_DATA/postgresql.conf" ] && [ -f "$STATE/postgres.password" ] ||
      step "make a private PostgreSQL cluster" "$LOGS/postgres.log" "read the log; is the disk full?" pg_init
    pg_running || step "start PostgreSQL" "$LOGS/postgres.log" "read $PG_DATA/server.log" pg_start
    export PGHOST=127.0.0.1 PGUSER=odoo PGPORT PGPASSWORD PG_PRIVATE=1
    PGPORT=$(cat "$STATE/postgres.port")
    PGPASSWORD=$(cat "$STATE/postgres.password")
  fi
  psql -Atqc 'SELECT 1' postgres >/dev/null 2>"$LOGS/postgres-connect.log" || die \
    "no answer from PostgreSQL at ${PGHOST:-local socket}:${PGPORT:-5432} as ${PGUSER:-$(id -un)}" \
    "$LOGS/postgres-connect.log" "check PGHOST, PGPORT, PGUSER and PGPASSWORD, or unset them to use a private server"
}

stop_postgres() {
  pg_place
  if [ -f "$PG_DATA/postgresql.conf" ] && pg_running; then
    (cd / && "${PG_AS[@]}" "$(pg_bin)/pg_ctl" -D "$PG_DATA" -m fast -w stop >/dev/null)
    say "PostgreSQL stopped."
  else
    say "No PostgreSQL of this repository is running."
  fi
}

database_exists() { [ "$(psql -Atqc "SELECT 1 FROM pg_database WHERE datname = '$1'" postgres)" = 1 ]; }
