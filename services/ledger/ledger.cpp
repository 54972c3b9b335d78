#include "services/ledger/ledger.h"

#include "services/async/resultof.h"
#include "services/ledger/ledgerstore.h"
#include "services/ledger/signing/signer.h"
#include "services/ledger/signing/sshsig.h"

#include <QCoreApplication>
#include <QDir>
#include <QSysInfo>

namespace signalbox
{
namespace
{

constexpr int mostTries = 10; // to be first

QString firstSet(std::initializer_list<const char *> names)
{
    for (const char *name : names) {
        const QString value = qEnvironmentVariable(name);
        if (!value.isEmpty())
            return value;
    }
    const QString home = QDir::home().dirName();              // a service or a container may set none of them
    return home.isEmpty() ? QStringLiteral("unknown") : home; // git takes no commit by nobody
}

Error moved()
{
    return {ErrorKind::Conflict,
            QCoreApplication::translate("signalbox::Ledger", "Somebody else wrote to the ledger meanwhile. Nothing was "
                                                             "written: look at what is new."),
            {}};
}

} // namespace

Ledger::Ledger(QString path)
    : m_path(std::move(path))
    , m_store(std::make_unique<LedgerStore>(m_path))
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
    return m_signing.run([this, entry = std::move(entry)] {
        auto written = appendInTurn(entry);
        tidy();
        return written;
    });
}

// Nobody waits for it but who reads next.
void Ledger::tidy()
{
    const auto packed = m_queue.run([this] { return m_store->packWhenDue(); });
    Q_UNUSED(packed)
}

Result<QString> Ledger::appendInTurn(const LedgerEntry &entry)
{
    const auto isSigned = resultOf(m_queue.run([this] { return m_store->isSigned(); }));
    if (!isSigned)
        return isSigned.error();
    if (!*isSigned)
        return resultOf(m_queue.run([this, &entry] { return m_store->append(entry); }));
    const auto found = signer();
    if (!found)
        return found.error();
    return writeSigned([this, &entry] { return m_store->prepare(entry); }, **found);
}

QFuture<Result<QString>> Ledger::appendOn(LedgerEntry entry, QString tip)
{
    return m_signing.run([this, entry = std::move(entry), tip = std::move(tip)] { return appendOnInTurn(entry, tip); });
}

Result<QString> Ledger::appendOnInTurn(const LedgerEntry &entry, const QString &tip)
{
    const auto isSigned = resultOf(m_queue.run([this] { return m_store->isSigned(); }));
    if (!isSigned)
        return isSigned.error();
    const auto prepared = resultOf(m_queue.run([this, &entry] { return m_store->prepare(entry); }));
    if (!prepared)
        return prepared.error();
    if (prepared->already)
        return *prepared->already;
    if (prepared->parent.value_or(QString()) != tip)
        return moved();
    QByteArray signature;
    if (*isSigned) {
        const auto key = signer();
        const auto made = key ? signatureOf(*prepared, **key) : Result<QByteArray>(key.error());
        if (!made)
            return made.error();
        signature = *made;
    }
    const auto id =
        resultOf(m_queue.run([this, &prepared, &signature] { return m_store->commit(*prepared, signature); }));
    return !id && id.error().kind == ErrorKind::Conflict ? Result<QString>(moved()) : id;
}

Result<QByteArray> Ledger::signatureOf(const git::PreparedCommit &prepared, ssh::Signer &signer)
{
    tellTouches(signer, 1);
    return resultOf(ssh::signMessage(signer, prepared.text, ssh::gitNamespace, m_gone.get_token()));
}

Result<std::shared_ptr<ssh::Signer>> Ledger::signer()
{
    SignerSource source;
    {
        const std::lock_guard lock(m_mutex);
        if (m_signer)
            return m_signer;
        source = m_source;
    }
    const StopToken stop = m_gone.get_token();
    return resultOf(source ? source(stop) : ssh::signerNamed(git::configuredSigningKey(), stop), stop);
}

QFuture<Result<std::shared_ptr<ssh::Signer>>> Ledger::findSigner(StopToken stop)
{
    return m_signing.run([this, stop = std::move(stop)]() -> Result<std::shared_ptr<ssh::Signer>> {
        if (stop.stop_requested())
            return Error{ErrorKind::Cancelled, {}, {}};
        return signer();
    });
}

void Ledger::setSigner(std::shared_ptr<ssh::Signer> signer)
{
    const std::lock_guard lock(m_mutex);
    m_signer = std::move(signer);
}

void Ledger::setSignerSource(SignerSource source)
{
    const std::lock_guard lock(m_mutex);
    m_source = std::move(source);
}

void Ledger::setTouchNotice(std::function<void(qsizetype)> notice)
{
    const std::lock_guard lock(m_mutex);
    m_touchNotice = std::move(notice);
}

// Under the lock, so that whoever takes the notice back knows that it is not running.
void Ledger::tellTouches(const ssh::Signer &signer, qsizetype count)
{
    const std::lock_guard lock(m_mutex);
    if (m_touchNotice && signer.needsTouch())
        m_touchNotice(count);
}

QFuture<Result<QString>> Ledger::begin(QByteArray allowedSigners, QByteArray policy, git::Author author)
{
    return m_signing.run([this, signers = std::move(allowedSigners), policy = std::move(policy),
                          author = std::move(author)]() -> Result<QString> {
        const auto found = signer();
        if (!found)
            return found.error();
        return writeSigned([&] { return m_store->prepareStart(signers, policy, author); }, **found);
    });
}

QFuture<Result<QString>> Ledger::change(LedgerRules seen, LedgerRules now, QString message, git::Author author)
{
    return m_signing.run([this, seen = std::move(seen), now = std::move(now), message = std::move(message),
                          author = std::move(author)]() -> Result<QString> {
        const auto found = signer();
        if (!found)
            return found.error();
        return writeSigned([&] { return m_store->prepareChange(seen, now, message, author); }, **found);
    });
}

Result<QString> Ledger::writeSigned(const Preparation &prepare, ssh::Signer &signer)
{
    Result<QString> id = Error{};
    for (int attempt = 0; attempt < mostTries; ++attempt) {
        const auto prepared = resultOf(m_queue.run([&prepare] { return prepare(); }));
        if (!prepared)
            return prepared.error();
        if (prepared->already)
            return *prepared->already;
        const auto signature = signatureOf(*prepared, signer);
        if (!signature)
            return signature.error();
        id = resultOf(m_queue.run([this, &prepared, &signature] { return m_store->commit(*prepared, *signature); }));
        if (id || id.error().kind != ErrorKind::Conflict)
            break;
    }
    return id;
}

QFuture<Result<LedgerTakeOver>> Ledger::takeOver(QString theirs, Touches touches)
{
    return m_signing.run([this, theirs = std::move(theirs), touches] {
        auto taken = takeOverInTurn(theirs, touches);
        tidy();
        return taken;
    });
}

Result<LedgerTakeOver> Ledger::takeOverInTurn(const QString &theirs, Touches touches)
{
    Result<LedgerTakeOver> taken = Error{};
    for (int attempt = 0; attempt < mostTries; ++attempt) {
        const auto lines = resultOf(m_queue.run([this, &theirs] { return m_store->compare(theirs); }));
        if (!lines)
            return lines.error();
        if (lines->onlyOurs.isEmpty())
            taken = resultOf(m_queue.run([this, &lines] { return m_store->forward(*lines); }));
        else if (lines->onlyTheirs.isEmpty())
            return LedgerTakeOver{*lines->ours};
        else
            taken = replay(*lines, touches);
        if (taken || taken.error().kind != ErrorKind::Conflict) // another program of ours appended meanwhile
            break;
    }
    return taken;
}

Result<std::shared_ptr<ssh::Signer>> Ledger::replaySigner(qsizetype entries, Touches touches)
{
    auto found = signer();
    if (!found)
        return found;
    if ((*found)->needsTouch() && touches == Touches::Refuse)
        return Error{ErrorKind::Refused,
                     QCoreApplication::translate("signalbox::Ledger",
                                                 "Entries of yours (%1) have to be signed once more, behind those "
                                                 "of others, and the security key %2 wants a touch for each. Share "
                                                 "the ledger by hand (\"signalbox ledger share\").")
                         .arg(entries)
                         .arg((*found)->description()),
                     {}};
    tellTouches(**found, entries);
    return found;
}

// Our entries once more, behind theirs.
Result<LedgerTakeOver> Ledger::replay(const LedgerLines &lines, Touches touches)
{
    const auto begun = resultOf(m_queue.run([this, &lines] { return m_store->beginReplay(lines); }));
    if (!begun)
        return begun.error();
    std::shared_ptr<ssh::Signer> key;
    if (begun->isSigned && !begun->commits.isEmpty()) {
        const auto found = replaySigner(begun->commits.size(), touches);
        if (!found)
            return found.error();
        key = *found;
    }
    // Writing a change anew makes it the operator's own: only where it was theirs before.
    for (const QString &change : begun->changes) {
        const auto checked = resultOf(m_queue.run([this, &change, &key] { return m_store->checkOwn(change, key); }));
        if (!checked)
            return checked.error();
    }
    for (const QString &commit : begun->commits) {
        const auto prepared = resultOf(m_queue.run([this, &commit] { return m_store->prepareReplay(commit); }));
        if (!prepared)
            return prepared.error();
        if (prepared->already)
            continue; // it got there by another way
        QByteArray signature;
        if (key) {
            const auto made = resultOf(ssh::signMessage(*key, prepared->text, ssh::gitNamespace, m_gone.get_token()));
            if (!made)
                return made.error();
            signature = *made;
        }
        const auto written =
            resultOf(m_queue.run([this, &prepared, &signature] { return m_store->commit(*prepared, signature); }));
        if (!written)
            return written.error();
    }
    return resultOf(m_queue.run([this, &lines, &begun] { return m_store->finishReplay(lines, *begun); }));
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

git::Author authorOf(const Identity &who, const QDateTime &at)
{
    const QString account = who.user + QLatin1Char('@') + who.host;
    return {who.name.isEmpty() ? who.user : who.name, who.email.isEmpty() ? account : who.email, at};
}

} // namespace signalbox
