// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "gantry/v1/control.pb.h"

class QCheckBox;
class QLabel;
class QPushButton;
class QRadioButton;

namespace gantry {

class CommandLine;
class WarningList;

/// Asks how long limits hold that systemd keeps: until the unit stops or for ever; a container's runtime always keeps
/// them. Behind an expander: whether the kernel's file is to be written past the manager. Each choice is a new dry run; what an admin would type
/// follows it. It is also the question for dangerous values: then Enter cancels. Open it with open(). Thread: GUI.
class LimitRouteDialog final : public QDialog
{
    Q_OBJECT
public:
    /// @param request what is to be set, with the choice to begin with; target, dry_run and actor are ignored.
    /// @param preview its dry run, with at least one route.
    LimitRouteDialog(const v1::SetLimitsRequest &request, const v1::SetLimitsReply &preview, QWidget *parent = nullptr);

    /// Answer to previewRequested.
    void setPreview(const v1::SetLimitsReply &reply);
    void setFailure(const v1::Failure &failure);

    /// The request as chosen, addressed to the node of the last dry run; not a dry run, actor unset.
    [[nodiscard]] v1::SetLimitsRequest request() const;
    /// The button that does it.
    [[nodiscard]] QPushButton *acceptButton() const { return m_accept; }
    /// True where one of the changes goes through a manager.
    [[nodiscard]] static bool isNeededFor(const v1::SetLimitsReply &preview);

Q_SIGNALS:
    /// Another way was chosen: answer with setPreview() or setFailure().
    void previewRequested(const gantry::v1::SetLimitsRequest &dryRun);

private:
    [[nodiscard]] QWidget *choices(const QString &manager);
    [[nodiscard]] QWidget *fileChoice(const QString &manager);
    [[nodiscard]] QString commands() const;
    void choose();
    void showPreview();
    /// Enter does what is harmless and cancels the rest.
    void updateDefault(bool harmless);

    v1::SetLimitsRequest m_request;
    v1::SetLimitsReply m_preview;
    bool m_hasChoice; ///< one of the changes goes through systemd, which lets one choose how long it holds
    QLabel *m_change;
    QRadioButton *m_runtime;
    QRadioButton *m_permanent;
    QCheckBox *m_byFile = nullptr;
    WarningList *m_warnings;
    QLabel *m_problem;
    CommandLine *m_admin;
    CommandLine *m_command;
    QPushButton *m_accept;
    QPushButton *m_cancel;
};

} // namespace gantry
