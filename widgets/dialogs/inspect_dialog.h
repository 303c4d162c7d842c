// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/dialogs/fact_tabs.h"

#include "gantry/v1/checkpoint.pb.h"

namespace gantry {

/// What is in a checkpoint. Thread: GUI.
class InspectDialog final : public FactTabs
{
    Q_OBJECT
public:
    enum Tab { Processes, Descriptors, Sockets, Memory, Files };

    /// @param id of the checkpoint.
    explicit InspectDialog(const QString &id, QWidget *parent = nullptr);

    /// Once. @param reply to the question for this checkpoint.
    void setReply(const v1::InspectReply &reply);
    void setFailure(const v1::Failure &failure);
};

/// What a second checkpoint has otherwise than a first. Thread: GUI.
class DiffDialog final : public FactTabs
{
    Q_OBJECT
public:
    enum Tab { Processes, Descriptors, Sockets, Memory, Files };

    /// @param before, after ids of the checkpoints.
    DiffDialog(const QString &before, const QString &after, QWidget *parent = nullptr);

    /// Once.
    void setReply(const v1::DiffReply &reply);
    void setFailure(const v1::Failure &failure);
};

} // namespace gantry
