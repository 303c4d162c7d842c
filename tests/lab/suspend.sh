#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# tst_lab_suspend in guest I of a lab that is up: suspend.sh I. Suspends, a reboot, resumes.
. "$(dirname "${BASH_SOURCE[0]}")/../../packaging/common.sh"

lab=$root/tests/lab/lab.sh
step="suspending"
"$lab" run "$1" 480 tst_lab_suspend suspends
step="reboot"
"$lab" reboot "$1"
step="resuming"
"$lab" run "$1" 480 tst_lab_suspend resumes
