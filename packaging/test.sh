#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Sets up, builds with warnings as errors and runs every suite: packaging/test.sh [--all] [--without-lab]
#   tsan   the engine's suites under the thread sanitizer
#   asan   every suite but the lab's, the Xvfb run included, under the address and undefined-behaviour sanitizers
#   lab    the lab (tests/lab): programs that run in a guest with systemd and cgroup v2. --without-lab leaves it out
# --all adds
#   dev    as asan, without sanitizers
# Needs root for real cgroups. Leaves no process, mount, cgroup or table of CRIU behind, and fails if it did.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

presets=(tsan asan)
lab=(lab)
for option in "$@"; do
    case $option in
    --all) presets=(tsan dev asan) ;;
    --without-lab) lab=() ;;
    *)
        step="tests: unknown option $option (--all, --without-lab)"
        false
        ;;
    esac
done

step="tests need root: they make real cgroups"
[ "$(id -u)" = 0 ]

"$root/packaging/setup.sh" test "${lab[@]}"
cd "$root"

leftovers() {
    find /sys/fs/cgroup -depth -type d \( -name gantry -o -name 'gantry-*' -o -path '*/gantry/*' \) 2>/dev/null | sort
    grep -E 'gantry' /proc/self/mounts || true
    pgrep -f -- '-name gantry-lab-' || true
    nft list tables | grep ' CRIU-' | sort || true
}

before=$(leftovers)
failed=()
for preset in "${presets[@]}" "${lab[@]}"; do
    suites=(-LE lab)
    case $preset in
    tsan) build tsan engine_suites ;;
    lab)
        build lab lab_programs
        suites=() # the preset's own
        ;;
    *) build "$preset" ;;
    esac
    step="tests of $preset"
    echo "gantry: testing $preset"
    ctest --preset "$preset" "${suites[@]}" || failed+=("$preset")
done

# Once more at the end: what a long log hides.
for preset in "${failed[@]}"; do
    echo "gantry: what failed in $preset:"
    grep -hE -A4 '^(FAIL!|XPASS|QFATAL)|SUMMARY: |: runtime error: ' "build/$preset/Testing/Temporary/LastTest.log" | head -n 80 || true
done

step="cgroups, mounts or tables of CRIU left behind by the tests"
left=$(comm -13 <(sort <<<"$before") <(leftovers | sort)) # what was there before may be gone
if [ -n "$left" ]; then
    echo "$left" >&2
    false
fi

if [ ${#failed[@]} -gt 0 ]; then
    step="tests of ${failed[*]}"
    false
fi

if [ "${#lab[@]}" = 0 ]; then
    echo "gantry: ATTENTION: the lab was left out (--without-lab): nothing is proven on cgroup v2 and systemd" >&2
fi
