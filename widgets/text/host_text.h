// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QString>

#include "gantry/v1/host.pb.h"

namespace gantry::text {

/// What works on a host and what does not, with the reason and what to install, as HTML: the engine's probes, those of
/// checkpoints first. @param faded colour of what matters less.
[[nodiscard]] QString hostAbilities(const v1::HostInfo &host, const QColor &faded);

} // namespace gantry::text
