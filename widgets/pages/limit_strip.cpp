// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/limit_strip.h"

#include "engine/base/limit.h"
#include "engine/proto/convert.h"
#include "widgets/dialogs/confirm_dialog.h"
#include "widgets/style/theme.h"
#include "widgets/text/error_text.h"
#include "widgets/text/format.h"
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

/// "a → b (−33 %)" of one change; the old value where it cannot be told is an em dash.
QString changeText(const v1::LimitChange &change)
{
    const auto key = limitKeyByName(change.key());
    const auto fresh = valueOf(change.new_value());
    if (!key || !fresh)
        return text::utf8(change.key());
    const auto old = valueOf(change.old_value());
    if (old)
        return text::limitChange(*key, *old, *fresh);
    return LimitStrip::tr("%1: %2 → %3", "limit: old to new")
        .arg(text::utf8(change.key()), text::absent(), text::limitValue(*key, *fresh));
}

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
    v1::SetLimitsRequest dryRun = request;
    dryRun.set_dry_run(true);
    Q_EMIT previewRequested(dryRun);
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
    m_preview = reply;
    m_previewed = true;
    QStringList changes;
    for (const v1::LimitChange &change : reply.changes())
        changes << changeText(change);
    m_change->setText(changes.join(QStringLiteral("; ")));
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
    m_apply->setText(m_previewed && isDangerous(m_preview) ? tr("&Apply…") : tr("&Apply"));
}

QString LimitStrip::commandLine() const
{
    QStringList words{QStringLiteral("gantryctl"), QStringLiteral("set"), text::shellWord(m_path)};
    for (const v1::LimitSetting &setting : m_request.settings()) {
        const auto key = limitKeyByName(setting.key());
        const auto value = valueOf(setting.value());
        if (key && value)
            words << text::shellWord(
                QStringLiteral("%1=%2").arg(text::utf8(setting.key()), text::limitInput(*key, *value)));
    }
    return words.join(QLatin1Char(' '));
}

void LimitStrip::apply()
{
    v1::SetLimitsRequest request = m_request;
    request.set_dry_run(false);
    // The node of the preview: were it made again meanwhile, nothing is written.
    request.mutable_target()->set_node_id(m_preview.node_id());
    if (!isDangerous(m_preview)) {
        Q_EMIT applyRequested(request);
        return;
    }
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
    connect(dialog, &QDialog::accepted, this, [this, request] { Q_EMIT applyRequested(request); });
    dialog->open();
}

} // namespace gantry
