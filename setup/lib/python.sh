# The virtual environment .odoo/venv: pinned requirements, the OCA helpdesk addon, and Odoo on its path.

PYTHON=${PYTHON:-}

find_python() { # the first Python 3.10 - 3.13 that can make a venv
  local candidate
  [ -z "$PYTHON" ] || return 0
  for candidate in python3 python3.13 python3.12 python3.11 python3.10 /usr/bin/python3; do
    if "$candidate" - 2>/dev/null <<'PY'; then
import ensurepip, sys, venv
sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))
PY
      PYTHON=$candidate
      return 0
    fi
  done
  return 1
}

venv_fill() { # venv_fill REQUIREMENTS_FILE...
  local file arguments=()
  for file in "$@"; do arguments+=(-r "$file"); done
  [ -x "$VENV/bin/pip" ] || { rm -rf "$VENV"; "$PYTHON" -m venv "$VENV"; }
  "$VENV/bin/python" -m pip install --disable-pip-version-check "${arguments[@]}"
  # Without dependencies: "odoo" itself is not on the index, and the rest is pinned in requirements.txt.
  "$VENV/bin/python" -m pip install --disable-pip-version-check --no-deps "$PIN_HELPDESK"
  "$VENV/bin/python" - "$(odoo_python_path)" <<'PY'
import pathlib, sys, sysconfig
pathlib.Path(sysconfig.get_paths()["purelib"], "odoo_home.pth").write_text(sys.argv[1] + "\n")
PY
}

# ensure_venv KIND: "run" is what the suite needs, "test" adds the tools of setup/test. Remade when the pins change.
ensure_venv() {
  local kind=$1 files=("$ROOT/setup/requirements.txt") wanted
  [ "$kind" = run ] || files+=("$ROOT/setup/requirements-test.txt")
  wanted=$(cat "${files[@]}" - <<<"$PIN_HELPDESK $(odoo_python_path) $("$PYTHON" -V)" | sha256sum)
  if [ "$(cat "$VENV/.stamp-$kind" 2>/dev/null)" != "$wanted" ] || ! "$VENV/bin/python" -c 'import odoo.addons' 2>/dev/null; then
    step "make the Python environment (.odoo/venv, $kind)" "$LOGS/venv.log" \
      "check that pip reaches its index; then run the same command again" venv_fill "${files[@]}"
    echo "$wanted" >"$VENV/.stamp-$kind"
  fi
}
