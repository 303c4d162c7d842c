#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds release and measures speed and memory: packaging/bench.sh [NAME...]. Prints tables and writes build/bench.json.
# Prints each figure whether it meets its goal or not; the goals are in README.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

step="benchmarks need root: they make real cgroups"
[ "$(id -u)" = 0 ]

"$root/packaging/setup.sh" bench
build release
cd "$root/build/release"

names=("$@")
if [ ${#names[@]} -eq 0 ]; then
    names=()
    for binary in bin/bench_*; do
        names+=("$(basename "$binary")")
    done
fi

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
for name in "${names[@]}"; do
    step="benchmark $name"
    QT_QPA_PLATFORM=${QT_QPA_PLATFORM:-offscreen} "bin/$name" --json "$results/$name.json"
done

step="writing build/bench.json"
{
    printf '{'
    separator=''
    for file in "$results"/*.json; do
        printf '%s\n"%s": ' "$separator" "$(basename "$file" .json)"
        cat "$file"
        separator=','
    done
    printf '\n}\n'
} >"$root/build/bench.json"
echo "gantry: figures are in build/bench.json"
