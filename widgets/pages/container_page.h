// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "gantry/v1/host.pb.h"
#include "gantry/v1/inventory.pb.h"

class QUrl;

namespace gantry {

class FactsView;
class LogView;
class WarningList;

/// What its runtime tells of a container, and the end of its log. Thread: GUI.
class ContainerPage final : public QWidget
{
    Q_OBJECT
public:
    explicit ContainerPage(QWidget *parent = nullptr);

    /// The container, new or changed. @param cgroupPath empty where it has no cgroup of its own.
    void setContainer(const v1::Node &node, const v1::HostInfo &host, const QString &cgroupPath);

    [[nodiscard]] FactsView *facts() const { return m_facts; }
    [[nodiscard]] LogView *log() const { return m_log; }
    [[nodiscard]] QStringList warnings() const;

Q_SIGNALS:
    /// The user follows the link to the cgroup.
    void jumpRequested(const QString &cgroupPath);
    /// The id is in the clipboard: a line for the status bar.
    void copied(const QString &message);

protected:
    void changeEvent(QEvent *event) override;

private:
    void follow(const QUrl &link);
    void showFacts();

    v1::Node m_node;
    v1::HostInfo m_host;
    QString m_cgroupPath;
    WarningList *m_problem;
    FactsView *m_facts;
    LogView *m_log;
};

} // namespace gantry
