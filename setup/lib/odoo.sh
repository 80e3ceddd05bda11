# Odoo 19: the checkout or installation that ODOO_HOME names, else Debian's odoo-19 unpacked (not installed) below .odoo/.

ODOO_TREE=$STATE/odoo
ODOO_SID_PACKAGES=(odoo-19 libjs-jquery libjs-jquery-form libjs-underscore fonts-roboto-unhinted
  fonts-montserrat fonts-inconsolata fonts-ocr-b fonts-glyphicons-halflings)
# sid's Font Awesome 7 has other code points than the 4.7 that Odoo's icons use.
ODOO_STABLE_PACKAGES=(fonts-font-awesome)

# odoo_python_path: the folder that holds the Python package "odoo" (a namespace package in 19).
odoo_python_path() {
  if [ -z "${ODOO_HOME:-}" ]; then
    echo "$ODOO_TREE/usr/lib/python3/dist-packages"
  elif [ -d "$ODOO_HOME/odoo/addons" ]; then
    (cd "$ODOO_HOME" && pwd -P)
  elif [ -d "$ODOO_HOME/usr/lib/python3/dist-packages/odoo" ]; then
    (cd "$ODOO_HOME/usr/lib/python3/dist-packages" && pwd -P)
  else
    die "ODOO_HOME=$ODOO_HOME holds no Odoo (no folder odoo/addons in it)" "" \
      "name the folder of an Odoo 19 checkout, or unset ODOO_HOME"
  fi
}

# odoo_addons_path: the folders of core addons outside the Python package (only a git checkout has one).
odoo_addons_path() {
  local home
  home=$(odoo_python_path)
  [ ! -d "$home/addons/web" ] || echo "$home/addons"
}

odoo_check_version() {
  local release
  release=$(odoo_python_path)/odoo/release.py
  grep -q 'version_info = (19, 0' "$release" ||
    die "$release is not Odoo 19.0" "" "let ODOO_HOME name an Odoo 19.0, or unset it"
}

# Packages are fetched from the mirror that the machine's own apt uses, through private apt folders:
# neither the system's sources nor its package lists change.
odoo_fetch_suite() { # odoo_fetch_suite SUITE FOLDER PACKAGE...
  local suite=$1 folder=$2 mirror apt
  shift 2
  mirror=$(apt-get indextargets --format '$(REPO_URI)' | head -n 1)
  [ -n "$mirror" ] || { echo "apt knows no mirror: run apt-get update once" >&2; return 1; }
  apt=$folder/apt-$suite
  mkdir -p "$apt/sources" "$apt/lists/partial" "$apt/archives/partial" "$folder/debs"
  cat >"$apt/sources/private.sources" <<SOURCES
Types: deb
URIs: $mirror
Suites: $suite
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCES
  local options=(-o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$apt/sources/"
    -o "Dir::State::Lists=$apt/lists" -o "Dir::Cache::archives=$apt/archives"
    -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=)
  apt-get "${options[@]}" update
  (cd "$folder/debs" && apt-get "${options[@]}" download "$@")
}

odoo_fetch() {
  local work=$STATE/odoo.part deb
  rm -rf "$work"
  mkdir -p "$work/tree"
  odoo_fetch_suite sid "$work" "${ODOO_SID_PACKAGES[@]}"
  odoo_fetch_suite bookworm "$work" "${ODOO_STABLE_PACKAGES[@]}"
  for deb in "$work"/debs/*.deb; do dpkg-deb -x "$deb" "$work/tree"; done
  # Debian ships one Inconsolata file under another name (used by point of sale only); any other dead link breaks pages.
  if find "$work/tree/usr" -xtype l ! -iname '*inconsolata*' | grep .; then
    echo "the links above lead nowhere" >&2
    return 1
  fi
  rm -rf "$ODOO_TREE"
  mv "$work/tree" "$ODOO_TREE"
  rm -rf "$work"
}

ensure_odoo() {
  if [ -z "${ODOO_HOME:-}" ] && [ ! -d "$ODOO_TREE" ]; then
    step "get Odoo 19 (Debian's odoo-19, about 120 MB)" "$LOGS/get-odoo.log" \
      "check that apt reaches its mirror (apt-get update), or let ODOO_HOME name an Odoo 19 that you have" odoo_fetch
  fi
  odoo_check_version
}
