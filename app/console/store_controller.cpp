// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/store_controller.h"

#include <QDialog>
#include <QVBoxLayout>

#include "app/console/actor.h"
#include "widgets/dialogs/dialog_buttons.h"
#include "widgets/dialogs/new_store_dialog.h"
#include "widgets/dialogs/unlock_dialog.h"
#include "widgets/pages/store_banner.h"
#include "widgets/text/error_text.h"
#include "widgets/text/format.h"

#include <cerrno>
#include <cstring>
#include <string>

namespace gantry::console {

namespace {

/// What Qt and gRPC copied of it is freed unwiped.
void wipe(std::string &secret)
{
    ::explicit_bzero(secret.data(), secret.size());
    secret.clear();
}

} // namespace

StoreController::StoreController(HostClient &client, QWidget *window)
    : QObject(window), m_client(client), m_window(window)
{}

void StoreController::refresh()
{
    const auto use = [this, question = ++m_asked](const Result<v1::StoreStateReply> &reply) {
        // Why there is none is told to who asks for the list of checkpoints at the same time.
        if (reply && question > m_outdated)
            show(*reply);
    };
    m_client.call(method::kStoreState, v1::StoreStateRequest(), this, use);
}

void StoreController::show(const v1::StoreStateReply &state)
{
    m_state = state;
    std::erase_if(m_banners, [](const QPointer<StoreBanner> &banner) { return banner.isNull(); });
    for (const QPointer<StoreBanner> &banner : m_banners)
        banner->setState(state);
}

void StoreController::setReadOnlyReason(const QString &reason)
{
    m_readOnly = reason;
    for (const QPointer<StoreBanner> &banner : m_banners) {
        if (banner)
            banner->setReadOnlyReason(reason);
    }
}

void StoreController::serve(StoreBanner &banner)
{
    m_banners.emplace_back(&banner);
    banner.setReadOnlyReason(m_readOnly);
    banner.setState(m_state);
    connect(&banner, &StoreBanner::unlockRequested, this, [this, &banner] { askPassphrase(banner.window()); });
    connect(&banner, &StoreBanner::setUpRequested, this, [this, &banner] { askSetUp(banner.window()); });
}

void StoreController::serve(QDialog &dialog, std::function<void()> again)
{
    auto *banner = new StoreBanner(StoreBanner::Shows::LockedOnly, &dialog);
    if (auto *layout = qobject_cast<QVBoxLayout *>(dialog.layout()))
        layout->insertWidget(0, banner);
    serve(*banner);
    connect(banner, &StoreBanner::lockedChanged, &dialog, [&dialog, again = std::move(again)](bool locked) {
        if (locked)
            growToFit(dialog);
        else
            again();
    });
    refresh();
}

void StoreController::askPassphrase(QWidget *over)
{
    auto *dialog = new UnlockDialog(text::utf8(m_state.path()), over);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &UnlockDialog::passphraseEntered, this, [this, dialog](const QString &passphrase) {
        v1::UnlockStoreRequest request;
        request.set_passphrase(passphrase.toStdString());
        *request.mutable_actor() = consoleActor();
        m_client.call(method::kUnlockStore, request, dialog, [this, dialog](const Result<v1::UnlockStoreReply> &reply) {
            if (!reply && reply.error().posix() == EACCES && reply.error().op == "unlock") {
                dialog->setWrong();
                return;
            }
            if (!reply) {
                dialog->setFailure(text::errorSentence(reply.error()));
                return;
            }
            dialog->setUnlocked();
            tellDone(tr("The store of checkpoints is unlocked."), reply->not_recorded());
        });
        wipe(*request.mutable_passphrase());
    });
    dialog->open();
}

void StoreController::askSetUp(QWidget *over)
{
    auto *dialog = new NewStoreDialog(text::utf8(m_state.path()), over);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &NewStoreDialog::storeWanted, this, [this, dialog] {
        v1::InitStoreRequest request = dialog->request();
        *request.mutable_actor() = consoleActor();
        m_client.call(method::kInitStore, request, dialog, [this, dialog](const Result<v1::InitStoreReply> &reply) {
            if (!reply) {
                dialog->setFailure(text::errorSentence(reply.error()));
                return;
            }
            dialog->setMade();
            tellDone(tr("The store of checkpoints is made: %1").arg(text::utf8(reply->path())), reply->not_recorded());
        });
        wipe(*request.mutable_passphrase());
    });
    dialog->open();
}

void StoreController::tellDone(const QString &words, const std::string &notRecorded)
{
    Q_EMIT message(words);
    if (!notRecorded.empty())
        Q_EMIT failed(tr("The change was made, but it is missing in the audit log: %1").arg(text::utf8(notRecorded)));
    m_outdated = m_asked;
    refresh();
    Q_EMIT opened();
}

} // namespace gantry::console
