# What the machine itself must have: told with the reason, installed through apt when we are root.
# shellcheck shell=bash

MISSING_PACKAGES=()

need() { # need REASON PACKAGE...
  local reason=$1
  shift
  MISSING_PACKAGES+=("$@")
  say "  missing: $* ($reason)"
}

install_missing() {
  export DEBIAN_FRONTEND=noninteractive
  apt-get update
  apt-get install -y --no-install-recommends "${MISSING_PACKAGES[@]}"
}

find_missing() { # find_missing run|test
  MISSING_PACKAGES=()
  find_python || need "Odoo 19 runs on Python 3.10 to 3.13 in a virtual environment" python3 python3-venv
  if ! pg_external; then
    [ -x "$(pg_bin)/initdb" ] || need "the database server; or let PGHOST, PGPORT, PGUSER and PGPASSWORD name one" postgresql
  fi
  command -v wkhtmltopdf >/dev/null || need "prints quotations and invoices as PDF" wkhtmltopdf
  if [ "$1" = test ]; then
    find_chromium >/dev/null || need "the browser that the tests drive" chromium
  fi
}

find_chromium() { command -v chromium || command -v google-chrome || command -v chromium-browser; }

ensure_system() { # ensure_system run|test
  find_missing "$1"
  [ ${#MISSING_PACKAGES[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || die "this machine has no apt-get" "" "install what is missing by other means, then run this again"
  if [ "$(id -u)" != 0 ]; then
    die "packages are missing" "" "sudo apt-get install -y --no-install-recommends ${MISSING_PACKAGES[*]}   (then run this again)"
  fi
  step "install ${MISSING_PACKAGES[*]} (apt-get)" "$LOGS/apt.log" "check that apt-get works: apt-get update" install_missing
  find_missing "$1"
  [ ${#MISSING_PACKAGES[@]} -eq 0 ] || die "still missing after apt-get: ${MISSING_PACKAGES[*]}" "$LOGS/apt.log" "install them by other means"
}
