// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gantry/v1/control.pb.h"
#include "gantry/v1/inventory.pb.h"

#include <vector>

class QLabel;
class QWidget;

namespace gantry {

/// A label that says which processes are meant: "3 processes: nginx (812), nginx (813), sh (900)", cut after some.
[[nodiscard]] QLabel *processSummary(const std::vector<v1::Process> &processes, QWidget *parent);
/// The process as a request names it: by pid and start time, so that a reused pid is refused.
[[nodiscard]] v1::ProcessRef referenceTo(const v1::Process &process);

} // namespace gantry
