// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/finding_view.h"

#include "widgets/style/theme.h"
#include "widgets/text/format.h"

#include <QCoreApplication>
#include <QUrl>

namespace gantry {

namespace {

constexpr int kSign = 16;

v1::Severity signOf(v1::CheckFinding::Severity severity)
{
    switch (severity) {
    case v1::CheckFinding::SEVERITY_ERROR:
        return v1::SEVERITY_CRITICAL;
    case v1::CheckFinding::SEVERITY_WARNING:
        return v1::SEVERITY_WARNING;
    default:
        return v1::SEVERITY_NONE;
    }
}

QString severityWord(v1::CheckFinding::Severity severity)
{
    switch (severity) {
    case v1::CheckFinding::SEVERITY_ERROR:
        return FindingView::tr("In the way");
    case v1::CheckFinding::SEVERITY_WARNING:
        return FindingView::tr("Caution");
    default:
        return FindingView::tr("Taken care of");
    }
}

/// A sentence of the engine's table of causes, in the console's language.
QString sentence(const std::string &english)
{
    return english.empty() ? QString() : QCoreApplication::translate("Causes", english.c_str());
}

QString htmlOf(const v1::CheckFinding &finding)
{
    QString sentences = sentence(finding.why()).toHtmlEscaped();
    if (!finding.remedy().empty())
        sentences += QStringLiteral("<br><b>%1</b>").arg(sentence(finding.remedy()).toHtmlEscaped());
    if (!finding.option().empty())
        sentences += QStringLiteral("<br>") +
                     FindingView::tr("CRIU gets --%1.").arg(text::utf8(finding.option())).toHtmlEscaped();
    return QStringLiteral("<table cellpadding='3'><tr><td><img src='sign:%1'></td><td>%2: <code>%3</code><br>%4</td>"
                          "</tr></table>")
        .arg(static_cast<int>(signOf(finding.severity())))
        .arg(severityWord(finding.severity()).toHtmlEscaped(), text::utf8(finding.object()).toHtmlEscaped(), sentences);
}

} // namespace

FindingView::FindingView(QWidget *parent) : QTextBrowser(parent)
{
    setAccessibleName(tr("What was found"));
    setOpenLinks(false);
}

void FindingView::setFindings(const std::vector<v1::CheckFinding> &findings, const QString &nothing)
{
    QString html;
    for (const v1::CheckFinding &finding : findings)
        html += htmlOf(finding);
    if (html.isEmpty())
        html = nothing.toHtmlEscaped();
    for (const v1::Severity severity : {v1::SEVERITY_NONE, v1::SEVERITY_WARNING, v1::SEVERITY_CRITICAL})
        document()->addResource(QTextDocument::ImageResource,
                                QUrl(QStringLiteral("sign:%1").arg(static_cast<int>(severity))),
                                theme::severityIcon(severity, palette()).pixmap(kSign));
    setHtml(html);
}

} // namespace gantry
