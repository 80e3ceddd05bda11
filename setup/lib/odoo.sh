# Odoo 19: the checkout or installation that ODOO_HOME names, else Debian's odoo-19 unpacked (not installed) below .odoo/.
# shellcheck shell=bash
# shellcheck disable=SC2034 # the names set below are for the files that source this one

ODOO_TREE=$STATE/odoo
ODOO_SID_PACKAGES=(odoo-19 libjs-jquery libjs-jquery-form libjs-underscore fonts-roboto-unhinted
  fonts-montserrat fonts-inconsolata fonts-ocr-b fonts-glyphicons-halflings)
# sid's Font Awesome 7 has other code points than the 4.7 that Odoo's icons use.
ODOO_STABLE_PACKAGES=(fonts-font-awesome)

# Sets ODOO_PYTHON, the folder that holds the Python package "odoo" (a namespace package in 19), and ODOO_ADDONS, the
# folder of core addons outside that package (only a git checkout has one).
locate_odoo() {
  local home=${ODOO_HOME:-$ODOO_TREE}
  [ -d "$home/odoo/addons" ] || home=$home/usr/lib/python3/dist-packages
  if [ ! -d "$home/odoo/addons" ]; then
    die "ODOO_HOME=$ODOO_HOME holds no Odoo (no folder odoo/addons in it)" "" \
      "name the folder of an Odoo 19 checkout, or unset ODOO_HOME"
  fi
  ODOO_PYTHON=$(cd "$home" && pwd -P)
  ODOO_ADDONS=
  if [ ! -d "$ODOO_PYTHON/odoo/addons/web" ]; then ODOO_ADDONS=$ODOO_PYTHON/addons; fi
  grep -q 'version_info = (19, 0' "$ODOO_PYTHON/odoo/release.py" ||
    die "$ODOO_PYTHON is not Odoo 19.0" "" "let ODOO_HOME name an Odoo 19.0, or unset it"
}

# The machine's own Debian mirror: by label where apt has fetched its lists, else by the usual end of the address.
debian_mirror() {
  local found
  # shellcheck disable=SC2016 # $(...) is apt's own notation
  found=$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' | awk '$1 == "Debian" {print $2} $NF ~ "/debian/?$" {print $NF}')
  [ -n "$found" ] || { echo "apt knows no mirror of Debian: add one to its sources" >&2; return 1; }
  head -n 1 <<<"$found"
}

# Packages are fetched from the mirror that the machine's own apt uses, through private apt folders:
# neither the system's sources nor its package lists change.
odoo_fetch_suite() { # odoo_fetch_suite SUITE FOLDER PACKAGE...
  local suite=$1 folder=$2 apt=$2/apt-$1 mirror
  shift 2
  mirror=$(debian_mirror)
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
  locate_odoo
}
