// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "gantry/v1/alerts.pb.h"

#include <memory>

namespace gantry {

/// Makes or edits an alert rule: metric, what it is compared with, soft and hard level with duration and hysteresis
/// each, repeat interval, scope. Open it with open(). Thread: GUI.
class RuleEditor final : public QDialog
{
    Q_OBJECT
public:
    explicit RuleEditor(const v1::AlertRule &rule, QWidget *parent = nullptr);
    ~RuleEditor() override;

    /// A rule to begin with: memory in use of every cgroup at 90 % of its hard limit.
    [[nodiscard]] static v1::AlertRule freshRule();
    /// The rule as edited; keeps id and built_in of the one given.
    [[nodiscard]] v1::AlertRule rule() const;

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace gantry
