#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Sets up, builds with warnings as errors and runs every suite: packaging/test.sh [--quick]
#   dev    every suite, GUI and Xvfb run included
#   asan   every suite but the Xvfb run, under the address and undefined-behaviour sanitizers
#   tsan   the engine's suites under the thread sanitizer
# --quick: dev only. Needs root for real cgroups. Leaves no process, mount or cgroup behind, and fails if it did.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

presets=(dev asan tsan)
[ "${1:-}" = --quick ] && presets=(dev)

step="tests need root: they make real cgroups"
[ "$(id -u)" = 0 ]

"$root/packaging/setup.sh" test
cd "$root"

leftovers() {
    find /sys/fs/cgroup -depth -type d -name 'gantry-*' 2>/dev/null | sort
    grep -E 'gantry' /proc/self/mounts || true
}

before=$(leftovers)
failed=()
for preset in "${presets[@]}"; do
    build "$preset"
    step="tests of $preset"
    arguments=()
    [ "$preset" = asan ] && arguments=(--label-exclude xvfb)
    echo "gantry: testing $preset"
    ctest --preset "$preset" "${arguments[@]}" || failed+=("$preset")
done

step="cgroups or mounts left behind by the tests"
after=$(leftovers)
if [ "$before" != "$after" ]; then
    diff <(echo "$before") <(echo "$after") >&2 || true
    false
fi

if [ ${#failed[@]} -gt 0 ]; then
    step="tests of ${failed[*]}"
    false
fi
