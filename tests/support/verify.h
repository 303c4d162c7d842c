// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"

#include <QtTest>

#include <string>

namespace gantry::test {

/// What happened, as QVERIFY2 and comparisons with QByteArray want it. Thread: any.
[[nodiscard]] inline QByteArray text(const Error &error)
{
    return QByteArray::fromStdString(error.message());
}

/// For QVERIFY2. Thread: any.
template <class T> [[nodiscard]] std::string why(const Result<T> &result)
{
    return result ? std::string("it worked") : result.error().message();
}

} // namespace gantry::test

/// QVERIFY that a Result is good; tells its error.
#define GANTRY_VERIFY(result)                                                                                          \
    do {                                                                                                               \
        const auto &verified_ = (result);                                                                              \
        QVERIFY2(verified_.has_value(), gantry::test::why(verified_).c_str());                                         \
    } while (false)
