# SPDX-License-Identifier: GPL-3.0-or-later
# Shared by setup.sh, run.sh, test.sh and bench.sh; sourced, never run.
set -Eeuo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
step="start"

# ccache serves every checkout: paths below it count as relative.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1

# One line that says what failed; the step's own output stands above it.
trap 'code=$?; echo "gantry: failed: $step (exit $code)" >&2; exit $code' ERR

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        echo "gantry: $1 needs root: run this as root or install sudo" >&2
        return 1
    fi
}

# Runs a command quietly; its output is shown only when it fails.
quietly() {
    local log
    log=$(mktemp)
    if "$@" >"$log" 2>&1; then
        rm -f "$log"
    else
        local code=$?
        tail -n 40 "$log" >&2
        rm -f "$log"
        return "$code"
    fi
}

# install_missing PACKAGE...: apt, only when something is missing.
install_missing() {
    local missing=() package
    for package in "$@"; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    echo "gantry: installing ${#missing[@]} packages: ${missing[*]}"
    step="package lists"
    quietly as_root apt-get update
    step="installing packages: ${missing[*]}"
    quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
}

# build PRESET [TARGET...]: configures once, then lets ninja decide what is out of date.
build() {
    local preset=$1
    shift
    cd "$root"
    if [ ! -f "build/$preset/build.ninja" ]; then
        step="configuring build/$preset"
        quietly cmake --preset "$preset"
    fi
    step="building build/$preset"
    if ! ninja -C "build/$preset" -n "$@" | grep -q 'no work to do'; then
        echo "gantry: building $preset"
        ninja -C "build/$preset" --quiet "$@"
    fi
}
