#include "services/ledger/ledgerstore.h"

#include "services/git/packer.h"
#include "services/git/stalelocks.h"
#include "services/ledger/canonicaljson.h"
#include "services/ledger/operationjson.h"

#include <QCoreApplication>
#include <QLockFile>
#include <QLoggingCategory>

#include <algorithm>
#include <atomic>

namespace signalbox
{
namespace
{

Q_LOGGING_CATEGORY(category, "signalbox.services.ledger")

constexpr qsizetype mostLoose = 6000; // some 900 entries
constexpr int packingStaleMs = 120000;
constexpr int turnWaitMs = 20000;
constexpr int turnStaleMs = 8000; // it is held for milliseconds
constexpr int mostEntries = 1'000'000;
constexpr int mostAttempts = 10; // to be first

QString mainBranch()
{
    return QStringLiteral("main");
}

// Of this object alone; what an earlier process of the same number left behind is written over.
QString ownBranch()
{
    static std::atomic<int> count{0};
    return QStringLiteral("replay-%1-%2").arg(QCoreApplication::applicationPid()).arg(++count);
}

// Of an entry's JSON, as verifying reads it: what its object of that type names under the key; empty: it is of another
// type.
QString namedIn(const QByteArray &bytes, const char *type, const char *key)
{
    const auto json = nlohmann::json::parse(bytes.begin(), bytes.end(), nullptr, false);
    const auto object = json.is_object() ? json.find(type) : json.end();
    if (!json.is_object() || object == json.end() || !object->is_object())
        return {};
    const auto named = object->find(key);
    return named != object->end() && named->is_string() ? QString::fromStdString(named->get_ref<const std::string &>())
                                                        : QString();
}

// The promotion that it claims.
QString claimOf(const QByteArray &bytes)
{
    return namedIn(bytes, "claim", "promotion");
}

// The change of the policy that it countersigns.
QString countersignedBy(const QByteArray &bytes)
{
    return namedIn(bytes, "policyCountersign", "commit");
}

QString entryIdOf(const git::CommitContent &content)
{
    return content.added.first().path.section(QLatin1Char('/'), -1).chopped(5);
}

bool isRulesFile(const QString &path)
{
    return path == QLatin1String("policy.yaml") || path == QLatin1String("allowed_signers");
}

bool isEntryPath(const QString &path)
{
    return path.startsWith(QLatin1String("entries/")) && path.endsWith(QLatin1String(".json"));
}

} // namespace

LedgerStore::LedgerStore(QString path)
    : m_path(std::move(path))
    , m_replayBranch(ownBranch())
{}

Result<QString> LedgerStore::append(const LedgerEntry &entry)
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
        id = m_repository->addFile(mainBranch(), ledgerPath(entry), *content, ledgerMessage(entry),
                                   authorOf(entry.who, entry.at));
        if (id || id.error().kind != ErrorKind::Conflict)
            break;
    }
    return id;
}

Result<bool> LedgerStore::isSigned()
{
    if (auto failed = open())
        return *failed;
    return m_repository->file(mainBranch(), QStringLiteral("allowed_signers")).transform([](const auto &file) {
        return file.has_value();
    });
}

Result<git::PreparedCommit> LedgerStore::prepare(const LedgerEntry &entry)
{
    if (auto failed = open())
        return *failed;
    const auto content = canonicalJson(toJson(entry));
    if (!content)
        return content.error();
    const auto at = dateAfter(mainBranch());
    if (!at)
        return at.error();
    return m_repository->prepare(mainBranch(), {{ledgerPath(entry), *content}}, ledgerMessage(entry),
                                 authorOf(entry.who, *at));
}

Result<git::PreparedCommit> LedgerStore::prepareStart(const QByteArray &allowedSigners, const QByteArray &policy,
                                                      const git::Author &author)
{
    const auto isBegun = isSigned();
    if (!isBegun)
        return isBegun.error();
    if (*isBegun)
        return Error{ErrorKind::Refused,
                     QCoreApplication::translate("signalbox::Ledger",
                                                 "The ledger %1 is signed already. Its policy says who may write; an "
                                                 "admin adds people by changing policy.yaml and allowed_signers.")
                         .arg(m_path),
                     {}};
    const auto at = dateAfter(mainBranch());
    if (!at)
        return at.error();
    git::Author dated = author;
    dated.at = *at;
    return m_repository->prepare(
        mainBranch(), {{QStringLiteral("allowed_signers"), allowedSigners}, {QStringLiteral("policy.yaml"), policy}},
        QStringLiteral("Begin to sign\n"), dated);
}

// Files that are there become others.
Result<git::PreparedCommit> LedgerStore::prepareRules(const QString &branch, const QString &parent,
                                                      const QList<git::FileContent> &files, const QString &message,
                                                      const git::Author &author)
{
    auto prepared = m_repository->prepareOn(parent, files, message, author);
    if (prepared)
        prepared->branch = branch;
    return prepared;
}

Result<git::PreparedCommit> LedgerStore::prepareChange(const LedgerRules &seen, const LedgerRules &now,
                                                       const QString &message, const git::Author &author)
{
    const auto isBegun = isSigned();
    if (!isBegun)
        return isBegun.error();
    if (!*isBegun)
        return Error{ErrorKind::Refused,
                     QCoreApplication::translate("signalbox::Ledger",
                                                 "The ledger %1 is not signed: it has no policy that could be changed. "
                                                 "The first admin begins with \"signalbox ledger init\".")
                         .arg(m_path),
                     {}};
    const auto tip = m_repository->tip(mainBranch());
    const auto objects = reader();
    if (!tip || !objects)
        return tip ? objects.error() : tip.error();
    const auto rules = rulesAt(**objects, tip->value_or(QString()));
    if (!rules)
        return rules.error();
    if (!(*rules == seen))
        return Error{ErrorKind::Conflict,
                     QCoreApplication::translate("signalbox::Ledger",
                                                 "Somebody else changed the policy meanwhile. Nothing was written: "
                                                 "look at theirs, then make the change again."),
                     {}};
    if (now == seen)
        return Error{ErrorKind::Refused,
                     QCoreApplication::translate("signalbox::Ledger",
                                                 "The ledger says exactly this already: nothing was written."),
                     {}};
    const auto at = dateAfter(mainBranch());
    if (!at)
        return at.error();
    git::Author dated = author;
    dated.at = *at;
    return prepareRules(
        mainBranch(), tip->value_or(QString()), // what was compared: who writes in between makes it a conflict
        {{QStringLiteral("allowed_signers"), now.allowedSigners}, {QStringLiteral("policy.yaml"), now.policy}}, message,
        dated);
}

Result<QString> LedgerStore::commit(const git::PreparedCommit &prepared, const QByteArray &signature)
{
    QLockFile turn(m_path + QLatin1String(".turn"));
    if (auto failed = take(turn))
        return *failed;
    return m_repository->commit(prepared, signature);
}

// An unknown number of other entries may lie between those asked for: look further back until there are enough.
Result<QList<LedgerEntry>> LedgerStore::newest(int count, const QString &type)
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

Result<void> LedgerStore::packWhenDue()
{
    if (!git::hasManyLooseObjects(m_path, mostLoose))
        return {};
    QLockFile alone(m_path + QLatin1String(".packing")); // one program is enough; nobody has to wait for it
    alone.setStaleLockTime(packingStaleMs);
    if (!alone.tryLock(0))
        return {};
    const auto packed = git::packLooseObjects(m_path, {});
    if (packed)
        qCDebug(category) << "packed" << *packed << "objects of" << m_path;
    else
        qCWarning(category).noquote() << packed.error().message;
    return {};
}

std::optional<Error> LedgerStore::take(QLockFile &turn) const
{
    turn.setStaleLockTime(turnStaleMs); // of a program that was killed before it had written its own number there
    if (turn.tryLock(turnWaitMs) || turn.error() != QLockFile::LockFailedError) {
        git::removeStaleLocks(m_path, {QStringLiteral("heads/replay-"), QStringLiteral("signalbox/push-")});
        return std::nullopt;
    }
    return Error{
        ErrorKind::TimedOut,
        QCoreApplication::translate("signalbox::Ledger", "Another program keeps the ledger %1 locked.").arg(m_path),
        {}};
}

Result<LedgerEntry> LedgerStore::read(const QString &path)
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

std::optional<Error> LedgerStore::open()
{
    if (m_repository)
        return std::nullopt;
    auto opened = git::Repository::openOrCreateBare(m_path, mainBranch());
    if (!opened)
        return opened.error();
    m_repository.emplace(*std::move(opened));
    return std::nullopt;
}

Result<QDateTime> LedgerStore::dateAfter(const QString &branch)
{
    const auto newest = m_repository->log(branch, 1);
    if (!newest)
        return newest.error();
    const QDateTime now = QDateTime::currentDateTimeUtc();
    return newest->isEmpty() ? now : std::max(now, newest->first().author.at);
}

Result<LedgerLines> LedgerStore::compare(const QString &theirs)
{
    if (auto failed = open())
        return *failed;
    LedgerLines lines;
    lines.theirs = theirs;
    const auto ours = m_repository->tip(mainBranch());
    if (!ours)
        return ours.error();
    lines.ours = *ours;
    const auto received = m_repository->commitsBetween(ours->value_or(QString()), theirs);
    if (!received)
        return received.error();
    lines.onlyTheirs = *received;
    if (!lines.ours)
        return lines;
    const auto missing = m_repository->commitsBetween(theirs, *lines.ours);
    if (!missing)
        return missing.error();
    lines.onlyOurs = *missing;
    return lines;
}

Result<LedgerTakeOver> LedgerStore::forward(const LedgerLines &lines)
{
    LedgerTakeOver taken{lines.theirs, lines.onlyTheirs.size()};
    if (lines.onlyTheirs.isEmpty())
        return taken;
    QLockFile turn(m_path + QLatin1String(".turn"));
    if (auto failed = take(turn))
        return *failed;
    const auto moved = m_repository->moveBranch(mainBranch(), lines.theirs, lines.ours);
    if (!moved)
        return moved.error();
    return taken;
}

Result<LedgerReplay> LedgerStore::beginReplay(const LedgerLines &lines)
{
    LedgerReplay replay;
    const auto theirs = theirsIn(lines.onlyTheirs);
    if (!theirs)
        return theirs.error();
    for (const QString &commit : lines.onlyOurs) { // before anybody is asked to touch a key
        const auto own = ownOf(commit);
        if (!own)
            return own.error();
        const QByteArray bytes = own->content.added.first().content;
        const QString countersigned = own->isChange ? QString() : countersignedBy(bytes);
        // A countersignature names its change by the commit: behind one that is written anew it would name nothing.
        if (theirs->decidesPolicy ? own->isChange || !countersigned.isEmpty() : lines.onlyOurs.contains(countersigned))
            replay.dropped.append(own->isChange ? commit : entryIdOf(own->content));
        else if (!own->isChange && theirs->claimed.contains(claimOf(bytes)))
            replay.lost.append(entryIdOf(own->content));
        else
            replay.commits.append(commit);
        if (own->isChange && !replay.dropped.contains(commit))
            replay.changes.append(commit);
    }
    const auto set = m_repository->setReference(QStringLiteral("refs/heads/") + m_replayBranch, lines.theirs);
    if (!set)
        return set.error();
    const auto signers = m_repository->file(m_replayBranch, QStringLiteral("allowed_signers"));
    if (!signers)
        return signers.error();
    replay.isSigned = signers->has_value();
    return replay;
}

Result<LedgerStore::Theirs> LedgerStore::theirsIn(const QStringList &commits)
{
    Theirs theirs;
    for (const QString &commit : commits) {
        const auto content = m_repository->content(commit);
        if (!content)
            return content.error();
        theirs.decidesPolicy = theirs.decidesPolicy || content->hasOtherChanges;
        for (const git::FileContent &file : content->added) {
            if (const QString promotion = claimOf(file.content); !promotion.isEmpty())
                theirs.claimed.insert(promotion);
            theirs.decidesPolicy =
                theirs.decidesPolicy || isRulesFile(file.path) || !countersignedBy(file.content).isEmpty();
        }
    }
    return theirs;
}

Result<git::ObjectReader *> LedgerStore::reader()
{
    if (!m_reader) {
        auto opened = git::ObjectReader::open(m_path);
        if (!opened)
            return opened.error();
        m_reader.emplace(*std::move(opened));
    }
    return &*m_reader;
}

Result<LedgerStore::Own> LedgerStore::ownOf(const QString &commit)
{
    auto content = m_repository->content(commit);
    if (!content)
        return content.error();
    if (!content->hasOtherChanges && content->added.size() == 1 && isEntryPath(content->added.first().path))
        return Own{*std::move(content), false};
    const auto objects = reader();
    if (!objects)
        return objects.error();
    const auto isChange = changesRulesAlone(**objects, commit);
    const auto rules = rulesAt(**objects, commit);
    if (!isChange || !rules)
        return isChange ? rules.error() : isChange.error();
    if (!*isChange)
        return Error{ErrorKind::Refused,
                     QCoreApplication::translate("signalbox::Ledger",
                                                 "The commit %1 of the ledger %2 neither adds one entry nor changes "
                                                 "the policy: it is not written behind the entries of others.")
                         .arg(commit.left(10), m_path),
                     {}};
    content->added = {{QStringLiteral("allowed_signers"), rules->allowedSigners},
                      {QStringLiteral("policy.yaml"), rules->policy}};
    return Own{*std::move(content), true};
}

Result<void> LedgerStore::checkOwn(const QString &change, const std::shared_ptr<ssh::Signer> &key)
{
    const auto objects = reader();
    if (!objects)
        return objects.error();
    const auto isOwn = key ? isSignedBy(**objects, change, key->publicKey()) : Result<bool>(false);
    if (!isOwn)
        return isOwn.error();
    if (!*isOwn)
        return Error{ErrorKind::Refused,
                     QCoreApplication::translate("signalbox::Ledger",
                                                 "The commit %1 of the ledger %2 changes the policy and was not signed "
                                                 "with your key: it is not written behind the entries of others.")
                         .arg(change.left(10), m_path),
                     {}};
    return {};
}

Result<git::PreparedCommit> LedgerStore::prepareReplay(const QString &commit)
{
    const auto own = ownOf(commit);
    if (!own)
        return own.error();
    const auto at = dateAfter(m_replayBranch);
    if (!at)
        return at.error();
    git::Author author = own->content.author;
    author.at = *at;
    if (!own->isChange)
        return m_repository->prepare(m_replayBranch, own->content.added, own->content.message, author);
    const auto tip = m_repository->tip(m_replayBranch);
    return tip ? prepareRules(m_replayBranch, tip->value_or(QString()), own->content.added, own->content.message,
                              author)
               : Result<git::PreparedCommit>(tip.error());
}

Result<LedgerTakeOver> LedgerStore::finishReplay(const LedgerLines &lines, const LedgerReplay &replay)
{
    const auto tip = m_repository->tip(m_replayBranch);
    if (!tip)
        return tip.error();
    QLockFile turn(m_path + QLatin1String(".turn"));
    if (auto failed = take(turn))
        return *failed;
    const auto moved = m_repository->moveBranch(mainBranch(), tip->value_or(lines.theirs), lines.ours);
    if (!moved)
        return moved.error();
    const auto removed = m_repository->removeBranch(m_replayBranch);
    if (!removed)
        return removed.error();
    return LedgerTakeOver{tip->value_or(lines.theirs), lines.onlyTheirs.size(), replay.commits.size(), replay.lost,
                          replay.dropped};
}

} // namespace signalbox
