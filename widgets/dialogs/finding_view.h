// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTextBrowser>

#include "gantry/v1/checkpoint.pb.h"

#include <vector>

namespace gantry {

/// Findings of a pre-flight: how bad each is (a sign and a word), what it is about, why, and what can be done. The
/// engine's sentences are shown in the console's language where they are of its table of causes. Thread: GUI.
class FindingView final : public QTextBrowser
{
    Q_OBJECT
public:
    explicit FindingView(QWidget *parent = nullptr);

    /// In this order. @param nothing said where there are none.
    void setFindings(const std::vector<v1::CheckFinding> &findings, const QString &nothing);
};

} // namespace gantry
