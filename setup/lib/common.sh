# Shared by all commands in setup/: where things are, how steps are told, how they fail and how they end.
# Everything that setup makes lies in the folder $STATE inside the repository.
# shellcheck shell=bash
# shellcheck disable=SC2034 # the names below are for the files that source this one

set -Eeuo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
STATE=$ROOT/.odoo
LOGS=$STATE/log
JOBS=$STATE/jobs
VENV=$STATE/venv
CONF=$STATE/odoo.conf
DEFAULT_DATABASE=crm_relationship_demo
TEST_DATABASE=crm_relationship_test
JOB_PID=
declare -A LOCKS=()

say() { printf '%s\n' "$*" >&2; }

# die WHAT [LOG] [ADVICE]: one failing step, told the same way everywhere.
die() {
  say ""
  say "FAILED: $1"
  if [ -n "${2:-}" ]; then say "  log:    $2"; fi
  if [ -n "${3:-}" ]; then say "  to do:  $3"; fi
  exit 1
}

usage_error() {
  say "$1 (see ${0##*/} --help)"
  exit 2
}

# The addons of the suite: the folders at the root that hold a manifest.
suite_addons() {
  local manifest
  for manifest in "$ROOT"/*/__manifest__.py; do
    if [ -f "$manifest" ]; then basename "$(dirname "$manifest")"; fi
  done
}

# ---------------------------------------------------------------- processes

process_start() { # process_start PID: its start time in clock ticks; with the PID it names a process for good
  local line
  line=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  # The second field (the name) may hold blanks and brackets: count from behind it.
  line=${line##*) }
  cut -d ' ' -f 20 <<<"$line"
}

is_alive() { [ "$(process_start "$1")" = "$2" ]; } # is_alive PID START

# start_job KIND COMMAND...: runs a command as a process group of its own and writes it down in $JOBS, so that it can be
# ended as a whole, by this run or (when this run was killed) by the next one. Sets JOB_PID.
start_job() {
  local kind=$1
  shift
  set -m
  (
    trap - ERR
    close_locks
    "$@"
  ) </dev/null &
  JOB_PID=$!
  set +m
  printf '%s %s %s %s\n' "$kind" "$(process_start "$JOB_PID" || echo 0)" "$$" "$(process_start $$)" >"$JOBS/$JOB_PID"
}

end_job() { # end_job PID: asks its process group to end, insists after 15 s
  local pid=$1 deadline=$((SECONDS + 15))
  if kill -TERM -- "-$pid" 2>/dev/null; then
    while kill -0 -- "-$pid" 2>/dev/null && [ $SECONDS -lt $deadline ]; do sleep 0.1; done
    kill -KILL -- "-$pid" 2>/dev/null || true
  fi
  rm -f "$JOBS/$pid"
}

# Ends what runs that were killed have left behind; with "all", also what living runs are serving.
end_leftovers() {
  local file pid kind start owner owner_start
  for file in "$JOBS"/*; do
    [ -f "$file" ] || continue
    pid=${file##*/}
    read -r kind start owner owner_start <"$file" || true
    if is_alive "$owner" "$owner_start"; then
      if [ "${1:-}" = all ] && [ "$kind" = server ]; then kill -TERM "$owner"; fi
    else
      if is_alive "$pid" "$start"; then say "  (ending a $kind that an interrupted run left behind)"; end_job "$pid"; fi
      rm -f "$file"
    fi
  done
}

end_own_jobs() {
  local file kind start owner
  for file in "$JOBS"/*; do
    [ -f "$file" ] || continue
    read -r kind start owner _ <"$file" || true
    if [ "$owner" = $$ ]; then end_job "${file##*/}"; fi
  done
}

# ---------------------------------------------------------------- locks

# take_lock NAME: one command of a kind at a time. Held through an open file, so that it cannot outlive the process.
take_lock() {
  local fd file=$STATE/$1.lock
  exec {fd}>>"$file"
  # The wait is for the last small child of a killed run.
  flock -w 3 "$fd" || die "another setup command is at work here: $(cat "$file")" "" "wait until it has ended, or end it"
  printf '%s (process %s)\n' "${0##*/}" $$ >"$file"
  LOCKS[$1]=$fd
}

release_lock() { # release_lock NAME
  local fd=${LOCKS[$1]}
  exec {fd}>&-
  unset "LOCKS[$1]"
}

close_locks() {
  local name
  for name in "${!LOCKS[@]}"; do release_lock "$name"; done
}

# ---------------------------------------------------------------- steps

step_progress() { # step_progress LOG: what the log tells of modules loaded, if it is an Odoo log
  tail -c 4000 "$1" | grep -oE 'Loading module [a-z0-9_]+ \([0-9]+/[0-9]+\)' | tail -n 1 | sed 's/Loading module /, /' || true
}

# step TITLE LOG ADVICE COMMAND...: runs a long command with a clock, its output in the log.
step() {
  local title=$1 log=$2 advice=$3 started=$SECONDS pid status=0
  shift 3
  : >"$log"
  start_job step "$@" >>"$log" 2>&1
  pid=$JOB_PID
  if [ ! -t 2 ]; then say "  … $title"; fi
  while kill -0 "$pid" 2>/dev/null; do
    if [ -t 2 ]; then printf '\r\033[K  … %s (%s s%s)' "$title" "$((SECONDS - started))" "$(step_progress "$log")" >&2; fi
    sleep 0.2
  done
  wait "$pid" || status=$?
  rm -f "$JOBS/$pid"
  if [ -t 2 ]; then printf '\r\033[K' >&2; fi
  if [ "$status" -ne 0 ]; then
    tail -n 15 "$log" | sed 's/^/    | /' >&2
    die "$title (exit code $status)" "$log" "$advice"
  fi
  say "  ✓ $title ($((SECONDS - started)) s)"
}

# ---------------------------------------------------------------- begin and end

# A command may define at_exit for what is its own to end.
on_exit() {
  local status=$?
  trap - EXIT ERR
  trap '' INT TERM HUP
  if [ -t 2 ]; then printf '\r\033[K' >&2; fi
  end_own_jobs
  if declare -F at_exit >/dev/null; then at_exit; fi
  exit "$status"
}

begin() {
  case $ROOT in *,* | *$'\n'*) die "the folder $ROOT has a comma in its name, which separates folders in Odoo's configuration" "" "move or rename it" ;; esac
  mkdir -p "$LOGS" "$JOBS" 2>/dev/null || die "cannot write to $STATE" "" "own the repository folder as the user who runs this"
  [ -O "$STATE" ] || die "$STATE belongs to $(stat -c %U "$STATE")" "" "run this as that user, or remove the folder"
  trap on_exit EXIT
  trap 'say ""; say "Interrupted: ending what was started."; exit 130' INT
  trap 'exit 143' TERM
  trap 'exit 129' HUP
  trap 'say "FAILED: ${BASH_SOURCE[0]##*/}, line $LINENO: $BASH_COMMAND"' ERR
}

# ---------------------------------------------------------------- ports

port_is_free() { # port_is_free PORT
  "$PYTHON" - "$1" 2>/dev/null <<'PY'
import socket, sys
with socket.socket() as probe:
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    probe.bind(("127.0.0.1", int(sys.argv[1])))
PY
}

free_port() { # free_port FIRST: the first free TCP port from FIRST on
  local port=$1
  until port_is_free "$port"; do port=$((port + 1)); done
  echo "$port"
}
