#include "services/sandbox/practiceledger.h"

#include "models/domain/ulid.h"
#include "services/ledger/ledger.h"
#include "services/ledger/operationjson.h"
#include "services/sandbox/world/catalogue.h"
#include "services/sandbox/world/chance.h"

namespace signalbox::sandbox
{

namespace
{

QString text(const std::string &utf8)
{
    return QString::fromStdString(utf8);
}

// The first ten characters of a ULID are its time; the rest comes from the seed.
QString ulidOf(const QDateTime &at, std::uint64_t number)
{
    static constexpr char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    QString id = newUlid(at).left(10);
    for (int i = 0; i < 16; ++i) {
        number = mixed(number);
        id += QLatin1Char(letters[number % 32]);
    }
    return id;
}

template <typename Enum>
Enum named(const QList<Enum> &all, QString (*nameOf)(Enum), const std::string &name, Enum other)
{
    for (const Enum one : all) {
        if (nameOf(one) == text(name))
            return one;
    }
    return other;
}

Identity identityOf(const std::string &mail)
{
    Identity who;
    who.email = text(mail);
    who.user = who.email.section(u'@', 0, 0);
    who.host = QStringLiteral("desk-") + who.user.section(u'.', 0, 0);
    QStringList words = who.user.split(u'.');
    for (QString &word : words)
        word[0] = word[0].toUpper();
    who.name = words.join(u' ');
    return who;
}

QString connectionOf(const Catalogue &catalogue, const std::string &ns)
{
    for (const ClusterPlan &cluster : catalogue.clusters) {
        for (const std::string &one : cluster.namespaces) {
            if (one == ns)
                return text(cluster.name);
        }
    }
    return {};
}

LedgerEntry entryOf(const Catalogue &catalogue, const PastOperation &past, const QDateTime &now, std::uint64_t number)
{
    const QDateTime sent = now.addMSecs(-static_cast<qint64>(past.daysAgo * 24 * 3600 * 1000)).toUTC();
    const QDateTime observed = sent.addMSecs(static_cast<qint64>(past.seconds * 1000));
    LedgerEntry entry;
    entry.id = ulidOf(sent, catalogue.seed + number);
    entry.at = observed;
    entry.who = identityOf(past.who);
    entry.tool = QStringLiteral("signalbox " SIGNALBOX_VERSION);
    entry.connection = connectionOf(catalogue, past.ns);
    entry.ns = text(past.ns);
    entry.application = text(past.application);
    entry.environment = entry.ns;
    entry.kind = named(operationjson::allOperationKinds(), operationKindName, past.kind, OperationKind::Restart);
    entry.direction = entry.kind == OperationKind::Rollback ? Direction::Back : Direction::Forward;
    entry.isProtected = past.ns == "production";
    entry.from = text(past.from);
    entry.to = text(past.to);
    entry.effect = text(past.effect);
    entry.reason = text(past.reason);
    entry.outcome.kind = named(operationjson::allOutcomes(), outcomeKindName, past.outcome, OutcomeKind::Done);
    entry.outcome.message = text(past.message);
    entry.outcome.startedAt = sent;
    entry.outcome.finishedAt = observed;
    entry.durations.execute = sent.msecsTo(observed);
    if (past.detectSeconds > 0) {
        entry.durations.detect = static_cast<qint64>(past.detectSeconds * 1000);
        if (entry.direction == Direction::Back)
            entry.durations.restore = *entry.durations.detect + *entry.durations.execute;
    }
    return entry;
}

} // namespace

QList<LedgerEntry> practiceEntries(const Catalogue &catalogue, const QDateTime &now)
{
    QList<LedgerEntry> entries;
    for (const PastOperation &past : catalogue.operations)
        entries.append(entryOf(catalogue, past, now, static_cast<std::uint64_t>(entries.size()) + 1));
    return entries;
}

Result<void> writePracticeLedger(const Catalogue &catalogue, const QDateTime &now, const QString &path)
{
    Ledger ledger(path);
    QList<QFuture<Result<QString>>> written;
    for (const LedgerEntry &entry : practiceEntries(catalogue, now))
        written.append(ledger.append(entry));
    for (QFuture<Result<QString>> &one : written) {
        const Result<QString> commit = one.result();
        if (!commit)
            return commit.error();
    }
    return {};
}

} // namespace signalbox::sandbox
