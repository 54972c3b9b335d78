#include "services/gate/ledgerhead.h"

#include "services/git/objectreader.h"
#include "services/ledger/canonicaldocument.h"
#include "services/ledger/ledgerentry.h"
#include "services/policy/policydecoder.h"

#include <nlohmann/json.hpp>

#include <QCoreApplication>
#include <QHash>

namespace signalbox::policy
{

namespace
{

struct Text
{
    Q_DECLARE_TR_FUNCTIONS(Policy)
};

constexpr qsizetype mostPolicyBytes = 4 * 1024 * 1024;
constexpr qsizetype mostEntryBytes = 256 * 1024;
constexpr qsizetype mostIgnored = 100;

Error refused(const QString &message)
{
    return {ErrorKind::Refused, message, {}};
}

class HeadReader
{
public:
    HeadReader(git::ObjectReader reader, const ledger::ChainVerdict &chain)
        : m_reader(std::move(reader))
        , m_chain(chain)
    {}

    Result<LedgerHead> read(const StopToken &stop)
    {
        m_head.tip = QString::fromLatin1(m_chain.tip->hex());
        const git::ObjectId commit = *m_chain.policyCommit;
        m_head.policyCommit = QString::fromLatin1(commit.hex());
        const auto file = policyFile(commit);
        if (!file || !*file)
            return file ? refused(Text::tr("The ledger's commit %1 has no policy.yaml.").arg(m_head.policyCommit))
                        : file.error();
        m_policyFile = **file;
        const auto bytes = m_reader.blob(m_policyFile, mostPolicyBytes);
        if (!bytes)
            return bytes.error();
        const auto policy = parsePolicy(*bytes, Text::tr("policy.yaml of %1").arg(shortCommit(m_head.policyCommit)));
        if (!policy)
            return policy.error();
        m_head.policy = *policy;
        for (const ledger::WaitingChange &change : m_chain.waiting)
            m_head.waiting.append({QString::fromLatin1(change.commit.hex()),
                                   change.person.isEmpty() ? change.signer : change.person,
                                   QDateTime::fromSecsSinceEpoch(change.committedAt, Qt::UTC)});
        qint64 position = 0;
        for (const ledger::EntryVerdict &verdict : m_chain.entries) {
            ++position;
            if (stop.stop_requested())
                return Error{ErrorKind::Cancelled, {}, {}};
            take(verdict, position);
        }
        return std::move(m_head);
    }

private:
    void take(const ledger::EntryVerdict &verdict, qint64 position)
    {
        if (verdict.state == ledger::EntryVerdict::State::Bad)
            return ignore(verdict, verdict.reason);
        // A policy's change is no entry; one that was never signed proves nothing.
        if (verdict.state != ledger::EntryVerdict::State::Good || verdict.id.isEmpty() || verdict.type == "policy" ||
            verdict.type == "drill")
            return;
        const auto entry = entryOf(verdict);
        if (!entry)
            return ignore(verdict, entry.error().message);
        std::optional<SignedRecord> record = signedRecord(*entry, position, verdict.signer);
        if (!record)
            return;
        // The commit's date is proven not to go back; what the entry says of itself makes nothing younger than that.
        const QDateTime committed = QDateTime::fromSecsSinceEpoch(verdict.committedAt, Qt::UTC);
        record->at = std::min(record->at, committed);
        if (Record *body = std::get_if<Record>(&record->body))
            std::visit([this](auto &one) { underThisPolicy(one); }, *body);
        m_head.entries.append(*record);
    }

    void ignore(const ledger::EntryVerdict &verdict, const QString &reason)
    {
        ++m_head.ignoredCount;
        if (m_head.ignored.size() < mostIgnored)
            m_head.ignored.append(
                QStringLiteral("%1: %2").arg(QString::fromLatin1(verdict.commit.hex().left(10)), reason));
    }

    Result<LedgerEntry> entryOf(const ledger::EntryVerdict &verdict)
    {
        const auto bytes = m_reader.blob(verdict.blob, mostEntryBytes);
        if (!bytes)
            return bytes.error();
        // What was proven is canonical: one pass, and no tree of JSON.
        if (m_document.parse(*bytes)) {
            if (auto entry = ledgerEntryFrom(m_document))
                return entry;
        }
        return ledgerEntryFromJson(nlohmann::json::parse(bytes->begin(), bytes->end(), nullptr, false));
    }

    Result<git::ObjectId> treeOf(const git::ObjectId &commit)
    {
        const auto text = m_reader.commitText(commit);
        if (!text)
            return text.error();
        const auto parsed = git::parseCommit(*text);
        return parsed ? Result<git::ObjectId>(parsed->tree)
                      : refused(Text::tr("%1 is no commit").arg(QString::fromLatin1(commit.hex())));
    }

    Result<std::optional<git::ObjectId>> policyFile(const git::ObjectId &commit)
    {
        const auto tree = treeOf(commit);
        if (!tree)
            return tree.error();
        return m_reader.fileOf(*tree, "policy.yaml");
    }

    template <typename T>
    void underThisPolicy(T &one)
    {
        if constexpr (requires { one.policyCommit; }) {
            if (one.policyCommit != m_head.policyCommit && isThisPolicy(one.policyCommit))
                one.policyCommit = m_head.policyCommit;
        }
    }

    bool isThisPolicy(const QString &commit)
    {
        const auto known = m_same.constFind(commit);
        if (known != m_same.constEnd())
            return *known;
        const auto id = git::ObjectId::fromHex(commit.toLatin1());
        bool isSame = false;
        if (id) {
            const auto file = policyFile(*id);
            isSame = file && *file && **file == m_policyFile;
        }
        m_same.insert(commit, isSame);
        return isSame;
    }

    CanonicalDocument m_document;
    git::ObjectReader m_reader;
    const ledger::ChainVerdict &m_chain;
    git::ObjectId m_policyFile;
    QHash<QString, bool> m_same;
    LedgerHead m_head;
};

} // namespace

Result<LedgerHead> readHead(const QString &path, const ledger::VerifyOptions &options, const StopToken &stop)
{
    const auto chain = ledger::verifyChain(path, options, stop);
    if (!chain)
        return chain.error();
    if (!chain->problems.isEmpty())
        return refused(chain->problems.join(QLatin1Char('\n')));
    if (!chain->isSigned() || !chain->policyCommit || !chain->tip) {
        // Nobody began to sign it: that is no harm, unless it is known who did.
        const bool isNew = !chain->isSigned() && chain->bad == 0 && options.pin.firstAdmin.isEmpty();
        return Error{isNew ? ErrorKind::Unsupported : ErrorKind::Refused,
                     Text::tr("The ledger %1 is not signed: nothing in it is proven. An admin begins with a commit of "
                              "policy.yaml and allowed_signers.")
                         .arg(path),
                     {}};
    }
    auto reader = git::ObjectReader::open(path);
    if (!reader)
        return reader.error();
    return HeadReader(*std::move(reader), *chain).read(stop);
}

Result<QString> headTip(const QString &path)
{
    auto reader = git::ObjectReader::open(path);
    if (!reader)
        return reader.error();
    const auto tip = reader->tip(QStringLiteral("main"));
    if (!tip)
        return tip.error();
    return *tip ? QString::fromLatin1((*tip)->hex()) : QString();
}

} // namespace signalbox::policy
