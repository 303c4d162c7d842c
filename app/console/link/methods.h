// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gantry/v1/alerts.pb.h"
#include "gantry/v1/checkpoint.pb.h"
#include "gantry/v1/control.pb.h"
#include "gantry/v1/host.pb.h"
#include "gantry/v1/inventory.pb.h"
#include "gantry/v1/jobs.pb.h"
#include "gantry/v1/metrics.pb.h"
#include "gantry/v1/schedules.pb.h"

namespace gantry::console {

/// A unary call of the protocol: its path on the wire and its types. A test compares the paths with the .proto files.
template <class RequestType, class ReplyType> struct Method
{
    using Request = RequestType;
    using Reply = ReplyType;
    const char *path;
};

/// The unary calls the console makes; a new one is a new line here.
namespace method {
inline constexpr Method<v1::HostInfoRequest, v1::HostInfo> kHostInfo{"/gantry.v1.Host/Info"};
inline constexpr Method<v1::GetNodeRequest, v1::Node> kGetNode{"/gantry.v1.Inventory/Get"};
inline constexpr Method<v1::ListProcessesRequest, v1::ProcessList> kListProcesses{"/gantry.v1.Inventory/ListProcesses"};
inline constexpr Method<v1::ListNamespacesRequest, v1::NamespaceList> kListNamespaces{
    "/gantry.v1.Inventory/ListNamespaces"};
inline constexpr Method<v1::HistoryRequest, v1::HistoryReply> kHistory{"/gantry.v1.Metrics/History"};
inline constexpr Method<v1::ListLimitsRequest, v1::ListLimitsReply> kListLimits{"/gantry.v1.Control/ListLimits"};
inline constexpr Method<v1::SetLimitsRequest, v1::SetLimitsReply> kSetLimits{"/gantry.v1.Control/SetLimits"};
inline constexpr Method<v1::FreezeRequest, v1::FreezeReply> kFreeze{"/gantry.v1.Control/Freeze"};
inline constexpr Method<v1::FreezeRequest, v1::FreezeReply> kThaw{"/gantry.v1.Control/Thaw"};
inline constexpr Method<v1::KillRequest, v1::KillReply> kKill{"/gantry.v1.Control/Kill"};
inline constexpr Method<v1::SignalRequest, v1::SignalReply> kSignal{"/gantry.v1.Control/Signal"};
inline constexpr Method<v1::MoveProcessesRequest, v1::MoveProcessesReply> kMoveProcesses{
    "/gantry.v1.Control/MoveProcesses"};
inline constexpr Method<v1::CreateCgroupRequest, v1::CreateCgroupReply> kCreateCgroup{
    "/gantry.v1.Control/CreateCgroup"};
inline constexpr Method<v1::RemoveCgroupRequest, v1::RemoveCgroupReply> kRemoveCgroup{
    "/gantry.v1.Control/RemoveCgroup"};
inline constexpr Method<v1::SetControllersRequest, v1::SetControllersReply> kSetControllers{
    "/gantry.v1.Control/SetControllers"};
inline constexpr Method<v1::ReclaimRequest, v1::ReclaimReply> kReclaim{"/gantry.v1.Control/Reclaim"};
inline constexpr Method<v1::ContainerActionRequest, v1::ContainerActionReply> kActOnContainer{
    "/gantry.v1.Control/ActOnContainer"};
inline constexpr Method<v1::TailLogRequest, v1::LogTail> kTailLog{"/gantry.v1.Inventory/TailLog"};
inline constexpr Method<v1::ReadFilesRequest, v1::ReadFilesReply> kReadFiles{"/gantry.v1.Metrics/ReadFiles"};
inline constexpr Method<v1::OomdRequest, v1::OomdState> kOomd{"/gantry.v1.Host/Oomd"};
inline constexpr Method<v1::ListRulesRequest, v1::RuleList> kListRules{"/gantry.v1.Alerts/ListRules"};
inline constexpr Method<v1::SetRuleRequest, v1::AlertRule> kSetRule{"/gantry.v1.Alerts/SetRule"};
inline constexpr Method<v1::DeleteRuleRequest, v1::DeleteRuleReply> kDeleteRule{"/gantry.v1.Alerts/DeleteRule"};
inline constexpr Method<v1::AcknowledgeRequest, v1::AcknowledgeReply> kAcknowledge{"/gantry.v1.Alerts/Acknowledge"};
inline constexpr Method<v1::CancelJobRequest, v1::CancelJobReply> kCancelJob{"/gantry.v1.Jobs/Cancel"};
inline constexpr Method<v1::CheckRequest, v1::CheckReply> kCheck{"/gantry.v1.Checkpoint/Check"};
inline constexpr Method<v1::CreateCheckpointRequest, v1::CreateCheckpointReply> kCreateCheckpoint{
    "/gantry.v1.Checkpoint/Create"};
inline constexpr Method<v1::ListCheckpointsRequest, v1::ListCheckpointsReply> kListCheckpoints{
    "/gantry.v1.Checkpoint/List"};
inline constexpr Method<v1::SetScheduleRequest, v1::SetScheduleReply> kSetSchedule{"/gantry.v1.Schedules/Set"};
inline constexpr Method<v1::ListSchedulesRequest, v1::ListSchedulesReply> kListSchedules{"/gantry.v1.Schedules/List"};
inline constexpr Method<v1::RemoveScheduleRequest, v1::RemoveScheduleReply> kRemoveSchedule{
    "/gantry.v1.Schedules/Remove"};
inline constexpr Method<v1::ExpireRequest, v1::ExpireReply> kExpire{"/gantry.v1.Schedules/Expire"};
inline constexpr Method<v1::RestoreCheckpointRequest, v1::RestoreCheckpointReply> kRestoreCheckpoint{
    "/gantry.v1.Checkpoint/Restore"};
inline constexpr Method<v1::CopyCheckpointRequest, v1::CopyCheckpointReply> kCopyCheckpoint{
    "/gantry.v1.Checkpoint/Copy"};
inline constexpr Method<v1::UpdateCheckpointRequest, v1::UpdateCheckpointReply> kUpdateCheckpoint{
    "/gantry.v1.Checkpoint/Update"};
inline constexpr Method<v1::StoreStateRequest, v1::StoreStateReply> kStoreState{"/gantry.v1.Checkpoint/StoreState"};
inline constexpr Method<v1::UnlockStoreRequest, v1::UnlockStoreReply> kUnlockStore{"/gantry.v1.Checkpoint/UnlockStore"};
inline constexpr Method<v1::InitStoreRequest, v1::InitStoreReply> kInitStore{"/gantry.v1.Checkpoint/InitStore"};
inline constexpr Method<v1::CollectRequest, v1::CollectReply> kCollectCheckpoints{"/gantry.v1.Checkpoint/Collect"};
inline constexpr Method<v1::RemoveCheckpointRequest, v1::RemoveCheckpointReply> kRemoveCheckpoint{
    "/gantry.v1.Checkpoint/Remove"};
inline constexpr Method<v1::InspectRequest, v1::InspectReply> kInspectCheckpoint{"/gantry.v1.Checkpoint/Inspect"};
inline constexpr Method<v1::DiffRequest, v1::DiffReply> kDiffCheckpoints{"/gantry.v1.Checkpoint/Diff"};
} // namespace method

} // namespace gantry::console
