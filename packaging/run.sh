#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Sets up, builds and starts the console: packaging/run.sh [arguments of gantry]. Not root: read-only.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

"$root/packaging/setup.sh"
build release gantry gantryctl gantryd
exec "$root/build/release/bin/gantry" "$@"
