# The database with the suite in it, and the configuration that Odoo reads.
# shellcheck shell=bash

databases() { venv_python "$ROOT/setup/lib/databases.py" "$@"; }

conf_text() {
  cat <<CONF
; Written by the setup commands; what is changed here is overwritten.
[options]
addons_path = $ROOT${ODOO_ADDONS:+,$ODOO_ADDONS}
data_dir = $STATE/data
http_interface = 127.0.0.1
max_cron_threads = 1
CONF
  # The credentials of a server that the user named stay in his environment, where Odoo reads them.
  if [ -n "$PG_PRIVATE" ]; then
    printf 'db_%s\n' "host = $PGHOST" "port = $PGPORT" "user = $PGUSER" "password = $PGPASSWORD"
  fi
}

ensure_conf() {
  local text
  text=$(conf_text)
  [ "$text" = "$(cat "$CONF" 2>/dev/null)" ] || (umask 077 && printf '%s\n' "$text" >"$CONF")
  mkdir -p "$STATE/data"
}

# ensure_database NAME DEMO: made, updated or left alone, whatever it needs. DEMO is yes, no or any.
ensure_database() {
  local name=$1 demo=$2 log=$LOGS/database-$1.log options=()
  if [ "$demo" != no ]; then options=(--demo); fi
  case $(databases state "$name") in
    absent)
      step "make the database $name (some minutes)" "$log" "read the log; the next run starts this step anew" \
        databases build "$name" "${options[@]}"
      ;;
    foreign)
      die "the database $name exists and was not made by this working copy" "" "choose another name with --database; it stays as it is"
      ;;
    outdated)
      step "update the database $name to the addons in this folder" "$log" "read the log; or build it anew with --reset" \
        databases update "$name"
      ;;
  esac
  if [ "$demo" = no ] && databases has-demo "$name"; then
    die "the database $name holds demo data" "" "add --reset to build it anew without, or choose another name with --database"
  fi
}

reset_database() {
  databases drop "$1" 2>"$LOGS/reset.log" || die "$(tail -n 1 "$LOGS/reset.log")" "$LOGS/reset.log" "choose another name with --database"
}
