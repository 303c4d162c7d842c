// SPDX-License-Identifier: GPL-3.0-or-later
// What a peer sends becomes values of ours, or an error: never an assert.
#include "engine/alerts/rules.h"
#include "engine/proto/convert.h"
#include "engine/service/convert_alerts.h"
#include "engine/service/convert_control.h"
#include "engine/service/status.h"
#include "tests/fuzz/fuzz_input.h"

#include <google/protobuf/stubs/logging.h>

using namespace gantry;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    // protobuf tells of each text that is no UTF-8; here that is no news.
    static const auto kQuiet = google::protobuf::SetLogHandler(nullptr);
    (void)kQuiet;
    const std::string bytes(fuzz::textOf(data, size));
    if (v1::SetLimitsRequest request; request.ParseFromString(bytes)) {
        if (const auto settings = service::settingsOf(request.settings())) {
            for (const control::LimitSetting &setting : *settings)
                fuzz::require(fromMessage(setting.key, toMessage(setting.value)) == setting.value);
        }
    }
    if (v1::SignalRequest request; request.ParseFromString(bytes))
        (void)service::processesOf(request.processes());
    if (v1::AlertRule message; message.ParseFromString(bytes)) {
        auto rule = service::fromMessage(message);
        if (rule && alerts::checkRule(*rule)) {
            rule->builtIn = false; // is not kept
            const auto again = service::fromMessage(service::toMessage(*rule));
            fuzz::require(again && *again == *rule);
            // A rule that was taken must not make the file of rules unreadable.
            const auto kept = alerts::parseRules(alerts::formatRules({*rule}));
            fuzz::require(kept && kept->size() == 1 && kept->front() == *rule);
        }
    }
    (void)service::errorFrom(grpc::Status(grpc::StatusCode::INTERNAL, bytes, bytes));
    return 0;
}
