// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QAction;
class QString;

namespace gantry {

/// Name of an action without mnemonic and ellipsis.
[[nodiscard]] QString actionName(const QAction &action);
/// Its keys as the desktop writes them ("Ctrl+K, F1").
[[nodiscard]] QString actionKeys(const QAction &action);

} // namespace gantry
