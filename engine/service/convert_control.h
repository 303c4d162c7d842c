// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/control/jobs.h"
#include "engine/control/verbs.h"
#include "gantry/v1/control.pb.h"
#include "gantry/v1/jobs.pb.h"

#include <span>

#include <google/protobuf/repeated_ptr_field.h>

namespace gantry::service {

/// Values of engine/control as messages and back. Thread: any.

[[nodiscard]] v1::Job toMessage(const control::Job &job);
[[nodiscard]] v1::LimitRow toMessage(const control::LimitRow &row);

void fill(v1::SetLimitsReply &reply, const control::SetLimitsResult &result);
void fill(v1::FreezeReply &reply, const control::FreezeResult &result);
void fill(v1::KillReply &reply, const control::KillResult &result);
void fill(v1::SignalReply &reply, const control::SignalResult &result);
void fill(v1::MoveProcessesReply &reply, const control::MoveResult &result);
void fill(v1::CreateCgroupReply &reply, const control::DirectoriesResult &result);
void fill(v1::RemoveCgroupReply &reply, const control::DirectoriesResult &result);
void fill(v1::SetControllersReply &reply, const control::ControllersResult &result);
void fill(v1::ReclaimReply &reply, const control::ReclaimResult &result);
void fill(v1::ContainerActionReply &reply, const control::ContainerActionResult &result);

/// @errors EINVAL for none, or one this version does not know.
[[nodiscard]] Result<runtime::Verb> verbOf(v1::ContainerActionRequest::Action action);

/// @errors EINVAL for no settings, more than there are keys, the same key twice, or an unknown key; EINVAL/ERANGE for
/// its value.
[[nodiscard]] Result<std::vector<control::LimitSetting>>
settingsOf(const google::protobuf::RepeatedPtrField<v1::LimitSetting> &messages);

/// @errors EINVAL for none, more than 10 000, or a pid that is not positive.
[[nodiscard]] Result<std::vector<ProcessKey>>
processesOf(const google::protobuf::RepeatedPtrField<v1::ProcessRef> &messages);

} // namespace gantry::service
