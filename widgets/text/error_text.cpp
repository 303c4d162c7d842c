// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/text/error_text.h"

#include "engine/base/strings.h"
#include "engine/proto/convert.h"
#include "widgets/text/format.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>
#include <string_view>

namespace gantry::text {

namespace {

/// One row an errno: the sentence with %1 for the object, and what can be done.
struct Entry
{
    int code;
    const char *sentence;
    const char *remedy;
};

constexpr std::array kEntries{
    Entry{EPERM, QT_TRANSLATE_NOOP("ErrorText", "%1 may not be changed."), nullptr},
    Entry{EACCES, QT_TRANSLATE_NOOP("ErrorText", "You may not access %1."),
          QT_TRANSLATE_NOOP("ErrorText", "Run Gantry as root, or ask for the right.")},
    Entry{ENOKEY, QT_TRANSLATE_NOOP("ErrorText", "%1 is encrypted, and its key is not there."), nullptr},
    Entry{EAGAIN, QT_TRANSLATE_NOOP("ErrorText", "%1 takes nothing now."), nullptr},
    Entry{ENOENT, QT_TRANSLATE_NOOP("ErrorText", "%1 does not exist."),
          QT_TRANSLATE_NOOP("ErrorText", "It may have been removed meanwhile.")},
    Entry{ENODEV, QT_TRANSLATE_NOOP("ErrorText", "%1 has been removed."), nullptr},
    Entry{ESTALE, QT_TRANSLATE_NOOP("ErrorText", "%1 was removed and made again; nothing was changed."),
          QT_TRANSLATE_NOOP("ErrorText", "Select the new one and try again.")},
    Entry{ESRCH, QT_TRANSLATE_NOOP("ErrorText", "The process %1 has ended."), nullptr},
    Entry{EBUSY, QT_TRANSLATE_NOOP("ErrorText", "The kernel is still using %1."),
          QT_TRANSLATE_NOOP("ErrorText",
                            "On cgroup v1 a memory limit below the usage is refused when not enough can be "
                            "reclaimed; a cgroup with processes cannot be removed.")},
    Entry{EINVAL, QT_TRANSLATE_NOOP("ErrorText", "The value for %1 is not valid."), nullptr},
    Entry{ERANGE, QT_TRANSLATE_NOOP("ErrorText", "The value for %1 is out of range."), nullptr},
    Entry{EEXIST, QT_TRANSLATE_NOOP("ErrorText", "%1 exists already."), nullptr},
    Entry{ENOTEMPTY, QT_TRANSLATE_NOOP("ErrorText", "%1 is not empty."), nullptr},
    Entry{EROFS, QT_TRANSLATE_NOOP("ErrorText", "%1 is mounted read-only."),
          QT_TRANSLATE_NOOP("ErrorText", "Inside a container the host's cgroups usually are.")},
    Entry{EOPNOTSUPP, QT_TRANSLATE_NOOP("ErrorText", "The kernel does not support this for %1."), nullptr},
    Entry{ENOSYS, QT_TRANSLATE_NOOP("ErrorText", "The kernel does not know this call (%1)."), nullptr},
    Entry{ETIMEDOUT, QT_TRANSLATE_NOOP("ErrorText", "%1 did not answer in time."),
          QT_TRANSLATE_NOOP("ErrorText", "The operation may still be going on; see the job list.")},
    Entry{ECANCELED, QT_TRANSLATE_NOOP("ErrorText", "The operation on %1 was cancelled."), nullptr},
    Entry{ECONNRESET, QT_TRANSLATE_NOOP("ErrorText", "The connection to the host was lost (%1)."),
          QT_TRANSLATE_NOOP("ErrorText", "Gantry keeps trying to connect.")},
    Entry{ECONNREFUSED, QT_TRANSLATE_NOOP("ErrorText", "No engine answers at %1."), nullptr},
    Entry{EILSEQ, QT_TRANSLATE_NOOP("ErrorText", "%1 does not have the expected form."), nullptr},
    Entry{ENOMEM, QT_TRANSLATE_NOOP("ErrorText", "There is not enough memory for %1."), nullptr},
    Entry{ENOSPC, QT_TRANSLATE_NOOP("ErrorText", "There is no space left for %1."), nullptr},
    Entry{EMFILE, QT_TRANSLATE_NOOP("ErrorText", "Too many files are open (%1)."), nullptr},
    Entry{EIO, QT_TRANSLATE_NOOP("ErrorText", "%1 could not be read or written."), nullptr},
};

/// What an errno means where it is not the kernel that says no.
struct EntryOf
{
    std::string_view operation;
    int code;
    const char *sentence;
};

constexpr const char *kNoLog = QT_TRANSLATE_NOOP("ErrorText", "There is no log of %1.");
constexpr const char *kNotWith = QT_TRANSLATE_NOOP("ErrorText", "The runtime cannot do this with %1.");
constexpr const char *kNotNow = QT_TRANSLATE_NOOP("ErrorText", "The runtime cannot do this with %1 as it is now.");

constexpr const char *kNoImport = QT_TRANSLATE_NOOP(
    "ErrorText", "Nothing was imported: the file is damaged, cut off, or of another kind (%1).");

constexpr std::array kEntriesOf{
    EntryOf{"import", EBADMSG, kNoImport},   EntryOf{"unpack", EBADMSG, kNoImport},
    EntryOf{"import", EOPNOTSUPP, QT_TRANSLATE_NOOP("ErrorText", "%1 cannot be imported.")},
    EntryOf{"export", EOPNOTSUPP, QT_TRANSLATE_NOOP("ErrorText", "%1 cannot be exported this way.")},
    EntryOf{"unlock", EACCES, QT_TRANSLATE_NOOP("ErrorText", "The key that was given does not open %1.")},
    EntryOf{"unlock", EBUSY, QT_TRANSLATE_NOOP("ErrorText", "%1 is being unlocked by somebody else.")},
    EntryOf{"log", ENOENT, kNoLog},          EntryOf{"log", EOPNOTSUPP, kNoLog},
    EntryOf{"container", EOPNOTSUPP, kNotWith}, EntryOf{"start", EOPNOTSUPP, kNotWith},
    EntryOf{"stop", EOPNOTSUPP, kNotWith},   EntryOf{"restart", EOPNOTSUPP, kNotWith},
    EntryOf{"remove", EOPNOTSUPP, kNotWith}, EntryOf{"start", EBUSY, kNotNow},
    EntryOf{"stop", EBUSY, kNotNow},         EntryOf{"restart", EBUSY, kNotNow},
    EntryOf{"remove", EBUSY, kNotNow},
};

/// The sentence of that operation; nullptr: the errno says it well enough.
const char *sentenceOf(std::string_view operation, int code)
{
    for (const EntryOf &entry : kEntriesOf) {
        if (entry.operation == operation && entry.code == code)
            return entry.sentence;
    }
    return nullptr;
}

/// Gives this file's texts their context for translators.
struct ErrorText
{
    Q_DECLARE_TR_FUNCTIONS(ErrorText)
};

/// Facts that are a sentence themselves: the sentence around them has its own full stop.
QString withoutFullStop(const std::string &text)
{
    QString out = utf8(printable(text));
    if (out.endsWith(QLatin1Char('.')) && !out.endsWith(QLatin1String("...")))
        out.chop(1);
    return out;
}

} // namespace

QString errorSentence(const Error &error)
{
    const int code = error.posix();
    const auto *entry = std::ranges::find(kEntries, code, &Entry::code);
    const QString subject = utf8(printable(error.subject));
    const char *const special = sentenceOf(error.op, code);
    const char *const words = special != nullptr       ? special
                              : entry != kEntries.end() ? entry->sentence
                                                        : nullptr;
    QString sentence = words != nullptr
                           ? ErrorText::tr(words).arg(subject)
                           : ErrorText::tr("%1 failed: %2.").arg(subject, utf8(error.code.message()));
    QStringList parts{sentence};
    if (!error.detail.empty())
        parts << ErrorText::tr("Reason: %1.", "facts from the engine").arg(withoutFullStop(error.detail));
    if (!error.remedy.empty())
        parts << ErrorText::tr("Remedy: %1.", "advice from the engine").arg(withoutFullStop(error.remedy));
    else if (special == nullptr && entry != kEntries.end() && entry->remedy != nullptr)
        parts << ErrorText::tr(entry->remedy);
    return parts.join(QLatin1Char(' '));
}

QString errorSentence(const v1::Failure &failure)
{
    return errorSentence(fromMessage(failure));
}

} // namespace gantry::text
