// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QRegularExpression>
#include <QString>

namespace gantry {

/// What a user typed into a filter field: plain text (case-insensitive substring), a regular expression between
/// slashes ("/^web-\d+/"), and either inverted by a leading "!". An expression that does not parse matches as text.
class FilterExpression
{
public:
    FilterExpression() = default;
    explicit FilterExpression(const QString &typed);

    [[nodiscard]] bool isEmpty() const;
    [[nodiscard]] bool matches(const QString &text) const;
    /// Why the regular expression is not one; empty when all is well.
    [[nodiscard]] QString problem() const;

private:
    QString m_text;
    QRegularExpression m_regex;
    bool m_isRegex = false;
    bool m_inverted = false;
};

} // namespace gantry
