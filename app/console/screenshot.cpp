// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/screenshot.h"

#include <QCoreApplication>
#include <QImageWriter>
#include <QPixmap>
#include <QTextStream>

#include "app/console/main_window.h"
#include "app/console/status_line.h"

#include <chrono>

namespace gantry::console {

namespace {
/// How long the engine may take to bring the first frame.
constexpr std::chrono::seconds kPatience{30};
} // namespace

void tellMissingPage(const MainWindow &window, const QString &page)
{
    if (const QString sentence = window.missingPage(page); !sentence.isEmpty())
        QTextStream(stderr) << QStringLiteral("gantry: ") << sentence << Qt::endl;
}

Screenshot::Screenshot(MainWindow &window, const HostClient &client, const Options &options)
    : m_window(window), m_client(client), m_file(options.screenshotFile), m_page(options.page)
{
    m_after.setSingleShot(true);
    m_after.setInterval(static_cast<int>(options.afterSeconds * 1'000));
    connect(&m_after, &QTimer::timeout, this, &Screenshot::shoot);
    connect(
        &client, &HostClient::frameArrived, this,
        [this] {
            if (!m_after.isActive())
                m_after.start();
            m_deadline.stop();
        },
        Qt::SingleShotConnection);
    m_deadline.setSingleShot(true);
    connect(&m_deadline, &QTimer::timeout, this, [this] {
        giveUp(tr("no data arrived within %1 s. %2").arg(kPatience.count()).arg(linkSentence(m_client)));
    });
    m_deadline.start(kPatience);
    connect(&window, &MainWindow::selectFailed, this, &Screenshot::giveUp);
}

void Screenshot::shoot()
{
    if (const QString missing = m_window.waitingFor(); !missing.isEmpty()) {
        giveUp(tr("there is no cgroup %1.").arg(missing));
        return;
    }
    tellMissingPage(m_window, m_page);
    QImageWriter writer(m_file, "png");
    if (!writer.write(m_window.grab().toImage())) {
        giveUp(tr("%1 was not written: %2.").arg(m_file, writer.errorString()));
        return;
    }
    QCoreApplication::exit(0);
}

void Screenshot::giveUp(const QString &reason)
{
    m_after.stop();
    m_deadline.stop();
    QTextStream(stderr) << tr("gantry: no screenshot: %1").arg(reason) << Qt::endl;
    QCoreApplication::exit(1);
}

} // namespace gantry::console
