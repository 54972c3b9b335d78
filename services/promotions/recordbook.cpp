#include "services/promotions/recordbook.h"

#include "services/async/chain.h"
#include "services/git/repository.h"
#include "services/ledger/canonicaljson.h"
#include "services/ledger/signing/signer.h"
#include "services/ledger/signing/sshsig.h"

#include <nlohmann/json.hpp>

#include <QCoreApplication>

namespace signalbox
{

namespace
{

struct Text
{
    Q_DECLARE_TR_FUNCTIONS(Promotions)
};

Error moved()
{
    return {ErrorKind::Conflict,
            Text::tr("Somebody else wrote to the ledger meanwhile. Nothing was written: look at what is new."),
            {}};
}

git::Author authorOf(const LedgerEntry &entry, const QDateTime &at)
{
    const Identity &who = entry.who;
    const QString account = who.user + QLatin1Char('@') + who.host;
    return {who.name.isEmpty() ? who.user : who.name, who.email.isEmpty() ? account : who.email, at};
}

// The commit's date is now, and never before the one in front: clocks differ.
Result<git::PreparedCommit> prepare(const QString &path, const QString &branch, const LedgerEntry &entry,
                                    const QString &tip)
{
    auto repository = git::Repository::openOrCreateBare(path, branch);
    if (!repository)
        return repository.error();
    const auto content = canonicalJson(toJson(entry));
    if (!content)
        return content.error();
    const auto newest = repository->log(branch, 1);
    if (!newest)
        return newest.error();
    QDateTime at = QDateTime::currentDateTimeUtc();
    if (!newest->isEmpty())
        at = std::max(at, newest->first().author.at);
    auto prepared =
        repository->prepare(branch, {{ledgerPath(entry), *content}}, ledgerMessage(entry), authorOf(entry, at));
    if (prepared && !prepared->already && prepared->parent.value_or(QString()) != tip)
        return moved();
    return prepared;
}

} // namespace

QFuture<Result<QString>> commitOn(QObject *context, SerialQueue &queue, const QString &repository,
                                  const QString &branch, const LedgerEntry &entry, const QString &tip,
                                  const std::shared_ptr<ssh::Signer> &signer, const StopToken &stop)
{
    const auto prepared = queue.run([=] { return prepare(repository, branch, entry, tip); });
    return after(context, prepared, [=, &queue](const git::PreparedCommit &ready_) -> QFuture<Result<QString>> {
        if (ready_.already)
            return ready(Result<QString>(*ready_.already));
        const auto signature = ssh::signMessage(*signer, ready_.text, ssh::gitNamespace, stop);
        return after(context, signature, [=, &queue](const QByteArray &armoured) {
            return queue.run([=]() -> Result<QString> {
                (void)signer; // outlives the signature
                auto opened = git::Repository::openOrCreateBare(repository, branch);
                if (!opened)
                    return opened.error();
                const auto commit = opened->commit(ready_, armoured);
                return !commit && commit.error().kind == ErrorKind::Conflict ? Result<QString>(moved()) : commit;
            });
        });
    });
}

RecordBook::~RecordBook() = default;

LocalRecordBook::LocalRecordBook(Ledger &ledger, SignerSource signer, QObject *parent)
    : RecordBook(parent)
    , m_ledger(ledger)
    , m_signer(std::move(signer))
{}

LocalRecordBook::~LocalRecordBook()
{
    m_gone.request_stop();
}

QFuture<Result<void>> LocalRecordBook::catchUp(StopToken)
{
    return ready(Result<void>());
}

QFuture<Result<QString>> LocalRecordBook::append(LedgerEntry entry)
{
    const auto written = m_ledger.append(std::move(entry));
    deliver(written, {}, this, [this](const Result<QString> &result) {
        if (result)
            emit changed();
    });
    return written;
}

QFuture<Result<QString>> LocalRecordBook::appendOn(LedgerEntry entry, QString tip)
{
    return after(this, signer(m_gone.get_token()), [this, entry, tip](const std::shared_ptr<ssh::Signer> &key) {
        const auto written =
            commitOn(this, m_queue, path(), QStringLiteral("main"), entry, tip, key, m_gone.get_token());
        deliver(written, {}, this, [this](const Result<QString> &result) {
            if (result)
                emit changed();
        });
        return written;
    });
}

RecordBook::SignerFuture LocalRecordBook::signer(StopToken stop)
{
    if (m_signer)
        return m_signer(std::move(stop));
    return after(this, m_queue.run([]() -> Result<QString> { return git::configuredSigningKey(); }),
                 [stop](const QString &key) { return ssh::signerNamed(key, stop); });
}

} // namespace signalbox
