// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QWidget;

namespace gantry::console {

/// Shows "What can be checkpointed and what cannot", from the engine's own table of causes, beside this window; the one
/// that it has already comes to the front. Thread: GUI.
void showCheckpointHelp(QWidget *window);

} // namespace gantry::console
