#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# One run of the real program with a real mouse and keyboard: xvfb_run.sh GANTRY [PICTURE.png]
# Starts its own X server and window manager, filters the tree, walks the pages by keyboard, freezes a cgroup of its own
# through the confirmation, thaws it from the tool bar by mouse, and looks into the kernel's files after each step.
set -uo pipefail
export LC_ALL=C.UTF-8 # titles are looked for by a dash that is not ASCII

gantry=$1
picture=${2:-}
name=gantry-test-$$-xvfb
work=$(mktemp -d)
started=()
hierarchies=(memory freezer pids cpu)

cleanup() {
    local pid hierarchy
    echo THAWED >"/sys/fs/cgroup/freezer/$name/freezer.state" 2>/dev/null
    for ((i = ${#started[@]} - 1; i >= 0; --i)); do
        pid=${started[i]}
        kill "$pid" 2>/dev/null
        wait "$pid" 2>/dev/null
    done
    for hierarchy in "${hierarchies[@]}"; do
        rmdir "/sys/fs/cgroup/$hierarchy/$name" 2>/dev/null
    done
    rm -rf "$work"
}
trap cleanup EXIT

fail() {
    echo "xvfb_run: $1" >&2
    [ -n "$picture" ] && import -window root "$picture" 2>/dev/null
    [ -f "$work/gantry.log" ] && cat "$work/gantry.log" >&2
    [ -n "${console:-}" ] && ! kill -0 "$console" 2>/dev/null && echo "xvfb_run: the console has ended" >&2
    exit 1
}

. "$(dirname "$0")/xvfb.sh"

state_is() { [ "$(cat "/sys/fs/cgroup/freezer/$name/freezer.state")" = "$1" ]; }
keys() { xdotool key --clearmodifiers "$@"; }

for hierarchy in "${hierarchies[@]}"; do
    mkdir "/sys/fs/cgroup/$hierarchy/$name" || fail "cannot make a cgroup in $hierarchy"
done
sleep infinity &
workload=$!
started+=("$workload")
for hierarchy in "${hierarchies[@]}"; do
    echo "$workload" >"/sys/fs/cgroup/$hierarchy/$name/cgroup.procs" || fail "cannot attach to $hierarchy"
done

start_display
XDG_CONFIG_HOME=$work/config GANTRY_STATE=$work/state "$gantry" >"$work/gantry.log" 2>&1 &
console=$!
started+=("$console")

await 20 "the window" window_named 'Gantry$'
place_window

# The title gets the name of the host when the engine answers.
await 20 "the connection to the engine" window_named ' – Gantry$'
keys ctrl+f
xdotool type --delay 20 "$name"
# From the filter into the tree; its last row is the only match.
keys Down End
sleep 0.5
for page in p l c t o; do
    keys "alt+$page"
    sleep 0.3
    kill -0 "$console" 2>/dev/null || fail "the console ended on page $page"
done

state_is THAWED || fail "the cgroup is not thawed before the test"
keys ctrl+f Down End
keys f
await 5 "the question about freezing" window_named 'Freeze$'
state_is THAWED || fail "frozen before the answer"
keys Return
sleep 0.5
state_is THAWED || fail "Enter chose what disturbs a workload"
if no_window_named 'Freeze$'; then
    keys f
    await 5 "the second question about freezing" window_named 'Freeze$'
fi
# From Cancel to the verb, by keyboard alone.
keys shift+Tab space
await 10 "the freeze" state_is FROZEN
await 5 "the end of the question" no_window_named 'Freeze$'
sleep 1.5
[ -n "$picture" ] && import -window root "$picture"

# Thaw by mouse: the same button of the tool bar, now a toggle.
xdotool mousemove --window "$window" 595 38 click 1
await 5 "the question about thawing" window_named 'Thaw$'
keys Return
await 10 "the thaw" state_is THAWED

keys ctrl+q
for ((i = 0; i < 100; ++i)); do
    kill -0 "$console" 2>/dev/null || break
    sleep 0.1
done
kill -0 "$console" 2>/dev/null && fail "Ctrl+Q did not end the console"
wait "$console" || fail "the console ended with $?"
[ -f "$work/config/gantry/gantry.conf" ] || fail "the layout was not kept"
echo "xvfb_run: passed"
