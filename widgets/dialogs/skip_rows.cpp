// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/skip_rows.h"

#include "widgets/text/format.h"

#include <QCheckBox>
#include <QVBoxLayout>

#include <algorithm>

namespace gantry {

SkipRows::SkipRows(QWidget *parent) : QWidget(parent), m_rows(new QVBoxLayout(this))
{
    m_rows->setContentsMargins(0, 0, 0, 0);
    hide();
}

void SkipRows::setFindings(const std::vector<v1::CheckFinding> &findings)
{
    std::erase_if(m_boxes, [&findings](QCheckBox *box) {
        const bool isGone = std::ranges::none_of(findings, [box](const v1::CheckFinding &one) {
            return one.severity() == v1::CheckFinding::SEVERITY_WARNING && text::utf8(one.cause()) == box->objectName();
        });
        if (isGone)
            box->deleteLater();
        return isGone;
    });
    for (const v1::CheckFinding &one : findings) {
        const QString cause = text::utf8(one.cause());
        const bool known =
            std::ranges::any_of(m_boxes, [&cause](QCheckBox *box) { return box->objectName() == cause; });
        if (one.severity() != v1::CheckFinding::SEVERITY_WARNING || known)
            continue;
        auto *box = new QCheckBox(tr("Go on in spite of: %1", "name of a check").arg(cause), this);
        box->setObjectName(cause);
        box->setToolTip(text::utf8(one.why()));
        connect(box, &QCheckBox::toggled, this, &SkipRows::changed);
        m_rows->addWidget(box);
        m_boxes.push_back(box);
    }
    setVisible(!m_boxes.empty());
}

QStringList SkipRows::skipped() const
{
    QStringList out;
    for (const QCheckBox *box : m_boxes) {
        if (box->isChecked())
            out << box->objectName();
    }
    return out;
}

bool SkipRows::allSkipped() const
{
    return std::ranges::all_of(m_boxes, [](const QCheckBox *box) { return box->isChecked(); });
}

} // namespace gantry
