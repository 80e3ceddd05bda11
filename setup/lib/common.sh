# Shared by setup/run, setup/test and setup/odoo: where things are, how steps are told and how they fail.
# Everything that setup makes lies in the folder $STATE inside the repository.

set -Eeuo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
STATE=$ROOT/.odoo
LOGS=$STATE/log
VENV=$STATE/venv
CONF=$STATE/odoo.conf
ADDONS=(crm_relationship)
PIN_HELPDESK=odoo-addon-helpdesk_mgmt==19.0.1.3.2
DEFAULT_DATABASE=crm_relationship_demo
TEST_DATABASE=crm_relationship_test

mkdir -p "$LOGS"

say() { printf '%s\n' "$*" >&2; }

# die WHAT LOG ADVICE: one failing step, told the same way everywhere.
die() {
  say ""
  say "FAILED: $1"
  [ -z "${2:-}" ] || say "  log:    $2"
  [ -z "${3:-}" ] || say "  to do:  $3"
  exit 1
}

# step TITLE LOG ADVICE COMMAND...: runs a long command with a clock, its output in the log.
step() {
  local title=$1 log=$2 advice=$3 started=$SECONDS pid status=0
  shift 3
  : >"$log"
  "$@" >>"$log" 2>&1 </dev/null &
  pid=$!
  STEP_PID=$pid
  while kill -0 "$pid" 2>/dev/null; do
    if [ -t 2 ]; then printf '\r  … %s (%s s)   ' "$title" "$((SECONDS - started))" >&2; fi
    sleep 0.2
  done
  wait "$pid" || status=$?
  STEP_PID=
  if [ -t 2 ]; then printf '\r' >&2; fi
  if [ "$status" -ne 0 ]; then
    tail -n 15 "$log" | sed 's/^/    | /' >&2
    die "$title (exit code $status)" "$log" "$advice"
  fi
  say "  ✓ $title ($((SECONDS - started)) s)                    "
}

# One setup at a time: two would fight over the venv and the databases.
take_lock() {
  exec 9>"$STATE/lock"
  flock -n 9 || die "another setup command is at work in $ROOT" "" \
    "wait until it has ended (or end it: fuser -k '$STATE/lock')"
}

release_lock() { exec 9>&-; }

# kill_children: ends what this script started itself (a step in progress, the Odoo server).
kill_children() {
  local pid
  for pid in ${STEP_PID:-} ${SERVER_PID:-}; do
    pkill -TERM -P "$pid" 2>/dev/null || true
    kill -TERM "$pid" 2>/dev/null || true
  done
}

free_port() { # free_port FIRST: the first free TCP port from FIRST on
  "${PYTHON:-python3}" - "$1" <<'PY'
import socket, sys
for port in range(int(sys.argv[1]), int(sys.argv[1]) + 200):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        print(port)
        break
PY
}
