# SPDX-License-Identifier: GPL-3.0-or-later
# What runs of the real program share; sourced. They have: work (a folder), started (pids, ended by them), fail WHY.

# await SECONDS WHAT COMMAND...: polls until the command succeeds.
await() {
    local seconds=$1 what=$2
    shift 2
    for ((i = 0; i < seconds * 10; ++i)); do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.1
    done
    fail "$what did not happen within $seconds s"
}

window_named() { xdotool search --onlyvisible --name "$1"; }
no_window_named() { ! window_named "$1"; }

# An X server and a window manager of their own.
start_display() {
    exec 3<>"$work/display"
    Xvfb -displayfd 3 -screen 0 1500x950x24 -nolisten tcp >"$work/xvfb.log" 2>&1 &
    started+=($!)
    await 10 "the start of Xvfb" test -s "$work/display"
    DISPLAY=:$(cat "$work/display")
    export DISPLAY
    unset WAYLAND_DISPLAY QT_QPA_PLATFORM
    # Not the session bus of whoever runs this.
    export DBUS_SESSION_BUS_ADDRESS=disabled:
    openbox >"$work/openbox.log" 2>&1 &
    started+=($!)
    # A window mapped while the window manager takes over stays unseen.
    await 10 "the start of the window manager" xdotool get_num_desktops
}

# The main window, where it is not cut off and known to be.
place_window() {
    window=$(window_named 'Gantry$' | head -n 1)
    xdotool windowactivate --sync "$window" windowsize --sync "$window" 1480 900 windowmove --sync "$window" 5 20
}
