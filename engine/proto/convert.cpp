// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/proto/convert.h"

#include <utility>

namespace gantry {

namespace {

using Rate = v1::LimitValue::IoMax::Rate;

void setRate(const std::optional<Limit<std::uint64_t>> &rate, Rate *(v1::LimitValue::IoMax::*slot)(),
             v1::LimitValue::IoMax &out)
{
    if (!rate)
        return;
    if (*rate)
        (out.*slot)()->set_per_second(**rate);
    else
        (out.*slot)()->mutable_max();
}

std::optional<Limit<std::uint64_t>> rateOf(bool has, const Rate &rate)
{
    if (!has || rate.kind_case() == Rate::KIND_NOT_SET)
        return std::nullopt;
    return rate.has_max() ? Limit<std::uint64_t>{} : Limit<std::uint64_t>{rate.per_second()};
}

} // namespace

v1::LimitValue toMessage(const LimitValue &value)
{
    v1::LimitValue out;
    if (std::holds_alternative<Unlimited>(value)) {
        out.mutable_max();
    } else if (const auto *number = std::get_if<std::uint64_t>(&value)) {
        out.set_number(*number);
    } else if (const auto *cpu = std::get_if<CpuMax>(&value)) {
        if (cpu->quota)
            out.mutable_cpu_max()->set_quota_usec(cpu->quota->count());
        else
            out.mutable_cpu_max()->mutable_max();
        out.mutable_cpu_max()->set_period_usec(cpu->period.count());
    } else if (const auto *text = std::get_if<std::string>(&value)) {
        out.set_text(printable(*text));
    } else {
        out.mutable_io_max();
        for (const IoMax &io : std::get<std::vector<IoMax>>(value)) {
            v1::LimitValue::IoMax &device = *out.mutable_io_max()->add_devices();
            device.mutable_device()->set_major(io.device.major);
            device.mutable_device()->set_minor(io.device.minor);
            setRate(io.rbps, &v1::LimitValue::IoMax::mutable_rbps, device);
            setRate(io.wbps, &v1::LimitValue::IoMax::mutable_wbps, device);
            setRate(io.riops, &v1::LimitValue::IoMax::mutable_riops, device);
            setRate(io.wiops, &v1::LimitValue::IoMax::mutable_wiops, device);
        }
    }
    return out;
}

std::optional<LimitValue> valueOf(const v1::LimitValue &message)
{
    switch (message.kind_case()) {
    case v1::LimitValue::kMax:
        return Unlimited{};
    case v1::LimitValue::kNumber:
        return message.number();
    case v1::LimitValue::kCpuMax: {
        const v1::LimitValue::CpuMax &cpu = message.cpu_max();
        if (cpu.quota_case() == v1::LimitValue::CpuMax::QUOTA_NOT_SET)
            return std::nullopt;
        CpuMax out;
        if (cpu.has_quota_usec())
            out.quota = Micros(cpu.quota_usec());
        out.period = Micros(cpu.period_usec());
        return out;
    }
    case v1::LimitValue::kIoMax: {
        std::vector<IoMax> out;
        for (const v1::LimitValue::IoMax &io : message.io_max().devices()) {
            IoMax device;
            device.device = {io.device().major(), io.device().minor()};
            device.rbps = rateOf(io.has_rbps(), io.rbps());
            device.wbps = rateOf(io.has_wbps(), io.wbps());
            device.riops = rateOf(io.has_riops(), io.riops());
            device.wiops = rateOf(io.has_wiops(), io.wiops());
            out.push_back(device);
        }
        return out;
    }
    case v1::LimitValue::kText:
        return message.text();
    case v1::LimitValue::KIND_NOT_SET:
        break;
    }
    return std::nullopt;
}

Result<LimitValue> fromMessage(LimitKey key, const v1::LimitValue &message)
{
    std::optional<LimitValue> value = valueOf(message);
    if (!value)
        return fail(EINVAL, "set", limitInfo(key).name, "the request carries no value");
    // cpu.max "max" may come as the plain word.
    if (key == LimitKey::CpuMax && std::holds_alternative<Unlimited>(*value))
        value = CpuMax{};
    GANTRY_CHECK(checkLimitValue(key, *value));
    return *std::move(value);
}

v1::Failure toMessage(const Error &error)
{
    v1::Failure out;
    out.set_posix_errno(error.posix());
    out.set_operation(error.op);
    out.set_subject(printable(error.subject));
    out.set_detail(printable(error.detail));
    out.set_remedy(error.remedy);
    return out;
}

Error fromMessage(const v1::Failure &message)
{
    return Error{std::error_code(message.posix_errno(), std::generic_category()), message.operation(),
                 message.subject(), message.detail(), message.remedy()};
}

} // namespace gantry
