#!/usr/bin/env bash
# Makes .venv with everything Insula needs; `tools/setup.sh dev` adds what the tests need.
# Safe to run again: it does nothing when nothing changed. Works as root or not, with or without a display.
set -euo pipefail
cd "$(dirname "$0")/.."
extra=${1:-}
say() { printf '%s\n' "$*" >&2; }

# Qt's wheels bring Qt, but not these libraries of the system: library file -> Debian package.
libraries="libEGL.so.1:libegl1 libGL.so.1:libgl1 libxkbcommon.so.0:libxkbcommon0 libxkbcommon-x11.so.0:libxkbcommon-x11-0
libdbus-1.so.3:libdbus-1-3 libfontconfig.so.1:libfontconfig1 libglib-2.0.so.0:libglib2.0-0 libxcb-cursor.so.0:libxcb-cursor0
libxcb-icccm.so.4:libxcb-icccm4 libxcb-keysyms.so.1:libxcb-keysyms1 libxcb-image.so.0:libxcb-image0
libxcb-render-util.so.0:libxcb-render-util0 libxcb-shape.so.0:libxcb-shape0 libxcb-randr.so.0:libxcb-randr0
libxcb-xinerama.so.0:libxcb-xinerama0 libxcb-xkb.so.1:libxcb-xkb1"

missing_packages() {
    local known pair
    known=$({ ldconfig -p || /sbin/ldconfig -p || true; } 2>/dev/null)
    for pair in $libraries; do
        case "$known" in *"${pair%%:*}"*) ;; *) printf '%s ' "${pair##*:}" ;; esac
    done
}

install_packages() {
    local as_root=()
    command -v apt-get >/dev/null || { say "Please install: $*"; return; }
    if [ "$(id -u)" != 0 ]; then
        if sudo -n true 2>/dev/null; then as_root=(sudo -n); else say "Please install: sudo apt-get install $*"; return; fi
    fi
    say "Installing system packages: $*"
    { "${as_root[@]}" apt-get update -qq && DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "$@"; } \
        >/dev/null || say "Could not install them; please do it yourself: apt-get install $*"
}

find_python() {
    local name
    for name in ${PYTHON:-} python3.11 python3.12 python3.13 python3; do
        if command -v "$name" >/dev/null && "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'; then
            printf '%s' "$name"
            return
        fi
    done
    say "Insula needs Python 3.11, 3.12 or 3.13. On Debian: apt-get install python3 python3-venv"
    exit 1
}

if [ "$(uname)" = Linux ]; then
    missing=$(missing_packages)
    # shellcheck disable=SC2086 # one word a package
    [ -z "$missing" ] || install_packages $missing
fi

if [ ! -x .venv/bin/python ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    python=$(find_python)
    "$python" -c 'import ensurepip, venv' 2>/dev/null || install_packages python3-venv
    "$python" -m venv --clear .venv
fi

# What is installed for the tests serves for running too, so that going from one to the other installs nothing.
wanted=$(cat pyproject.toml constraints.txt tools/setup.sh | cksum)
installed=$(cat .venv/installed 2>/dev/null || true)
if [ "$installed" != "$wanted dev" ] && [ "$installed" != "$wanted $extra" ]; then
    say "Installing Python packages into .venv (a few minutes the first time)"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".${extra:+[$extra]}"
    printf '%s' "$wanted $extra" >.venv/installed
fi
