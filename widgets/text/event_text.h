// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include "gantry/v1/alerts.pb.h"

namespace gantry::text {

/// What happened, in one sentence without the object's path and time (those have columns of their own). Thread: GUI.
[[nodiscard]] QString eventSentence(const v1::Event &event);
/// All that is known of an OOM kill, line by line with the kernel's own lines last, as rich text: for a tooltip. Empty
/// for other events, and where the story is not known.
[[nodiscard]] QString eventDetail(const v1::Event &event);
/// Short name of the kind: "OOM kill", "Limit changed".
[[nodiscard]] QString eventKind(v1::EventKind kind);
/// Who did it: "root via gantryctl", "systemd (pid 1)", "kernel", or an em dash where nobody knows.
[[nodiscard]] QString eventActor(const v1::Event &event);
/// How loud the event is: OOM kills and failures are critical, limit hits warnings, the rest SEVERITY_NONE.
[[nodiscard]] v1::Severity eventSeverity(const v1::Event &event);

} // namespace gantry::text
