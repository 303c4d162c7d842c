// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/findings.h"

#include "engine/base/strings.h"

#include <string>

namespace gantry::service {

v1::CheckFinding findingOf(v1::CheckFinding::Severity severity, std::string_view cause, std::string_view object,
                           std::string_view why, std::string_view remedy)
{
    v1::CheckFinding out;
    out.set_severity(severity);
    out.set_cause(std::string(cause));
    out.set_object(printable(object));
    out.set_why(printable(why));
    out.set_remedy(std::string(remedy));
    return out;
}

v1::CheckFinding findingOf(std::string_view cause, const Error &error)
{
    return findingOf(v1::CheckFinding::SEVERITY_ERROR, cause, error.subject,
                     error.detail.empty() ? error.message() : error.detail, error.remedy);
}

} // namespace gantry::service
