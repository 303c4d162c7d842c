// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

QT_FORWARD_DECLARE_CLASS(QHBoxLayout)

namespace gantry::console {

/// The path of a cgroup as a row of buttons, one a component. Thread: GUI.
class Breadcrumb : public QWidget
{
    Q_OBJECT
public:
    explicit Breadcrumb(QWidget *parent = nullptr);

    /// @param host name of the host, which stands for "/". @param path cgroup path. @param name shown instead of a path
    /// where there is none.
    void show(const QString &host, const QString &path, const QString &name);

Q_SIGNALS:
    void pathActivated(const QString &path);

private:
    void addButton(const QString &text, const QString &path);

    QHBoxLayout *m_row;
};

} // namespace gantry::console
