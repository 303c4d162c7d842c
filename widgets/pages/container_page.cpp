// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/container_page.h"

#include "widgets/dialogs/warning_list.h"
#include "widgets/pages/facts_view.h"
#include "widgets/pages/log_view.h"
#include "widgets/style/theme.h"
#include "widgets/text/container_text.h"
#include "widgets/text/format.h"

#include <QClipboard>
#include <QDateTime>
#include <QEvent>
#include <QGuiApplication>
#include <QSplitter>
#include <QVBoxLayout>

namespace gantry {

ContainerPage::ContainerPage(QWidget *parent)
    : QWidget(parent)
    , m_problem(new WarningList(this))
    , m_facts(new FactsView(tr("Facts of the container"), this))
    , m_log(new LogView(this))
{
    auto *splitter = new QSplitter(Qt::Vertical, this);
    splitter->addWidget(m_facts);
    splitter->addWidget(m_log);
    splitter->setStretchFactor(0, 3);
    splitter->setStretchFactor(1, 2);
    splitter->setChildrenCollapsible(false);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 8, 12, 12);
    layout->addWidget(m_problem);
    layout->addWidget(splitter, 1);
    connect(m_facts, &QTextBrowser::anchorClicked, this, &ContainerPage::follow);
}

void ContainerPage::setContainer(const v1::Node &node, const v1::HostInfo &host, const QString &cgroupPath)
{
    const bool isAnother = node.id() != m_node.id();
    m_node = node;
    m_host = host;
    m_cgroupPath = cgroupPath;
    showFacts();
    if (isAnother)
        m_facts->rewind();
}

QStringList ContainerPage::warnings() const
{
    return m_problem->warnings();
}

void ContainerPage::showFacts()
{
    const QString problem = text::containerProblem(m_node);
    m_problem->setWarnings(problem.isEmpty() ? QStringList() : QStringList{problem});
    m_facts->setFacts(text::containerFacts(m_node, {text::runtimeVersion(m_host, m_node.container()), m_cgroupPath,
                                                    QDateTime::currentMSecsSinceEpoch() * 1'000,
                                                    theme::muted(palette())}));
}

void ContainerPage::follow(const QUrl &link)
{
    if (link.toString() == QLatin1String(text::kJumpCgroupLink)) {
        Q_EMIT jumpRequested(m_cgroupPath);
        return;
    }
    QGuiApplication::clipboard()->setText(text::utf8(m_node.container().id()));
    Q_EMIT copied(tr("The id was copied."));
}

void ContainerPage::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        showFacts();
}

} // namespace gantry
