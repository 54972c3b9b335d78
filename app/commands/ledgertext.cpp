#include "app/commands/ledgertext.h"

#include "app/commands/commandstext.h"
#include "app/commands/documentjson.h"
#include "app/commands/render.h"

#include <QDir>

#include <algorithm>

namespace signalbox::commands
{

namespace
{

using ledger::ChainVerdict;
using ledger::EntryVerdict;

constexpr qsizetype mostBadShown = 50;

QString timeOf(const EntryVerdict &entry)
{
    return QDateTime::fromSecsSinceEpoch(entry.committedAt, Qt::UTC).toString(Qt::ISODate);
}

QString shortId(const git::ObjectId &id)
{
    return QString::fromLatin1(id.hex().left(10));
}

QString signOf(EntryVerdict::State state)
{
    switch (state) {
    case EntryVerdict::State::Good:
        return QStringLiteral("● ") + CommandsText::tr("good");
    case EntryVerdict::State::Pending:
        return QStringLiteral("‖ ") + CommandsText::tr("waits for a second admin");
    case EntryVerdict::State::NotSigned:
        return QStringLiteral("◌ ") + CommandsText::tr("not signed");
    case EntryVerdict::State::Bad:
        break;
    }
    return QStringLiteral("✖ ") + CommandsText::tr("bad");
}

// The one line that answers the question.
QString summary(const ChainVerdict &chain)
{
    const auto total = static_cast<qsizetype>(chain.entries.size());
    if (!chain.tip)
        return QStringLiteral("◌ ") + CommandsText::tr("The ledger is empty.");
    if (!chain.isSigned() && chain.problems.isEmpty() && chain.bad == 0)
        return QStringLiteral("◌ ") +
               (total == 1 ? CommandsText::tr("The ledger is not signed: nothing proves who wrote its one entry.")
                           : CommandsText::tr("The ledger is not signed: nothing proves who wrote its %1 entries.")
                                 .arg(total));
    if (!chain.isWhole())
        return QStringLiteral("✖ ") + CommandsText::tr("Do not rely on this ledger: what is wrong stands above.");
    return QStringLiteral("● ") +
           (chain.isPinned
                ? CommandsText::tr("Every entry since it began to be signed is proven.")
                : CommandsText::tr("Every entry since it began to be signed is proven, if the first admin is."));
}

Json entryJson(const EntryVerdict &entry)
{
    const auto text = [](const QString &value) { return value.isEmpty() ? Json(nullptr) : Json(value.toStdString()); };
    return Json{
        {"commit", entry.commit.hex().toStdString()},
        {"path", entry.path.toStdString()},
        {"id", text(QString::fromUtf8(entry.id))},
        {"type", text(QString::fromUtf8(entry.type))},
        {"committedAt", timeOf(entry).toStdString()},
        {"signer", text(entry.signer)},
        {"key", text(entry.fingerprint)},
        {"state", stateName(entry.state).toStdString()},
        {"fault", entry.fault == ledger::Fault::None ? Json(nullptr) : Json(faultName(entry.fault).toStdString())},
        {"reason", text(entry.reason)}};
}

Json chainJson(const char *schema, const ChainVerdict &chain, ExitStatus status)
{
    const auto id = [](const std::optional<git::ObjectId> &commit) {
        return commit ? Json(commit->hex().toStdString()) : Json(nullptr);
    };
    return Json{
        {"schema", schema},
        {"exitStatus", static_cast<int>(status)},
        {"path", chain.path.toStdString()},
        {"tip", id(chain.tip)},
        {"whole", chain.isWhole()},
        {"signed", chain.isSigned()},
        {"pinned", chain.isPinned},
        {"start", id(chain.start)},
        {"workspace", chain.workspace.toStdString()},
        {"policyCommit", id(chain.policyCommit)},
        {"counts",
         {{"good", chain.good}, {"pending", chain.pending}, {"notSigned", chain.notSigned}, {"bad", chain.bad}}},
        {"problems", listJson(chain.problems)},
        {"notes", listJson(chain.notes)}};
}

} // namespace

QString ledgerVerdictText(const ChainVerdict &chain)
{
    QString text;
    qsizetype shown = 0;
    for (const EntryVerdict &entry : chain.entries) {
        if (entry.state != EntryVerdict::State::Bad && entry.state != EntryVerdict::State::Pending)
            continue;
        if (++shown > mostBadShown)
            continue;
        text += QStringLiteral("%1  %2  %3  %4\n    %5\n")
                    .arg(signOf(entry.state), shortId(entry.commit), timeOf(entry),
                         entry.signer.isEmpty() ? CommandsText::tr("(nobody known)") : entry.signer, entry.reason);
    }
    if (shown > mostBadShown)
        text += CommandsText::tr("... and %1 more; --json lists all of them.\n").arg(shown - mostBadShown);
    for (const QString &problem : chain.problems)
        text += QStringLiteral("✖ ") + problem + QLatin1Char('\n');
    for (const QString &note : chain.notes)
        text += QStringLiteral("▲ ") + note + QLatin1Char('\n');
    QList<QStringList> rows{{CommandsText::tr("Ledger"), QDir::toNativeSeparators(chain.path)}};
    if (chain.tip)
        rows.append({CommandsText::tr("Newest commit"), QString::fromLatin1(chain.tip->hex())});
    if (chain.start)
        rows.append({CommandsText::tr("Signed since"), QString::fromLatin1(chain.start->hex())});
    if (chain.policyCommit)
        rows.append({CommandsText::tr("Policy in force"), QString::fromLatin1(chain.policyCommit->hex())});
    if (!chain.waiting.empty()) {
        QStringList waiting;
        for (const ledger::WaitingChange &change : chain.waiting)
            waiting.append(CommandsText::tr("%1 by %2").arg(shortId(change.commit), change.signer));
        rows.append({CommandsText::tr("Not in force"), waiting.join(QStringLiteral(", "))});
    }
    rows.append({CommandsText::tr("Entries"), CommandsText::tr("%1 good, %2 waiting, %3 not signed, %4 bad")
                                                  .arg(chain.good)
                                                  .arg(chain.pending)
                                                  .arg(chain.notSigned)
                                                  .arg(chain.bad)});
    return text + tableText(rows) + summary(chain) + QLatin1Char('\n');
}

QString ledgerPathJson(const QString &path, bool isThere)
{
    return document({{"schema", "signalbox.ledgerPath/1"}, {"path", path.toStdString()}, {"exists", isThere}});
}

QString ledgerVerdictJson(const ChainVerdict &chain, ExitStatus status)
{
    Json json = chainJson("signalbox.ledgerVerdict/1", chain, status);
    Json entries = Json::array();
    for (const EntryVerdict &entry : chain.entries)
        entries.push_back(entryJson(entry));
    json["entries"] = std::move(entries);
    return document(json);
}

QString ledgerLogText(const ChainVerdict &chain, qsizetype count)
{
    if (chain.entries.empty())
        return CommandsText::tr("The ledger %1 has no entry yet.\n").arg(QDir::toNativeSeparators(chain.path));
    QList<QStringList> rows{{CommandsText::tr("TIME"), CommandsText::tr("COMMIT"), CommandsText::tr("TYPE"),
                             CommandsText::tr("BY"), CommandsText::tr("ENTRY"), CommandsText::tr("PROOF")}};
    const auto all = static_cast<qsizetype>(chain.entries.size());
    const qsizetype shown = count > 0 ? std::min(count, all) : all;
    for (auto entry = chain.entries.rbegin(); entry != chain.entries.rbegin() + shown; ++entry) {
        const QString id = QString::fromUtf8(entry->id);
        rows.append({timeOf(*entry), shortId(entry->commit),
                     entry->type.isEmpty() ? QStringLiteral("-") : QString::fromUtf8(entry->type),
                     entry->signer.isEmpty() ? QStringLiteral("-") : entry->signer,
                     id.isEmpty() ? QString::fromUtf8(entry->path) : id,
                     entry->state == EntryVerdict::State::Bad
                         ? signOf(entry->state) + QStringLiteral(": ") + entry->reason
                         : signOf(entry->state)});
    }
    return tableText(rows);
}

QString ledgerLogJson(const ChainVerdict &chain, qsizetype count, ExitStatus status)
{
    Json json = chainJson("signalbox.ledgerLog/1", chain, status);
    Json entries = Json::array();
    const auto all = static_cast<qsizetype>(chain.entries.size());
    const qsizetype shown = count > 0 ? std::min(count, all) : all;
    for (auto entry = chain.entries.rbegin(); entry != chain.entries.rbegin() + shown; ++entry)
        entries.push_back(entryJson(*entry));
    json["entries"] = std::move(entries);
    return document(json);
}

QString ledgerExportJson(const LedgerExported &done, const QString &file, ExitStatus status)
{
    const LedgerSummary &summary = done.summary;
    return document({{"schema", "signalbox.ledgerExported/1"},
                     {"exitStatus", static_cast<int>(status)},
                     {"file", file.toStdString()},
                     {"entries", done.entries},
                     {"tip", summary.tip.isEmpty() ? Json(nullptr) : Json(summary.tip.toStdString())},
                     {"whole", summary.isWhole()},
                     {"verdict", verdictSentence(summary).toStdString()}});
}

} // namespace signalbox::commands
