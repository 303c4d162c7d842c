#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A container is dragged by a real mouse from one live host onto another: xvfb_drag.sh FOLDER-OF-PROGRAMS [PICTURES]
# Two gantryd on this machine, runc and CRIU; X server and window manager of its own, in a mount namespace with nothing in
# /run and /var/lib. Both hosts are one machine, so that what moves gets another name in the dialog. PICTURES is the
# begin of the names of what is looked at by hand: the drag, the question, the end.
set -uo pipefail
export LC_ALL=C.UTF-8

if [ "${GANTRY_DRAG_INSIDE:-}" != "$PPID" ]; then
    export GANTRY_DRAG_INSIDE=$$
    unshare --mount --propagation private "$0" "$@"
    exit
fi
for folder in /run /var/lib; do
    mount -t tmpfs -o mode=755 gantry-test "$folder" || exit 1
done

programs=$1
pictures=${2:-}
name=prf-drag
other=prf-dropped
work=/var/lib/gantry-test
root=$work/root
mkdir -p "$work"/{a,b} "$root"/{bin,data}
started=()

ctl() { "$programs/gantryctl" --host "unix:$work/$1.sock" "${@:2}"; }

cleanup() {
    local i one
    for one in "a $name" "b $other"; do
        ctl ${one% *} stop "${one#* }" >/dev/null 2>&1
        runc delete --force "${one#* }" >/dev/null 2>&1
        ctl ${one% *} rmrun "${one#* }" >/dev/null 2>&1
    done
    for ((i = ${#started[@]} - 1; i >= 0; --i)); do
        kill "${started[i]}" 2>/dev/null
        wait "${started[i]}" 2>/dev/null
    done
}
trap cleanup EXIT

picture() { [ -z "$pictures" ] || import -window root "$pictures$1.png"; }
fail() {
    echo "xvfb_drag: $1" >&2
    [ -n "${DISPLAY:-}" ] && picture failed
    cat "$work"/*.log >&2
    exit 1
}

. "$(dirname "$0")/xvfb.sh"
log_of() { cat "$work/$1/containers/$2/log"; }
counts() {
    local before
    before=$(log_of "$1" "$2" | tail -n 1)
    sleep 0.5
    [ "$(log_of "$1" "$2" | tail -n 1)" -gt "$before" ]
}

cp /bin/busybox "$root/bin/" || fail "no busybox"
ln -s busybox "$root/bin/sh"
ln -s busybox "$root/bin/sleep"
for host in a b; do
    "$programs/gantryd" --socket "$work/$host.sock" --state "$work/$host" >"$work/$host.log" 2>&1 &
    started+=($!)
    await 20 "gantryd $host" ctl "$host" host
done
ctl a run --name "$name" --rootfs "$root" -- /bin/sh -c \
    'i=0; while :; do i=$((i+1)); echo $i; sleep 0.05; done' >/dev/null || fail "the container does not start"
await 10 "counting" counts a "$name"

start_display
XDG_CONFIG_HOME=$work/config XDG_RUNTIME_DIR=$work GANTRY_STATE=$work/state "$programs/gantry" \
    --host "unix:$work/a.sock" --host "unix:$work/b.sock" >"$work/gantry.log" 2>&1 &
console=$!
started+=("$console")
await 30 "the connection to the engine" window_named ' – Gantry$'
place_window

# Of each of the three hosts (this one, a, b) four rows are left: host, root, gantry, the container.
sleep 2 # the other hosts come when they are connected; the tree tells nobody so
xdotool key --clearmodifiers ctrl+f
sleep 0.3
xdotool type --delay 30 "$name"
sleep 2
row() { echo $((144 + 20 * $1)); } # y of the middle of a row
from=$(row 7)
host=$(row 8)
child=$(row 9)

# The sign of a row: its cell has more than the colours of an empty one.
marked() {
    [ "$(import -window root -crop "20x14+208+$(($(row "$1") - 7))" png:- | identify -format %k -)" -gt 3 ]
}

xdotool mousemove 150 "$from" click 1
sleep 0.5
picture before
for one in 0 4 8; do
    marked "$one" && fail "row $one has a sign before anything is dragged"
done
xdotool mousedown 1
for step in 2 4 6 8 12 16; do
    xdotool mousemove $((150 + step)) "$from"
    sleep 0.05
done
# Both ends look. Where it is it cannot go, and the other two have its name already, being the same machine.
for one in 0 4 8; do
    await 20 "the sign of row $one" marked "$one"
done
picture begun
for y in "$host" $((host + 2)) "$child" $((child + 2)); do
    xdotool mousemove 130 "$y"
    sleep 0.3
done
sleep 0.5
picture over
no_window_named "Migrate $name" || fail "the question is there before the drop"
xdotool mouseup 1
await 10 "the question" window_named "Migrate $name"
sleep 1
counts a "$name" || fail "the drop itself moved it"
picture dropped

# The name that is free there, by keyboard; then the verb.
xdotool key --clearmodifiers alt+n
xdotool key --clearmodifiers ctrl+a
xdotool type --delay 30 "$other"
sleep 2
picture asked
xdotool key --clearmodifiers alt+m
await 60 "the end of the question" no_window_named "^Migrate $name"
await 60 "counting on the other host" counts b "$other"
sleep 1
picture moved
first=$(log_of b "$other" | head -n 1)
[ -n "$(ctl a --json containers | grep "\"$name\"")" ] && fail "the source has it still"
log_of b "$other" | awk -v last=$((first - 1)) '$1 != last + 1 { exit 1 } { last = $1 }' || fail "the count is broken"
[ "$first" -gt 10 ] || fail "it began anew"
kill -0 "$console" 2>/dev/null || fail "the console has ended"
echo "xvfb_drag: passed"
