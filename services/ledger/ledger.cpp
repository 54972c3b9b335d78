#include "services/ledger/ledger.h"

#include "services/git/repository.h"
#include "services/ledger/canonicaljson.h"
#include "services/ledger/operationjson.h"
#include "services/ledger/signing/signer.h"
#include "services/ledger/signing/sshsig.h"

#include <QCoreApplication>
#include <QDir>
#include <QLockFile>
#include <QSemaphore>
#include <QSysInfo>

namespace signalbox
{
namespace
{

constexpr int turnWaitMs = 20000; // on the ledger's own thread
constexpr int mostEntries = 1'000'000;
constexpr int mostAttempts = 10; // to be first

QString mainBranch()
{
    return QStringLiteral("main");
}

git::Author authorOf(const LedgerEntry &entry)
{
    const Identity &who = entry.who;
    const QString account = who.user + QLatin1Char('@') + who.host;
    return {who.name.isEmpty() ? who.user : who.name, who.email.isEmpty() ? account : who.email, entry.at};
}

// For the thread that signs and nothing else: what it waits for ends with a time-out or a stop.
template <typename T>
Result<T> resultOf(QFuture<Result<T>> future)
{
    const auto done = std::make_shared<QSemaphore>(); // release() may still be in it when acquire() returns
    auto released = future.then([done](const QFuture<Result<T>> &) { done->release(); });
    done->acquire();
    Q_UNUSED(released)
    if (future.resultCount() == 0)
        return Error{ErrorKind::Internal, QStringLiteral("The answer was lost inside the program."), {}};
    return future.result();
}

QString firstSet(std::initializer_list<const char *> names)
{
    for (const char *name : names) {
        const QString value = qEnvironmentVariable(name);
        if (!value.isEmpty())
            return value;
    }
    return QDir::home().dirName(); // a service or a container may set none of them
}

} // namespace

class Ledger::Store
{
public:
    explicit Store(QString path)
        : m_path(std::move(path))
    {}

    Result<QString> append(const LedgerEntry &entry)
    {
        if (auto failed = open())
            return *failed;
        const auto content = canonicalJson(toJson(entry));
        if (!content)
            return content.error();
        // Another program of ours may append as well. They take turns, or libgit2 would fail on the branch's lock file;
        // whoever else moves the branch meanwhile is seen by compare-and-swap, and their tip becomes our parent.
        QLockFile turn(m_path + QLatin1String(".turn"));
        if (auto failed = take(turn))
            return *failed;
        Result<QString> id = Error{};
        for (int attempt = 0; attempt < mostAttempts; ++attempt) {
            id =
                m_repository->addFile(mainBranch(), ledgerPath(entry), *content, ledgerMessage(entry), authorOf(entry));
            if (id || id.error().kind != ErrorKind::Conflict)
                break;
        }
        return id;
    }

    Result<bool> isSigned()
    {
        if (auto failed = open())
            return *failed;
        return m_repository->file(mainBranch(), QStringLiteral("allowed_signers")).transform([](const auto &file) {
            return file.has_value();
        });
    }

    // The commit of an entry, ready to be signed. Its date is now, and never before the one in front: clocks differ.
    Result<git::PreparedCommit> prepare(const LedgerEntry &entry)
    {
        if (auto failed = open())
            return *failed;
        const auto content = canonicalJson(toJson(entry));
        if (!content)
            return content.error();
        const auto newest = m_repository->log(mainBranch(), 1);
        if (!newest)
            return newest.error();
        git::Author author = authorOf(entry);
        author.at = QDateTime::currentDateTimeUtc();
        if (!newest->isEmpty())
            author.at = std::max(author.at, newest->first().author.at);
        return m_repository->prepare(mainBranch(), {{ledgerPath(entry), *content}}, ledgerMessage(entry), author);
    }

    Result<QString> commit(const git::PreparedCommit &prepared, const QByteArray &signature)
    {
        QLockFile turn(m_path + QLatin1String(".turn"));
        if (auto failed = take(turn))
            return *failed;
        return m_repository->commit(prepared, signature);
    }

    // An unknown number of other entries may lie between those asked for: look further back until there are enough.
    Result<QList<LedgerEntry>> newest(int count, const QString &type)
    {
        if (auto failed = open())
            return *failed;
        QList<LedgerEntry> entries;
        qsizetype seen = 0;
        for (int window = count;; window *= 4) {
            const auto paths = m_repository->lastFiles(mainBranch(), QStringLiteral("entries"), window);
            if (!paths)
                return paths.error();
            for (; seen < paths->size() && entries.size() < count; ++seen) {
                const auto entry = read(paths->at(seen));
                if (!entry)
                    return entry.error();
                if (type.isEmpty() || entry->type == type)
                    entries.append(*entry);
            }
            if (entries.size() >= count || paths->size() < window || window > mostEntries)
                return entries;
        }
    }

private:
    std::optional<Error> take(QLockFile &turn) const
    {
        if (turn.tryLock(turnWaitMs) || turn.error() != QLockFile::LockFailedError)
            return std::nullopt;
        return Error{
            ErrorKind::TimedOut,
            QCoreApplication::translate("signalbox::Ledger", "Another program keeps the ledger %1 locked.").arg(m_path),
            {}};
    }

    Result<LedgerEntry> read(const QString &path)
    {
        const auto bytes = m_repository->file(mainBranch(), path);
        if (!bytes)
            return bytes.error();
        const auto json = nlohmann::json::parse((*bytes)->begin(), (*bytes)->end(), nullptr, false);
        const auto entry = ledgerEntryFromJson(json);
        if (!entry)
            return Error{ErrorKind::Invalid,
                         QCoreApplication::translate("signalbox::Ledger", "%1 in the ledger %2 cannot be read: %3")
                             .arg(path, m_path, entry.error().message),
                         {}};
        return *entry;
    }

    std::optional<Error> open()
    {
        if (m_repository)
            return std::nullopt;
        auto opened = git::Repository::openOrCreateBare(m_path, mainBranch());
        if (!opened)
            return opened.error();
        m_repository.emplace(*std::move(opened));
        return std::nullopt;
    }

    QString m_path;
    std::optional<git::Repository> m_repository;
};

Ledger::Ledger(QString path)
    : m_path(std::move(path))
    , m_store(std::make_unique<Store>(m_path))
{}

Ledger::~Ledger()
{
    m_gone.request_stop(); // nobody touches a key any more
    // After the last signature; libgit2's objects end on the thread that opened them.
    auto closed = m_signing.run([this]() -> Result<void> {
        return resultOf(m_queue.run([this]() -> Result<void> {
            m_store.reset();
            return {};
        }));
    });
    Q_UNUSED(closed)
}

QFuture<Result<QString>> Ledger::append(LedgerEntry entry)
{
    return m_signing.run([this, entry = std::move(entry)] { return appendInTurn(entry); });
}

Result<QString> Ledger::appendInTurn(const LedgerEntry &entry)
{
    const auto isSigned = resultOf(m_queue.run([this] { return m_store->isSigned(); }));
    if (!isSigned)
        return isSigned.error();
    if (!*isSigned)
        return resultOf(m_queue.run([this, &entry] { return m_store->append(entry); }));
    const auto found = signer();
    return found ? appendSigned(entry, **found) : Result<QString>(found.error());
}

// Asked for each time anew: an agent may have been started, a key added, since.
Result<std::shared_ptr<ssh::Signer>> Ledger::signer()
{
    {
        const std::lock_guard lock(m_mutex);
        if (m_signer)
            return m_signer;
    }
    return resultOf(ssh::signerNamed(git::configuredSigningKey(), m_gone.get_token()));
}

void Ledger::setSigner(std::shared_ptr<ssh::Signer> signer)
{
    const std::lock_guard lock(m_mutex);
    m_signer = std::move(signer);
}

Result<QString> Ledger::appendSigned(const LedgerEntry &entry, ssh::Signer &signer)
{
    Result<QString> id = Error{};
    for (int attempt = 0; attempt < mostAttempts; ++attempt) {
        const auto prepared = resultOf(m_queue.run([this, &entry] { return m_store->prepare(entry); }));
        if (!prepared)
            return prepared.error();
        if (prepared->already)
            return *prepared->already;
        const auto signature =
            resultOf(ssh::signMessage(signer, prepared->text, ssh::gitNamespace, m_gone.get_token()));
        if (!signature)
            return signature.error();
        id = resultOf(m_queue.run([this, &prepared, &signature] { return m_store->commit(*prepared, *signature); }));
        if (id || id.error().kind != ErrorKind::Conflict)
            break;
    }
    return id;
}

QFuture<Result<QList<LedgerEntry>>> Ledger::newest(int count, QString type)
{
    return m_queue.run([this, count, type = std::move(type)] { return m_store->newest(count, type); });
}

Identity operatorIdentity()
{
    const git::Author author = git::configuredAuthor();
    Identity identity = accountIdentity();
    identity.name = author.name;
    if (!author.email.isEmpty())
        identity.email = author.email;
    return identity;
}

Identity accountIdentity()
{
    Identity identity;
    identity.user = firstSet({"USER", "LOGNAME", "USERNAME"});
    identity.host = QSysInfo::machineHostName();
    identity.email = identity.user + QLatin1Char('@') + identity.host;
    return identity;
}

} // namespace signalbox
