#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Gives this machine a CRIU that works on its kernel: the distribution's where "criu check" is content with it, otherwise
# a private copy of a newer Debian's in /usr/local/lib/gantry/criu, which the engine prefers. Does nothing when there is
# one. Checkpoints need it, nothing else does: a machine that cannot have one is told so, and is no failure.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

private=/usr/local/lib/gantry/criu
suite=forky # CRIU 4.2.1: Debian 12's 3.17 does not know kernels from 6.13 on, Debian 13's 4.1 no sockets from 6.16 on

works() { [ -n "$1" ] && as_root "$1" check >/dev/null 2>&1; }

# A folder of its own first, so that there is never half a CRIU in place, and nothing is left after a failure.
install_private() {
    local work
    work=$(as_root mktemp -d "$private.new.XXXXXX") || return
    if extract_to "$work" && as_root rm -rf "$private" && as_root mv "$work" "$private"; then
        return 0
    fi
    as_root rm -rf "$work"
    return 1
}

# A newer Debian's archive may be older than it says of itself: that is the mirror's snapshot, not an attack. Its own C
# library and loader come along: this machine's may be older.
extract_to() {
    quietly as_root mmdebstrap --variant=extract --include=criu --aptopt='Acquire::Check-Valid-Until "false"' \
        "$suite" "$1/root" &&
        as_root tee "$1/criu" >/dev/null <<EOF &&
#!/bin/sh
exec $private/root/usr/lib64/ld-linux-x86-64.so.2 --library-path $private/root/usr/lib/x86_64-linux-gnu \\
    $private/root/usr/sbin/criu "\$@"
EOF
        as_root chmod 755 "$1" "$1/criu"
}

# Only root can ask CRIU whether it works: a user who starts the console is not asked for a password each time.
is_there() { [ -x "$private/criu" ] || command -v criu >/dev/null; }
if [ "$(id -u)" != 0 ] && { is_there || ! command -v sudo >/dev/null; }; then
    is_there || echo "gantry: no CRIU here: checkpoints cannot be made until packaging/setup.sh has run as root" >&2
    exit 0
fi
if works "$(command -v "${GANTRY_CRIU:-$private/criu}" || true)" || works "$(command -v criu || true)"; then
    exit 0
fi
install_missing mmdebstrap
as_root mkdir -p "$(dirname "$private")"
echo "gantry: installing a private CRIU in $private"
if ! install_private || ! works "$private/criu"; then
    echo "gantry: ATTENTION: no CRIU works here: checkpoints cannot be made ($private/criu check tells why)" >&2
fi
