// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/convert_checkpoint.h"

#include <utility>

namespace gantry::service {

v1::CheckFinding::Severity toMessage(checkpoint::Severity severity)
{
    switch (severity) {
    case checkpoint::Severity::Info:
        return v1::CheckFinding::SEVERITY_INFO;
    case checkpoint::Severity::Warning:
        return v1::CheckFinding::SEVERITY_WARNING;
    case checkpoint::Severity::Error:
        return v1::CheckFinding::SEVERITY_ERROR;
    }
    std::unreachable();
}

v1::CheckFinding toMessage(const checkpoint::Finding &finding)
{
    v1::CheckFinding out;
    const checkpoint::CauseInfo &info = finding.info();
    out.set_severity(toMessage(info.severity));
    out.set_cause(std::string(info.name));
    out.set_object(finding.object);
    out.set_why(std::string(info.why));
    out.set_remedy(std::string(info.remedy));
    out.set_option(std::string(info.option));
    out.set_pid(finding.pid);
    return out;
}

} // namespace gantry::service
