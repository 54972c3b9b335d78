#include "services/drills/debriefbook.h"

#include "models/domain/ulid.h"
#include "services/async/resultof.h"
#include "services/drills/drillstext.h"
#include "services/ledger/canonicaljson.h"
#include "services/ledger/ledger.h"

#include <nlohmann/json.hpp>

#include <QDir>
#include <QSaveFile>

#include <map>

namespace signalbox::drills
{

namespace
{

QString unwrittenFile(const QString &dataFolder, const QString &id)
{
    return DebriefBook::unwrittenPath(dataFolder) + QLatin1Char('/') + id + QLatin1String(".json");
}

LedgerEntry entryOf(const Debrief &debrief)
{
    LedgerEntry entry;
    entry.id = debrief.id;
    entry.type = QStringLiteral("drill");
    entry.at = ulidTime(debrief.id);
    entry.who = operatorIdentity();
    entry.tool = QStringLiteral("signalbox " SIGNALBOX_VERSION);
    entry.drill = debrief;
    return entry;
}

Result<void> putAside(const QString &dataFolder, const LedgerEntry &entry)
{
    const auto bytes = canonicalJson(toJson(entry));
    if (!bytes)
        return bytes.error();
    const QString path = unwrittenFile(dataFolder, entry.id);
    QSaveFile file(path);
    if (QDir().mkpath(DebriefBook::unwrittenPath(dataFolder)) && file.open(QIODevice::WriteOnly) &&
        file.write(*bytes) == bytes->size() && file.commit())
        return {};
    return Error{
        ErrorKind::Internal,
        DrillsText::tr("The file %1 could not be written: %2.").arg(QDir::toNativeSeparators(path), file.errorString()),
        {}};
}

Result<LedgerEntry> entryIn(const QString &path)
{
    QFile file(path);
    QString why = DrillsText::tr("it is not the debrief of a drill");
    if (file.open(QIODevice::ReadOnly)) {
        const QByteArray bytes = file.readAll();
        const auto entry = ledgerEntryFromJson(nlohmann::json::parse(bytes.begin(), bytes.end(), nullptr, false));
        if (entry && entry->drill)
            return *entry;
        if (!entry)
            why = entry.error().message;
    } else {
        why = file.errorString();
    }
    return Error{ErrorKind::Invalid,
                 DrillsText::tr("The debrief in %1 cannot be read: %2. Move the file away.")
                     .arg(QDir::toNativeSeparators(path), why),
                 {}};
}

// One that was signed by hand stays as it is: nobody is asked for a key because of a drill.
QFuture<Result<std::shared_ptr<ssh::Signer>>> noSigner(const QString &path)
{
    QPromise<Result<std::shared_ptr<ssh::Signer>>> promise;
    promise.start();
    promise.addResult(Error{
        ErrorKind::Refused,
        DrillsText::tr("It is signed, and drills are written without a key. Move %1 away: a new one is made without.")
            .arg(QDir::toNativeSeparators(path)),
        {}});
    promise.finish();
    return promise.future();
}

Result<void> append(const QString &path, const LedgerEntry &entry)
{
    Ledger book(path);
    book.setSignerSource([path](const StopToken &) { return noSigner(path); });
    const auto commit = resultOf(book.append(entry));
    return commit ? Result<void>() : Result<void>(commit.error());
}

Error notWritten(const QString &dataFolder, const LedgerEntry &entry, const Error &why)
{
    return {why.kind,
            DrillsText::tr("The debrief of %1 could not be written to %2: %3 It is kept in %4 and written next time.")
                .arg(entry.drill->drill, QDir::toNativeSeparators(DebriefBook::path(dataFolder)), why.message,
                     QDir::toNativeSeparators(unwrittenFile(dataFolder, entry.id))),
            why.detail};
}

// What waits, written; what still could not be is in `pages` all the same.
void writeWaiting(const QString &dataFolder, DebriefBook::Pages *pages)
{
    const QDir folder(DebriefBook::unwrittenPath(dataFolder));
    const QStringList names = folder.entryList({QStringLiteral("*.json")}, QDir::Files, QDir::Name);
    for (const QString &name : names) {
        const auto entry = entryIn(folder.filePath(name));
        if (!entry) {
            pages->problems.append(entry.error());
            continue;
        }
        pages->debriefs.append(*entry->drill);
        if (const auto written = append(DebriefBook::path(dataFolder), *entry))
            QFile::remove(folder.filePath(name));
        else
            pages->problems.append(notWritten(dataFolder, *entry, written.error()));
    }
}

void readBook(const QString &path, int most, DebriefBook::Pages *pages)
{
    if (!QFileInfo::exists(path))
        return; // reading must not make one
    Ledger book(path);
    const auto entries = resultOf(book.newest(most, QStringLiteral("drill")));
    if (!entries) {
        pages->problems.append(entries.error());
        return;
    }
    for (const LedgerEntry &entry : *entries) {
        if (entry.drill)
            pages->debriefs.append(*entry.drill);
    }
}

} // namespace

DebriefBook::DebriefBook(QString dataFolder)
    : m_folder(std::move(dataFolder))
{}

QString DebriefBook::path(const QString &dataFolder)
{
    return dataFolder + QLatin1String("/drills.git");
}

QString DebriefBook::olderPath(const QString &dataFolder)
{
    return dataFolder + QLatin1String("/ledger.git");
}

QString DebriefBook::unwrittenPath(const QString &dataFolder)
{
    return dataFolder + QLatin1String("/drills.unwritten");
}

QFuture<Result<DebriefBook::Pages>> DebriefBook::read(int most)
{
    return m_queue.run([folder = m_folder, most]() -> Result<Pages> {
        Pages found;
        writeWaiting(folder, &found);
        readBook(olderPath(folder), most, &found);
        readBook(path(folder), most, &found);
        std::map<QString, Debrief> byId; // ids go by time
        for (const Debrief &one : std::as_const(found.debriefs))
            byId.insert_or_assign(one.id, one);
        while (byId.size() > static_cast<std::size_t>(most))
            byId.erase(byId.begin());
        found.debriefs.clear();
        for (const auto &[id, one] : byId)
            found.debriefs.append(one);
        return found;
    });
}

QFuture<Result<void>> DebriefBook::keep(Debrief debrief)
{
    return m_queue.run([folder = m_folder, debrief = std::move(debrief)]() -> Result<void> {
        const LedgerEntry entry = entryOf(debrief);
        const auto aside = putAside(folder, entry);
        const auto written = append(path(folder), entry);
        if (written) {
            QFile::remove(unwrittenFile(folder, entry.id));
            Pages waiting;
            writeWaiting(folder, &waiting); // the way is clear for those before it
            return {};
        }
        if (aside)
            return notWritten(folder, entry, written.error());
        return Error{written.error().kind,
                     DrillsText::tr("The debrief of %1 is lost when you quit: %2 %3")
                         .arg(debrief.drill, written.error().message, aside.error().message),
                     written.error().detail};
    });
}

} // namespace signalbox::drills
