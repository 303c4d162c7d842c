// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/bulk_migrate_dialog.h"

#include "widgets/dialogs/command_line.h"
#include "widgets/dialogs/dialog_buttons.h"
#include "widgets/dialogs/finding_view.h"
#include "widgets/style/table_style.h"
#include "widgets/style/theme.h"
#include "widgets/text/format.h"
#include "widgets/text/shell.h"

#include <QCheckBox>
#include <QFormLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSpinBox>
#include <QTreeWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <set>

namespace gantry {

namespace {

constexpr int kMostAtATime = 16;
constexpr auto kPlaceOfName = "{}";
enum BulkColumn { NameColumn, HostColumn, FoundColumn };

/// Worst first.
int rankOf(v1::Severity sign)
{
    return sign == v1::SEVERITY_CRITICAL ? 0 : sign == v1::SEVERITY_WARNING ? 1 : 2;
}

} // namespace

BulkMigrateDialog::BulkMigrateDialog(const MigrationHost &source, std::vector<BulkItem> items,
                                     std::vector<MigrationHost> hosts, const std::vector<HostKey> &wanted, bool all,
                                     BulkPlacer placer, QWidget *parent)
    : QDialog(parent)
    , m_source(source)
    , m_items(std::move(items))
    , m_hosts(std::move(hosts))
    , m_placer(std::move(placer))
    , m_all(all)
    , m_hostList(new QListWidget(this))
    , m_name(new QLineEdit(QLatin1String(kPlaceOfName), this))
    , m_rounds(new QSpinBox(this))
    , m_parallel(new QSpinBox(this))
    , m_keep(new QCheckBox(tr("&Keep their files and logs here, stopped"), this))
    , m_timeline(new QCheckBox(tr("&Take their checkpoints along"), this))
    , m_stop(new QCheckBox(tr("After one that &fails begin no other"), this))
    , m_verdict(paragraph({}, this))
    , m_table(new QTreeWidget(this))
    , m_findings(new FindingView(this))
    , m_skips(new SkipRows(this))
    , m_command(new CommandLine({}, this))
{
    const int count = static_cast<int>(m_items.size());
    setWindowTitle(m_all ? tr("Evacuate %1", "host").arg(source.name) : tr("Migrate %n container(s)", nullptr, count));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 12);
    layout->setSpacing(8);
    layout->addWidget(
        paragraph(tr("Each goes on running on another host, with its memory and its files, or stays on %1 "
                     "unharmed. What cannot go is left out.")
                      .arg(source.name),
                  this));
    buildOptions(wanted);
    layout->addWidget(m_verdict);
    m_table->setHeaderLabels({tr("Container"), tr("Goes to"), tr("What was found")});
    m_table->setRootIsDecorated(false);
    m_table->setAccessibleName(tr("Containers"));
    m_table->header()->setStretchLastSection(true);
    TableStyle::applyTo(*m_table);
    layout->addWidget(m_table, 2);
    layout->addWidget(m_findings, 1);
    layout->addWidget(m_skips);
    layout->addWidget(m_command);
    m_accept = addDialogButtons(*this, tr("&Migrate", "button"));
    connect(m_table, &QTreeWidget::currentItemChanged, this, &BulkMigrateDialog::showFindings);
    connect(m_skips, &SkipRows::changed, this, &BulkMigrateDialog::showAnswers);
    connect(m_hostList, &QListWidget::itemChanged, this, &BulkMigrateDialog::start);
    connect(m_name, &QLineEdit::textChanged, this, &BulkMigrateDialog::start);
    for (QSpinBox *box : {m_rounds, m_parallel})
        connect(box, &QSpinBox::valueChanged, this, &BulkMigrateDialog::showCommand);
    for (QCheckBox *box : {m_keep, m_timeline, m_stop})
        connect(box, &QCheckBox::toggled, this, &BulkMigrateDialog::showCommand);
    resize(fontMetrics().averageCharWidth() * 110, fontMetrics().height() * 38);
    m_hostList->setFocus();
}

void BulkMigrateDialog::buildOptions(const std::vector<HostKey> &wanted)
{
    auto *form = new QFormLayout;
    for (const MigrationHost &one : m_hosts) {
        auto *row = new QListWidgetItem(
            one.problem.isEmpty() ? one.name : QStringLiteral("%1: %2").arg(one.name, one.problem), m_hostList);
        const bool isWanted = wanted.empty() || std::ranges::find(wanted, one.key) != wanted.end();
        row->setCheckState(isWanted && one.problem.isEmpty() ? Qt::Checked : Qt::Unchecked);
        row->setToolTip(one.problem);
        if (!one.problem.isEmpty())
            row->setFlags(Qt::ItemIsSelectable);
    }
    constexpr int kMostRows = 4;
    const int rows = std::clamp(m_hostList->count(), 2, kMostRows);
    m_hostList->setFixedHeight(rows * (fontMetrics().height() + 8) + 2 * m_hostList->frameWidth());
    m_hostList->setAccessibleName(tr("Hosts"));
    m_hostList->setToolTip(tr("Of several, each goes to the one with most free memory that it can go to."));
    m_name->setToolTip(tr("{} is its name here."));
    m_rounds->setRange(0, MigrationOptions::kMostRounds);
    m_rounds->setValue(MigrationOptions::kUsualRounds);
    m_parallel->setRange(1, kMostAtATime);
    m_parallel->setToolTip(tr("Those that go at the same time share the network and the disks, so that each stands "
                              "still for longer."));
    form->addRow(tr("&Hosts:"), m_hostList);
    form->addRow(tr("&Names there:"), m_name);
    auto *often = new QFormLayout;
    often->addRow(tr("&Rounds beforehand:"), m_rounds);
    often->addRow(tr("&At the same time:"), m_parallel);
    auto *how = new QFormLayout;
    m_transport = new TransportRows(*how, m_source.name, this);
    auto *columns = new QHBoxLayout; // the table is what one looks at
    columns->addLayout(often, 1);
    columns->addSpacing(fontMetrics().averageCharWidth() * 4);
    columns->addLayout(how, 2);
    auto *boxes = new QGridLayout;
    boxes->addWidget(m_keep, 0, 0);
    boxes->addWidget(m_timeline, 0, 1);
    boxes->addWidget(m_stop, 1, 0);
    boxes->setColumnStretch(1, 1);
    m_transport->limitBox()->setToolTip(tr("Of each no more than this is sent a second, also while it stands still."));
    connect(m_transport, &TransportRows::changed, this, &BulkMigrateDialog::showCommand);
    m_timeline->setToolTip(
        tr("Once one runs there its checkpoints are copied, so that its time line there has its past. Pages that are "
           "there already are not sent again. The copies on %1 stay; should this fail, it runs there all the same.")
            .arg(m_source.name));
    const bool named = std::ranges::any_of(m_items, [](const BulkItem &one) { return !one.name.isEmpty(); });
    form->labelForField(m_name)->setVisible(!named);
    m_name->setVisible(!named);
    auto *all = static_cast<QVBoxLayout *>(layout());
    all->addLayout(form);
    all->addLayout(columns);
    all->addLayout(boxes);
}

std::vector<std::size_t> BulkMigrateDialog::chosenHosts() const
{
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < m_hosts.size(); ++i) {
        if (m_hostList->item(static_cast<int>(i))->checkState() == Qt::Checked)
            out.push_back(i);
    }
    return out;
}

QString BulkMigrateDialog::nameOf(const BulkItem &item) const
{
    return item.name.isEmpty() ? m_name->text().replace(QLatin1String(kPlaceOfName), item.container) : item.name;
}

void BulkMigrateDialog::start()
{
    ++m_question;
    m_answers.assign(m_items.size(), std::vector<Answer>(m_hosts.size()));
    showAnswers();
    const bool named = m_items.size() < 2 || m_name->text().contains(QLatin1String(kPlaceOfName));
    if (!named)
        return;
    std::vector<BulkQuestion> all;
    for (std::size_t item = 0; item < m_items.size(); ++item)
        all.push_back({static_cast<int>(item), m_items[item].container, nameOf(m_items[item])});
    const int question = m_question;
    for (const std::size_t host : chosenHosts())
        Q_EMIT checkRequested(question, m_hosts[host].key, all);
}

BulkMigrateDialog::Answer *BulkMigrateDialog::answerOf(int question, int item, HostKey host)
{
    const auto at = std::ranges::find(m_hosts, host, &MigrationHost::key);
    if (question != m_question || at == m_hosts.end())
        return nullptr;
    Answer &out = m_answers.at(static_cast<std::size_t>(item))[static_cast<std::size_t>(at - m_hosts.begin())];
    out.answered = true;
    return &out;
}

void BulkMigrateDialog::setReply(int question, int item, HostKey host, const v1::JudgeMigrationReply &reply)
{
    Answer *answer = answerOf(question, item, host);
    if (answer == nullptr)
        return;
    answer->found.assign(reply.findings().begin(), reply.findings().end());
    answer->verdict = {false, reply.memory_available_bytes(), reply.memory_wanted_bytes()};
    showAnswers();
}

void BulkMigrateDialog::setFailure(int question, int item, HostKey host, const QString &sentences)
{
    Answer *answer = answerOf(question, item, host);
    if (answer == nullptr)
        return;
    answer->failure = sentences;
    showAnswers();
}

bool BulkMigrateDialog::isPassedOver(const v1::CheckFinding &finding) const
{
    return m_skips->skipped().contains(text::utf8(finding.cause()));
}

QString BulkMigrateDialog::reasonOf(const Answer &answer) const
{
    if (!answer.failure.isEmpty())
        return answer.failure;
    QStringList out;
    for (const v1::CheckFinding &one : answer.found) {
        const bool isWarning = one.severity() == v1::CheckFinding::SEVERITY_WARNING && !isPassedOver(one);
        if (isWarning || one.severity() == v1::CheckFinding::SEVERITY_ERROR)
            out << text::utf8(one.why());
    }
    return out.join(QStringLiteral("; "));
}

void BulkMigrateDialog::showAnswers()
{
    showSkips();
    judge();
    showTable();
    showCommand();
}

void BulkMigrateDialog::judge()
{
    const std::vector<std::size_t> hosts = chosenHosts();
    m_answered = !hosts.empty();
    std::vector<std::vector<BulkVerdict>> verdicts;
    for (std::vector<Answer> &row : m_answers) {
        auto &out = verdicts.emplace_back();
        for (const std::size_t host : hosts) {
            Answer &answer = row[host];
            m_answered = m_answered && answer.answered;
            answer.verdict.possible = answer.answered && reasonOf(answer).isEmpty();
            out.push_back(answer.verdict);
        }
    }
    m_places.clear();
    const auto places = m_placer(verdicts);
    for (std::size_t item = 0; item < m_items.size(); ++item) {
        BulkWish::Item &place = m_places.emplace_back();
        place.container = m_items[item].container;
        place.name = nameOf(m_items[item]);
        if (places[item]) {
            place.host = m_hosts[hosts[*places[item]]].key;
            continue;
        }
        QStringList reasons;
        for (const std::size_t host : hosts) {
            QString reason = reasonOf(m_answers[item][host]);
            if (reason.isEmpty() && m_answers[item][host].answered)
                reason = tr("What goes there before takes the memory of %1.", "host").arg(m_hosts[host].name);
            if (!reason.isEmpty() && !reasons.contains(reason))
                reasons << reason;
        }
        place.reason = reasons.join(QStringLiteral("; "));
    }
}

void BulkMigrateDialog::showSkips()
{
    std::set<std::string> causes;
    for (const auto &row : m_answers) {
        for (const Answer &answer : row) {
            for (const v1::CheckFinding &one : answer.found) {
                if (one.severity() == v1::CheckFinding::SEVERITY_WARNING)
                    causes.insert(one.cause());
            }
        }
    }
    std::vector<v1::CheckFinding> all;
    for (const std::string &cause : causes) { // without the words about one of them
        v1::CheckFinding &one = all.emplace_back();
        one.set_severity(v1::CheckFinding::SEVERITY_WARNING);
        one.set_cause(cause);
    }
    m_skips->setFindings(all);
}

void BulkMigrateDialog::showTable()
{
    struct Row
    {
        std::size_t item;
        v1::Severity sign;
    };
    std::vector<Row> rows;
    int going = 0;
    for (std::size_t i = 0; i < m_items.size(); ++i) {
        const bool goes = m_answered && m_places[i].host;
        going += goes ? 1 : 0;
        const bool warned = std::ranges::any_of(m_answers[i], [](const Answer &answer) {
            return std::ranges::find(answer.found, v1::CheckFinding::SEVERITY_WARNING, &v1::CheckFinding::severity) !=
                   answer.found.end();
        });
        rows.push_back({i, !m_answered ? v1::SEVERITY_NONE
                           : !goes     ? v1::SEVERITY_CRITICAL
                           : warned    ? v1::SEVERITY_WARNING
                                       : v1::SEVERITY_NONE});
    }
    std::ranges::stable_sort(rows, {}, [](const Row &row) { return rankOf(row.sign); });
    const auto *before = m_table->currentItem();
    const QString chosen = before == nullptr ? QString() : before->text(NameColumn);
    const QSignalBlocker quiet(m_table);
    m_table->clear();
    for (const Row &row : rows) {
        const BulkWish::Item &place = m_places[row.item];
        const auto host = std::ranges::find(m_hosts, place.host, &MigrationHost::key);
        const bool goes = m_answered && host != m_hosts.end();
        auto *shown = new QTreeWidgetItem(m_table);
        shown->setData(NameColumn, Qt::UserRole, static_cast<int>(row.item));
        shown->setText(NameColumn, place.container);
        shown->setIcon(NameColumn, theme::severityIcon(row.sign, palette()));
        shown->setText(HostColumn, !m_answered ? QString()
                                   : !goes     ? tr("stays here")
                                   : place.name == place.container
                                       ? host->name
                                       : tr("%1, as %2", "host, name").arg(host->name, place.name));
        shown->setText(FoundColumn, !m_answered ? tr("Both hosts look…") : goes ? tr("It can go.") : place.reason);
        shown->setToolTip(FoundColumn, shown->text(FoundColumn));
        if (place.container == chosen)
            m_table->setCurrentItem(shown);
    }
    if (m_table->currentItem() == nullptr && m_table->topLevelItemCount() > 0)
        m_table->setCurrentItem(m_table->topLevelItem(0));
    m_table->resizeColumnToContents(NameColumn);
    m_table->resizeColumnToContents(HostColumn);
    const int stay = static_cast<int>(m_items.size()) - going;
    if (m_items.empty())
        m_verdict->setText(tr("There is no container on %1.").arg(m_source.name));
    else if (chosenHosts().empty())
        m_verdict->setText(tr("Choose a host that they can go to."));
    else if (m_items.size() > 1 && !m_name->text().contains(QLatin1String(kPlaceOfName)))
        m_verdict->setText(tr("Each needs a name of its own: put {} where its name here is to be."));
    else if (!m_answered)
        m_verdict->setText(tr("The hosts look whether it can be done…"));
    else if (stay == 0)
        m_verdict->setText(tr("All can go."));
    else
        m_verdict->setText(tr("%1 of %2 can go; %n stay(s) here.", nullptr, stay).arg(going).arg(m_items.size()));
    m_accept->setEnabled(m_answered && going > 0);
    m_accept->setText(going > 0 ? tr("&Migrate %n container(s)", "button", going) : tr("&Migrate", "button"));
    showFindings();
}

void BulkMigrateDialog::showFindings()
{
    const QTreeWidgetItem *row = m_table->currentItem();
    if (row == nullptr || !m_answered) {
        m_findings->clear();
        return;
    }
    const auto item = static_cast<std::size_t>(row->data(NameColumn, Qt::UserRole).toInt());
    std::vector<v1::CheckFinding> found;
    QStringList failures;
    const std::vector<std::size_t> hosts = chosenHosts();
    for (const std::size_t host : hosts) {
        const Answer &answer = m_answers[item][host];
        const bool shown = !m_places[item].host || m_places[item].host == m_hosts[host].key;
        if (shown && !answer.failure.isEmpty() && !failures.contains(answer.failure))
            failures << answer.failure;
        if (shown)
            found.insert(found.end(), answer.found.begin(), answer.found.end());
    }
    if (found.empty() && !failures.isEmpty())
        m_findings->setPlainText(failures.join(u'\n'));
    else
        m_findings->setFindings(found, tr("Nothing stands in the way."));
}

void BulkMigrateDialog::showCommand()
{
    const auto destination = [](const MigrationHost &host) {
        return host.destination.isEmpty() ? QStringLiteral("local") : text::shellWord(host.destination);
    };
    const std::vector<std::size_t> hosts = chosenHosts();
    const bool named = std::ranges::any_of(m_items, [](const BulkItem &one) { return !one.name.isEmpty(); });
    // Several hosts are for "evacuate" alone, and other names are made of those here.
    if (hosts.empty() || named || (!m_all && (hosts.size() > 1 || m_items.size() < 2))) {
        m_command->setLine({});
        return;
    }
    QString line = QStringLiteral("gantryctl");
    if (!m_source.destination.isEmpty())
        line += QStringLiteral(" --host ") + text::shellWord(m_source.destination);
    line += m_all ? QStringLiteral(" evacuate") : QStringLiteral(" migrate");
    if (!m_all) {
        for (const BulkItem &one : m_items)
            line += u' ' + text::shellWord(one.container);
    }
    for (const std::size_t host : hosts)
        line += u' ' + destination(m_hosts[host]);
    if (m_name->text() != QLatin1String(kPlaceOfName))
        line += QStringLiteral(" --as ") + text::shellWord(m_name->text());
    const BulkWish asked = wish();
    if (asked.parallel > 1)
        line += QStringLiteral(" --parallel %1").arg(asked.parallel);
    if (asked.stopOnError)
        line += QStringLiteral(" --stop-on-error");
    m_command->setLine(line + asked.words());
}

BulkWish BulkMigrateDialog::wish() const
{
    BulkWish out;
    out.items = m_places;
    out.rounds = m_rounds->value();
    out.parallel = m_parallel->value();
    out.keep = m_keep->isChecked();
    out.timeline = m_timeline->isChecked();
    out.stopOnError = m_stop->isChecked();
    out.way = m_transport->way();
    out.limit = m_transport->limit();
    out.skip = m_skips->skipped();
    return out;
}

QString BulkMigrateDialog::verdict() const
{
    return m_verdict->text();
}

} // namespace gantry
