// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/proto/calls.h"

#include "gantry/v1/alerts.pb.h"
#include "gantry/v1/checkpoint.pb.h"
#include "gantry/v1/control.pb.h"
#include "gantry/v1/fork.pb.h"
#include "gantry/v1/group.pb.h"
#include "gantry/v1/host.pb.h"
#include "gantry/v1/inventory.pb.h"
#include "gantry/v1/jobs.pb.h"
#include "gantry/v1/launch.pb.h"
#include "gantry/v1/metrics.pb.h"
#include "gantry/v1/migration.pb.h"
#include "gantry/v1/schedules.pb.h"
#include "gantry/v1/transfer.pb.h"

#include <algorithm>

namespace gantry {

namespace {

/// A message of each file that has a service.
template <class... Messages> std::vector<std::string> callsBeside()
{
    std::vector<std::string> out;
    for (const google::protobuf::Descriptor *message : {Messages::descriptor()...}) {
        const google::protobuf::FileDescriptor &file = *message->file();
        for (int i = 0; i < file.service_count(); ++i) {
            const google::protobuf::ServiceDescriptor &service = *file.service(i);
            for (int j = 0; j < service.method_count(); ++j)
                out.push_back(service.name() + "/" + service.method(j)->name());
        }
    }
    std::ranges::sort(out);
    return out;
}

} // namespace

std::vector<std::string> knownCalls()
{
    return callsBeside<v1::AlertRule, v1::CheckRequest, v1::FreezeRequest, v1::ForkProfile, v1::GroupOrder,
                       v1::HelloReply, v1::Node, v1::Job, v1::RunRequest, v1::ReadRequest, v1::MigrationFrame,
                       v1::Schedule, v1::ExportRequest>();
}

std::vector<std::string> missingCalls(const v1::HelloReply &hello)
{
    std::vector<std::string> there(hello.calls().begin(), hello.calls().end());
    std::ranges::sort(there);
    std::vector<std::string> out;
    if (!there.empty())
        std::ranges::set_difference(knownCalls(), there, std::back_inserter(out));
    return out;
}

} // namespace gantry
