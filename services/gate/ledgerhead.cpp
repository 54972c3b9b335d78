#include "services/gate/ledgerhead.h"

#include "models/policy/policytext.h"
#include "services/git/objectreader.h"
#include "services/ledger/canonicaldocument.h"
#include "services/ledger/ledgerentry.h"
#include "services/policy/policydecoder.h"

#include <nlohmann/json.hpp>

#include <QHash>
#include <QSet>

#include <algorithm>
#include <utility>
#include <vector>

namespace signalbox::policy
{

namespace
{

constexpr qsizetype mostPolicyBytes = 4 * 1024 * 1024;
constexpr qsizetype mostEntryBytes = 256 * 1024;
constexpr qsizetype mostIgnored = 100;

Error refused(const QString &message)
{
    return {ErrorKind::Refused, message, {}};
}

// The head, and what it takes to go on from there.
struct HeadState
{
    LedgerHead head;
    git::ObjectId policyFile;           // the policy in force
    QHash<QString, bool> samePolicy;    // commits that entries name: whether it is theirs, too
    QHash<qsizetype, QString> renamed;  // entries that carry the head's policyCommit for the one that stands in them
    std::vector<git::ObjectId> blobs;   // of the entries, in their order
    std::vector<git::ObjectId> changes; // of the policy: what was proven to be in force
};

class HeadReader
{
public:
    HeadReader(git::ObjectReader reader, HeadState &state)
        : m_reader(std::move(reader))
        , m_state(state)
        , m_head(state.head)
    {}

    // The step's entries stand behind those of the state.
    std::optional<Error> read(const ledger::ChainStep &step, const StopToken &stop)
    {
        m_head.tip = QString::fromLatin1(step.chain.tip->hex());
        if (const auto failed = takePolicy(*step.chain.policyCommit))
            return failed;
        m_head.waiting.clear();
        for (const ledger::WaitingChange &change : step.chain.waiting)
            m_head.waiting.append({QString::fromLatin1(change.commit.hex()),
                                   change.person.isEmpty() ? change.signer : change.person,
                                   QDateTime::fromSecsSinceEpoch(change.committedAt, Qt::UTC)});
        qint64 position = step.before;
        for (const ledger::EntryVerdict &verdict : step.chain.entries) {
            ++position;
            if (stop.stop_requested())
                return Error{ErrorKind::Cancelled, {}, {}};
            take(verdict, position);
        }
        return std::nullopt;
    }

private:
    std::optional<Error> takePolicy(const git::ObjectId &commit)
    {
        const QString name = QString::fromLatin1(commit.hex());
        if (name == m_head.policyCommit)
            return std::nullopt;
        m_head.policyCommit = name;
        const auto file = policyFile(commit);
        if (!file || !*file)
            return file ? refused(PolicyText::tr("The ledger's commit %1 has no policy.yaml.").arg(name))
                        : file.error();
        const auto bytes = m_reader.blob(**file, mostPolicyBytes);
        if (!bytes)
            return bytes.error();
        const auto policy = parsePolicy(*bytes, PolicyText::tr("policy.yaml of %1").arg(shortCommit(name)));
        if (!policy)
            return policy.error();
        m_head.policy = *policy;
        m_state.policyFile = **file;
        nameAnew();
        return std::nullopt;
    }

    // Of the entries that are there, which were given under the policy that is in force now?
    void nameAnew()
    {
        m_state.samePolicy.clear();
        const QHash<qsizetype, QString> before = std::exchange(m_state.renamed, {});
        for (qsizetype i = 0; i < m_head.entries.size(); ++i) {
            Record *body = std::get_if<Record>(&m_head.entries[i].body);
            if (!body)
                continue;
            const auto own = before.constFind(i);
            if (own != before.constEnd())
                std::visit([&own](auto &one) { setPolicyCommit(one, *own); }, *body);
            std::visit([this, i](auto &one) { underThisPolicy(one, i); }, *body);
        }
    }

    void take(const ledger::EntryVerdict &verdict, qint64 position)
    {
        if (verdict.state == ledger::EntryVerdict::State::Bad)
            return ignore(verdict, verdict.reason);
        if (verdict.state == ledger::EntryVerdict::State::Good && verdict.type == "policy")
            m_state.changes.push_back(verdict.blob);
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
            std::visit([this](auto &one) { underThisPolicy(one, m_head.entries.size()); }, *body);
        m_head.entries.append(*std::move(record));
        m_state.blobs.push_back(verdict.blob);
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
                      : refused(PolicyText::tr("%1 is no commit").arg(QString::fromLatin1(commit.hex())));
    }

    Result<std::optional<git::ObjectId>> policyFile(const git::ObjectId &commit)
    {
        const auto tree = treeOf(commit);
        if (!tree)
            return tree.error();
        return m_reader.fileOf(*tree, "policy.yaml");
    }

    template <typename T>
    static void setPolicyCommit(T &one, const QString &commit)
    {
        if constexpr (requires { one.policyCommit; })
            one.policyCommit = commit;
    }

    template <typename T>
    void underThisPolicy(T &one, qsizetype index)
    {
        if constexpr (requires { one.policyCommit; }) {
            if (one.policyCommit == m_head.policyCommit || !isThisPolicy(one.policyCommit))
                return;
            m_state.renamed.insert(index, one.policyCommit);
            one.policyCommit = m_head.policyCommit;
        }
    }

    bool isThisPolicy(const QString &commit)
    {
        const auto known = m_state.samePolicy.constFind(commit);
        if (known != m_state.samePolicy.constEnd())
            return *known;
        const auto id = git::ObjectId::fromHex(commit.toLatin1());
        bool isSame = false;
        if (id) {
            const auto file = policyFile(*id);
            isSame = file && *file && **file == m_state.policyFile;
        }
        m_state.samePolicy.insert(commit, isSame);
        return isSame;
    }

    CanonicalDocument m_document;
    git::ObjectReader m_reader;
    HeadState &m_state;
    LedgerHead &m_head;
};

// What was proven before and is not in the chain now, and should be. A program that shares its ledger writes its own
// unsent entries anew behind those of others, with the same content; what they decided first takes the place of its
// claims and of its changes of the policy: see Ledger::takeOver().
std::vector<git::ObjectId> lostOf(const HeadState &before, const HeadState &now, const ledger::ChainVerdict &chain)
{
    QSet<git::ObjectId> known(before.blobs.begin(), before.blobs.end());
    known.unite(QSet<git::ObjectId>(before.changes.begin(), before.changes.end()));
    QHash<git::ObjectId, int> there;
    bool hasDecidedPolicy = false;
    for (const ledger::EntryVerdict &verdict : chain.entries) {
        ++there[verdict.blob];
        hasDecidedPolicy = hasDecidedPolicy || (verdict.state == ledger::EntryVerdict::State::Good &&
                                                (verdict.type == "policy" || verdict.type == "policyCountersign") &&
                                                !known.contains(verdict.blob));
    }
    QSet<QString> claimed;
    for (const SignedRecord &entry : now.head.entries) {
        if (const auto *claim = entry.as<Claim>())
            claimed.insert(claim->promotion);
    }
    std::vector<git::ObjectId> lost;
    for (size_t i = 0; i < before.blobs.size(); ++i) {
        if (there.contains(before.blobs[i]))
            continue;
        const SignedRecord &entry = before.head.entries.at(static_cast<qsizetype>(i));
        const auto *claim = entry.as<Claim>();
        const bool hasGivenWay =
            claim ? claimed.contains(claim->promotion) : hasDecidedPolicy && entry.as<PolicyCountersign>() != nullptr;
        if (!hasGivenWay)
            lost.push_back(before.blobs[i]);
    }
    for (const git::ObjectId &change : before.changes) {
        if (--there[change] < 0 && !hasDecidedPolicy) // a policy may come back: each time counts
            lost.push_back(change);
    }
    return lost;
}

bool isSameQuestion(const ledger::VerifyOptions &a, const ledger::VerifyOptions &b)
{
    return a.pin.firstAdmin == b.pin.firstAdmin && a.pin.workspace == b.pin.workspace && a.atLeast == b.atLeast;
}

} // namespace

class HeadFollower::Private
{
public:
    QString path;
    ledger::VerifyOptions options;
    std::unique_ptr<ledger::ChainFollower> chain; // null: prove all of it
    std::shared_ptr<const HeadState> now;         // as far as `chain` is
    std::shared_ptr<const HeadState> proven;      // the last that was told
    std::vector<git::ObjectId> lost;              // of `proven`, and not in `now`

    Result<std::shared_ptr<const LedgerHead>> read(const StopToken &stop);
    Result<void> take(const ledger::ChainStep &step, const StopToken &stop);
    void look(const ledger::ChainStep &step);
    Error rewritten() const;
};

Result<void> HeadFollower::Private::take(const ledger::ChainStep &step, const StopToken &stop)
{
    if (!step.chain.problems.isEmpty())
        return refused(step.chain.problems.join(QLatin1Char('\n')));
    if (!step.chain.isSigned() || !step.chain.policyCommit || !step.chain.tip) {
        // Nobody began to sign it: that is no harm, unless it is known who did.
        const bool isNew = !step.chain.isSigned() && step.chain.bad == 0 && options.pin.firstAdmin.isEmpty() && !proven;
        return Error{
            isNew ? ErrorKind::Unsupported : ErrorKind::Refused,
            PolicyText::tr("The ledger %1 is not signed: nothing in it is proven. An admin begins with a commit of "
                           "policy.yaml and allowed_signers.")
                .arg(path),
            {}};
    }
    if (now && !step.isFresh && step.chain.entries.empty())
        return {};
    auto reader = git::ObjectReader::open(path);
    if (!reader)
        return reader.error();
    auto next = std::make_shared<HeadState>();
    if (now && !step.isFresh)
        *next = *now;
    if (const auto failed = HeadReader(*std::move(reader), *next).read(step, stop))
        return *failed;
    now = std::move(next);
    look(step);
    return {};
}

void HeadFollower::Private::look(const ledger::ChainStep &step)
{
    if (step.isFresh) {
        lost = proven ? lostOf(*proven, *now, step.chain) : std::vector<git::ObjectId>();
        return;
    }
    for (const ledger::EntryVerdict &verdict : step.chain.entries) // it may have been put right
        lost.erase(std::remove(lost.begin(), lost.end(), verdict.blob), lost.end());
}

Error HeadFollower::Private::rewritten() const
{
    return refused(
        PolicyText::tr("The ledger %1 was rewound, rewritten or replaced: its newest commit was %2, and %n of the "
                       "proven entries that it had then are gone. Nothing is decided by it. Ask who did that; to "
                       "go on with what is there now, start this program again.",
                       "", static_cast<int>(lost.size()))
            .arg(path, proven->head.tip.left(10)));
}

Result<std::shared_ptr<const LedgerHead>> HeadFollower::Private::read(const StopToken &stop)
{
    if (!chain) {
        chain = std::make_unique<ledger::ChainFollower>(path, options);
        now.reset();
    }
    const auto step = chain->advance(stop);
    if (!step)
        return step.error();
    const auto taken = take(*step, stop);
    if (!taken) {
        chain.reset(); // it is ahead of `now`: prove all of it the next time
        return taken.error();
    }
    if (!lost.empty())
        return rewritten();
    proven = now;
    return std::shared_ptr<const LedgerHead>(now, &now->head);
}

HeadFollower::HeadFollower()
    : d(std::make_unique<Private>())
{}

HeadFollower::~HeadFollower() = default;

Result<std::shared_ptr<const LedgerHead>> HeadFollower::read(const QString &path, const ledger::VerifyOptions &options,
                                                             const StopToken &stop)
{
    const std::lock_guard lock(m_mutex);
    if (d->path != path || !isSameQuestion(d->options, options)) {
        d = std::make_unique<Private>();
        d->path = path;
    }
    d->options = options;
    return d->read(stop);
}

std::shared_ptr<const LedgerHead> HeadFollower::at(const QString &path, const ledger::VerifyOptions &options,
                                                   const QString &tip) const
{
    const std::unique_lock lock(m_mutex, std::try_to_lock);
    if (!lock) // all of it may be under proof
        return nullptr;
    const bool isKnown = d->proven && d->proven == d->now && d->path == path && isSameQuestion(d->options, options) &&
                         d->proven->head.tip == tip;
    return isKnown ? std::shared_ptr<const LedgerHead>(d->proven, &d->proven->head) : nullptr;
}

Result<LedgerHead> readHead(const QString &path, const ledger::VerifyOptions &options, const StopToken &stop)
{
    const auto head = HeadFollower().read(path, options, stop);
    return head ? Result<LedgerHead>(**head) : Result<LedgerHead>(head.error());
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
