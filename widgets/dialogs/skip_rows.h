// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "gantry/v1/checkpoint.pb.h"

#include <vector>

class QCheckBox;
class QVBoxLayout;

namespace gantry {

/// A box for each cause of warnings among what was found: it is gone on in spite of it. Takes no room while there are
/// none. Thread: GUI.
class SkipRows final : public QWidget
{
    Q_OBJECT
public:
    explicit SkipRows(QWidget *parent = nullptr);

    /// A cause that was there before keeps its tick.
    void setFindings(const std::vector<v1::CheckFinding> &findings);
    /// Causes that are ticked.
    [[nodiscard]] QStringList skipped() const;
    [[nodiscard]] bool allSkipped() const;
    [[nodiscard]] const std::vector<QCheckBox *> &boxes() const { return m_boxes; }

Q_SIGNALS:
    /// One was ticked, or not any more.
    void changed();

private:
    QVBoxLayout *m_rows;
    std::vector<QCheckBox *> m_boxes;
};

} // namespace gantry
