// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/filter_expression.h"

namespace gantry {

FilterExpression::FilterExpression(const QString &typed) : m_text(typed.trimmed())
{
    if (m_text.startsWith(QLatin1Char('!'))) {
        m_inverted = true;
        m_text = m_text.mid(1).trimmed();
    }
    if (m_text.size() < 3 || !m_text.startsWith(QLatin1Char('/')) || !m_text.endsWith(QLatin1Char('/')))
        return;
    m_regex = QRegularExpression(m_text.mid(1, m_text.size() - 2),
                                 QRegularExpression::CaseInsensitiveOption | QRegularExpression::MultilineOption);
    m_isRegex = m_regex.isValid();
}

bool FilterExpression::isEmpty() const
{
    return m_text.isEmpty();
}

bool FilterExpression::matches(const QString &text) const
{
    if (m_text.isEmpty())
        return true;
    const bool found = m_isRegex ? m_regex.match(text).hasMatch() : text.contains(m_text, Qt::CaseInsensitive);
    return found != m_inverted;
}

QString FilterExpression::problem() const
{
    return m_regex.isValid() ? QString() : m_regex.errorString();
}

} // namespace gantry
