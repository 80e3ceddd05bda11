# The virtual environment .odoo/venv: pinned requirements, the OCA helpdesk addon, and Odoo on its path.
# shellcheck shell=bash

# The one OCA addon that the suite stands on. Without its dependencies: they are in requirements.txt or are Odoo itself.
PIN_HELPDESK=odoo-addon-helpdesk_mgmt==19.0.1.3.2
PYTHON=${PYTHON:-}

python_fits() { # python_fits COMMAND
  "$1" - 2>/dev/null <<'PY'
import ctypes, ensurepip, ssl, sys, venv
sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))
PY
}

find_python() { # sets PYTHON to the first Python 3.10 - 3.13 that can make a venv
  local candidate
  if [ -n "$PYTHON" ]; then
    python_fits "$PYTHON" || die "PYTHON=$PYTHON is no Python 3.10 to 3.13 with venv" "" "let PYTHON name another one, or unset it"
    return 0
  fi
  for candidate in python3 python3.13 python3.12 python3.11 python3.10 /usr/bin/python3; do
    if python_fits "$candidate"; then
      PYTHON=$(command -v "$candidate")
      return 0
    fi
  done
  return 1
}

venv_python() { "$VENV/bin/python" "$@"; }

venv_make() {
  rm -rf "$VENV"
  "$PYTHON" -m venv "$VENV"
  venv_python -m pip install --disable-pip-version-check -r "$ROOT/setup/requirements.txt"
  venv_python -m pip install --disable-pip-version-check --no-deps "$PIN_HELPDESK"
}

venv_add_test_tools() {
  venv_python -m pip install --disable-pip-version-check -r "$ROOT/setup/requirements-test.txt"
  venv_python -m pip install --disable-pip-version-check --no-deps -r "$ROOT/setup/requirements-beside.txt"
}

# "odoo" and "odoo.addons" are namespace packages in Odoo 19: naming their folder is enough to install it.
venv_link_odoo() {
  venv_python - "$ODOO_PYTHON" <<'PY'
import pathlib, sys, sysconfig
link = pathlib.Path(sysconfig.get_paths()["purelib"], "odoo_home.pth")
if not link.exists() or link.read_text() != sys.argv[1] + "\n":
    link.write_text(sys.argv[1] + "\n")
PY
}

# ensure_stamp NAME TEXT COMMAND...: runs the command unless it has succeeded with the same text before.
ensure_stamped() {
  local stamp=$VENV/.stamp-$1 text=$2
  shift 2
  [ "$(cat "$stamp" 2>/dev/null)" != "$text" ] || return 0
  rm -f "$stamp"
  "$@"
  printf '%s\n' "$text" >"$stamp"
}

text_of() { cat "$@" | sha256sum | cut -c 1-16; }

ensure_venv() { # ensure_venv run|test
  local base advice="check that pip reaches its index, then run the same command again"
  base="$("$PYTHON" -V) $VENV $PIN_HELPDESK $(text_of "$ROOT/setup/requirements.txt")"
  ensure_stamped run "$base" step "make the Python environment" "$LOGS/venv.log" "$advice" venv_make
  if [ "$1" = test ]; then
    ensure_stamped test "$(text_of "$ROOT/setup/requirements-test.txt" "$ROOT/setup/requirements-beside.txt")" \
      step "add the test tools to the Python environment" "$LOGS/venv-test.log" "$advice" venv_add_test_tools
  fi
  venv_link_odoo
  # Found, not imported: it imports core addons, which Odoo puts on the path when it starts.
  venv_python -c 'import importlib.util as u, odoo.release as r; print(u.find_spec("odoo.addons.helpdesk_mgmt").origin, r.version)' \
    >"$LOGS/import.log" 2>&1 || die "the Python environment cannot import Odoo" \
    "$LOGS/import.log" "remove $VENV and run this again"
}
