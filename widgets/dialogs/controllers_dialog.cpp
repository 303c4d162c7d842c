// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/controllers_dialog.h"

#include "widgets/dialogs/command_line.h"
#include "widgets/dialogs/dialog_buttons.h"
#include "widgets/dialogs/warning_list.h"
#include "widgets/text/error_text.h"
#include "widgets/text/format.h"
#include "widgets/text/shell.h"
#include "widgets/text/warning_text.h"

#include <QCheckBox>
#include <QDialogButtonBox>
#include <QGridLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

#include <cerrno>

namespace gantry {

namespace {

constexpr int kColumns = 3;

} // namespace

ControllersDialog::ControllersDialog(std::uint64_t nodeId, const QString &path,
                                     const std::vector<std::string> &available, const std::vector<std::string> &enabled,
                                     QWidget *parent)
    : QDialog(parent)
    , m_nodeId(nodeId)
    , m_path(path)
    , m_leaf(new QCheckBox(this))
    , m_warnings(new WarningList(this))
    , m_problem(paragraph({}, this))
    , m_command(new CommandLine({}, this))
{
    setWindowTitle(tr("Controllers"));
    setMinimumWidth(fontMetrics().averageCharWidth() * 100);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 12);
    layout->setSpacing(10);
    layout->addWidget(paragraph(tr("Controllers that count and limit each cgroup directly below %1:").arg(path), this));
    addRows(available, enabled);
    m_leaf->hide();
    layout->addWidget(m_leaf);
    layout->addWidget(m_warnings);
    layout->addWidget(m_problem);
    layout->addWidget(m_command);
    layout->addStretch(1);
    m_accept = addDialogButtons(*this, tr("&Set"));
    m_cancel = findChild<QDialogButtonBox *>()->button(QDialogButtonBox::Cancel);
    connect(m_leaf, &QCheckBox::clicked, this, [this] { ask(m_leaf->isChecked()); });
    choose();
}

void ControllersDialog::addRows(const std::vector<std::string> &available, const std::vector<std::string> &enabled)
{
    auto *grid = new QGridLayout;
    grid->setHorizontalSpacing(24);
    for (const std::string &name : available) {
        const bool isEnabled = std::ranges::find(enabled, name) != enabled.end();
        auto *box = new QCheckBox(text::utf8(name), this);
        box->setChecked(isEnabled);
        connect(box, &QCheckBox::clicked, this, &ControllersDialog::choose);
        const int at = static_cast<int>(m_rows.size());
        grid->addWidget(box, at / kColumns, at % kColumns);
        m_rows.push_back({name, isEnabled, box});
    }
    grid->setColumnStretch(kColumns, 1);
    auto *layout = static_cast<QVBoxLayout *>(this->layout());
    layout->addLayout(grid);
    auto *hint = paragraph(m_rows.empty() ? tr("None is available here: enable them in the cgroup above first.")
                                          : tr("What is not listed has to be enabled in the cgroup above first."),
                           this);
    hint->setForegroundRole(QPalette::PlaceholderText);
    layout->addWidget(hint);
}

QCheckBox *ControllersDialog::box(const std::string &controller) const
{
    const auto row = std::ranges::find(m_rows, controller, &Row::name);
    return row == m_rows.end() ? nullptr : row->box;
}

v1::SetControllersRequest ControllersDialog::request() const
{
    v1::SetControllersRequest out;
    out.mutable_target()->set_node_id(m_nodeId);
    for (const Row &row : m_rows) {
        if (row.box->isChecked() != row.wasEnabled)
            row.wasEnabled ? out.add_disable(row.name) : out.add_enable(row.name);
    }
    out.set_make_leaf(!m_leaf->isHidden() && m_leaf->isChecked());
    return out;
}

bool ControllersDialog::isChanged() const
{
    return std::ranges::any_of(m_rows, [](const Row &row) { return row.box->isChecked() != row.wasEnabled; });
}

void ControllersDialog::choose()
{
    // Whether a leaf is needed is another question for each choice; that it is wanted stays.
    m_refusal.Clear();
    ask(!m_leaf->isHidden() && m_leaf->isChecked());
}

void ControllersDialog::ask(bool makeLeaf)
{
    m_probesLeaf = false;
    if (!isChanged()) {
        m_leaf->hide();
        showState({}, {});
        m_accept->setEnabled(false);
        return;
    }
    m_accept->setEnabled(false); // until the dry run has said what this does
    v1::SetControllersRequest dryRun = request();
    dryRun.set_make_leaf(makeLeaf);
    dryRun.set_dry_run(true);
    Q_EMIT previewRequested(dryRun);
}

void ControllersDialog::setPreview(const v1::SetControllersReply &reply)
{
    if (!isChanged())
        return; // taken back while the dry run was on its way
    if (std::exchange(m_probesLeaf, false) && !reply.leaf_path().empty()) {
        offerLeaf(reply);
        return;
    }
    if (reply.leaf_path().empty())
        m_leaf->hide();
    QStringList warnings;
    for (const v1::Warning &warning : reply.warnings())
        warnings << text::warningSentence(warning);
    showState({}, warnings);
}

void ControllersDialog::offerLeaf(const v1::SetControllersReply &reply)
{
    m_leaf->setText(tr("&Make %1 and move the %n process(es) there", nullptr, static_cast<int>(reply.moved_processes()))
                        .arg(text::utf8(reply.leaf_path())));
    m_leaf->setChecked(false);
    m_leaf->show();
    showState(tr("%1 has %n process(es) of its own: cgroup v2 lets a cgroup have either processes or controllers for "
                 "those below.",
                 nullptr, static_cast<int>(reply.moved_processes()))
                  .arg(m_path),
              {});
}

void ControllersDialog::setFailure(const v1::Failure &failure)
{
    if (!isChanged())
        return;
    const bool mayNeedLeaf = failure.posix_errno() == EBUSY && !m_probesLeaf && !request().make_leaf();
    if (mayNeedLeaf) {
        // EBUSY has other reasons, too: a child that uses the controller. The engine knows which.
        m_refusal = failure;
        v1::SetControllersRequest dryRun = request();
        dryRun.set_make_leaf(true);
        dryRun.set_dry_run(true);
        m_probesLeaf = true;
        Q_EMIT previewRequested(dryRun);
        return;
    }
    m_leaf->hide();
    showState(text::errorSentence(std::exchange(m_probesLeaf, false) ? m_refusal : failure), {});
}

void ControllersDialog::showState(const QString &problem, const QStringList &warnings)
{
    m_warnings->setWarnings(warnings);
    m_problem->setHidden(problem.isEmpty());
    showProblem(*m_problem, *m_accept, problem);
    m_command->setLine(commandLine());
    // Limits that children lose with a controller do not come back with it.
    const bool takesAway = request().disable_size() > 0;
    m_accept->setAutoDefault(!takesAway);
    m_cancel->setAutoDefault(takesAway);
    (takesAway ? m_cancel : m_accept)->setDefault(true);
    growToFit(*this);
}

QString ControllersDialog::commandLine() const
{
    if (!isChanged())
        return {};
    const v1::SetControllersRequest wish = request();
    QStringList words{QStringLiteral("gantryctl"), QStringLiteral("controllers"), text::shellWord(m_path)};
    for (const std::string &name : wish.enable())
        words << u'+' + text::utf8(name);
    for (const std::string &name : wish.disable())
        words << u'-' + text::utf8(name);
    if (wish.make_leaf())
        words << QStringLiteral("--make-leaf");
    return words.join(u' ');
}

} // namespace gantry
