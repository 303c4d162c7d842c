// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/limit_strip.h"

#include "engine/base/limit.h"
#include "engine/proto/convert.h"
#include "widgets/dialogs/confirm_dialog.h"
#include "widgets/dialogs/limit_route_dialog.h"
#include "widgets/style/theme.h"
#include "widgets/text/error_text.h"
#include "widgets/text/format.h"
#include "widgets/text/limit_change_text.h"
#include "widgets/text/shell.h"
#include "widgets/text/warning_text.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

#include <utility>

namespace gantry {

namespace {

QStringList warnings(const v1::SetLimitsReply &preview)
{
    QStringList out;
    for (const v1::LimitChange &change : preview.changes()) {
        for (const v1::Warning &warning : change.warnings())
            out << text::warningSentence(warning, change.key());
    }
    return out;
}

bool isDangerous(const v1::SetLimitsReply &preview)
{
    return std::ranges::any_of(preview.changes(), [](const v1::LimitChange &change) {
        return std::ranges::any_of(change.warnings(), text::isDangerous);
    });
}

} // namespace

LimitStrip::LimitStrip(QWidget *parent)
    : QFrame(parent)
    , m_change(new QLabel(this))
    , m_effect(new QLabel(this))
    , m_apply(new QPushButton(tr("&Apply"), this))
    , m_revert(new QPushButton(tr("&Revert"), this))
    , m_copy(new QToolButton(this))
{
    setFrameShape(QFrame::StyledPanel);
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::AlternateBase);
    setAccessibleName(tr("Pending change of limits"));
    QFont bold = font();
    bold.setBold(true);
    m_change->setFont(bold);
    m_change->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_effect->setWordWrap(true);
    auto *texts = new QVBoxLayout;
    texts->setSpacing(2);
    texts->addWidget(m_change);
    texts->addWidget(m_effect);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(12, 8, 12, 8);
    layout->addLayout(texts, 1);
    layout->addWidget(m_copy);
    layout->addWidget(m_revert);
    layout->addWidget(m_apply);
    m_copy->setIcon(theme::icon(u"copy", palette()));
    m_copy->setAutoRaise(true);
    m_copy->setAccessibleName(tr("Copy the command line"));
    connect(m_copy, &QToolButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(commandLine()); });
    connect(m_apply, &QPushButton::clicked, this, &LimitStrip::apply);
    connect(m_revert, &QPushButton::clicked, this, &LimitStrip::revertOrDismiss);
    updateButtons();
    hide();
}

void LimitStrip::setPending(const v1::SetLimitsRequest &request)
{
    if (m_routeDialog) // its question is out of date
        m_routeDialog->reject();
    m_request = request;
    m_preview.Clear();
    m_previewed = false;
    if (request.settings_size() == 0) {
        setVisible(m_notRecorded);
        return;
    }
    m_notRecorded = false;
    show();
    QStringList parts;
    for (const v1::LimitSetting &setting : request.settings()) {
        const auto key = limitKeyByName(setting.key());
        const auto value = valueOf(setting.value());
        if (key && value)
            parts << tr("%1 → %2", "limit, new value").arg(text::utf8(setting.key()), text::limitValue(*key, *value));
    }
    m_change->setText(parts.join(QStringLiteral("; ")));
    showEffect(tr("Checking what it will do…"), v1::SEVERITY_NONE);
    updateButtons();
    askPreview();
}

void LimitStrip::askPreview()
{
    m_previewed = false;
    updateButtons();
    m_request.set_persistence(m_persistence);
    v1::SetLimitsRequest dryRun = m_request;
    dryRun.set_dry_run(true);
    Q_EMIT previewRequested(dryRun);
}

void LimitStrip::setPersistence(v1::Persistence persistence)
{
    if (persistence == m_persistence)
        return;
    m_persistence = persistence;
    if (m_request.settings_size() > 0 && !m_routeDialog)
        askPreview();
}

void LimitStrip::setDragText(const QString &text)
{
    m_request.Clear();
    m_preview.Clear();
    m_previewed = false;
    m_change->setText(text);
    m_notRecorded = false;
    showEffect(tr("Release to see what it will do; Esc takes it back."), v1::SEVERITY_NONE);
    setVisible(!text.isEmpty());
    updateButtons();
}

void LimitStrip::setPreview(const v1::SetLimitsReply &reply)
{
    if (m_request.settings_size() == 0)
        return; // reverted while the dry run was on its way
    if (m_routeDialog) {
        m_routeDialog->setPreview(reply);
        return;
    }
    m_preview = reply;
    m_previewed = true;
    m_change->setText(text::changesOf(reply));
    const QStringList facts = warnings(reply);
    if (facts.isEmpty())
        showEffect(tr("Takes effect at once; can be undone."), v1::SEVERITY_NONE);
    else
        showEffect(facts.join(QLatin1Char('\n')), isDangerous(reply) ? v1::SEVERITY_CRITICAL : v1::SEVERITY_WARNING);
    updateButtons();
}

void LimitStrip::setApplied(const v1::SetLimitsReply &reply)
{
    if (reply.not_recorded().empty())
        return;
    setPending({});
    m_notRecorded = true;
    m_change->setText(tr("Changed, but missing in the audit log: %1").arg(text::utf8(reply.cgroup_path())));
    showEffect(text::utf8(reply.not_recorded()), v1::SEVERITY_WARNING);
    updateButtons();
    show();
}

void LimitStrip::showEffect(const QString &text, v1::Severity severity)
{
    QPalette colors = palette();
    if (severity != v1::SEVERITY_NONE)
        colors.setColor(QPalette::WindowText, theme::severity(severity, palette()));
    m_effect->setPalette(colors);
    m_effect->setText(text);
}

void LimitStrip::setFailure(const v1::Failure &failure)
{
    if (m_routeDialog) {
        m_routeDialog->setFailure(failure);
        return;
    }
    m_previewed = false;
    showEffect(text::errorSentence(failure), v1::SEVERITY_CRITICAL);
    updateButtons();
}

void LimitStrip::setReadOnlyReason(const QString &reason)
{
    m_readOnlyReason = reason;
    updateButtons();
}

void LimitStrip::setCgroupPath(const QString &path)
{
    m_path = path;
}

void LimitStrip::revertOrDismiss()
{
    if (std::exchange(m_notRecorded, false))
        hide();
    else
        Q_EMIT revertRequested();
}

void LimitStrip::updateButtons()
{
    m_apply->setHidden(m_notRecorded);
    m_copy->setVisible(m_previewed);
    m_copy->setToolTip(tr("Copy the command line: %1").arg(commandLine()));
    m_revert->setText(m_notRecorded ? tr("Dismi&ss") : tr("&Revert"));
    m_revert->setIcon(m_notRecorded ? QIcon() : theme::icon(u"undo", palette()));
    m_apply->setEnabled(m_previewed && m_readOnlyReason.isEmpty());
    m_apply->setToolTip(m_readOnlyReason);
    const bool asks = m_previewed && (isDangerous(m_preview) || LimitRouteDialog::isNeededFor(m_preview));
    m_apply->setText(asks ? tr("&Apply…") : tr("&Apply"));
}

QString LimitStrip::commandLine() const
{
    v1::SetLimitsRequest request = m_request;
    // Where no manager keeps a value there is nothing to choose.
    if (!LimitRouteDialog::isNeededFor(m_preview))
        request.clear_persistence();
    return text::setLimitsCommand(m_path, request);
}

void LimitStrip::apply()
{
    if (LimitRouteDialog::isNeededFor(m_preview)) {
        askRoute();
        return;
    }
    if (isDangerous(m_preview)) {
        askDangerous();
        return;
    }
    Q_EMIT applyRequested(realRequest());
}

v1::SetLimitsRequest LimitStrip::realRequest() const
{
    v1::SetLimitsRequest request = m_request;
    request.set_dry_run(false);
    // The node of the preview: were it made again meanwhile, nothing is written.
    request.mutable_target()->set_node_id(m_preview.node_id());
    return request;
}

void LimitStrip::askRoute()
{
    m_routeDialog = new LimitRouteDialog(m_request, m_preview, this);
    m_routeDialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(m_routeDialog, &LimitRouteDialog::previewRequested, this, &LimitStrip::previewRequested);
    connect(m_routeDialog, &QDialog::finished, this, [this, dialog = m_routeDialog.data()](int result) {
        m_routeDialog.clear();
        if (result == QDialog::Accepted)
            Q_EMIT applyRequested(dialog->request());
        else
            askPreview(); // a dry run of the dialog may still be on its way
    });
    m_routeDialog->open();
}

void LimitStrip::askDangerous()
{
    Confirmation question;
    question.grade = Confirmation::Grade::Danger;
    question.title = tr("Apply limits");
    question.question = m_change->text();
    question.acceptText = tr("Apply all the same");
    question.objects = {{m_path, 0, false}};
    question.warnings = warnings(m_preview);
    question.commandLine = commandLine();
    auto *dialog = new ConfirmDialog(question, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, request = realRequest()] { Q_EMIT applyRequested(request); });
    dialog->open();
}

} // namespace gantry
