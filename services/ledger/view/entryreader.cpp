#include "services/ledger/view/entryreader.h"

#include "services/git/objectreader.h"
#include "services/ledger/canonicaldocument.h"
#include "services/ledger/verify/commitfacts.h"
#include "services/ledger/verify/printable.h"

#include <nlohmann/json.hpp>

#include <QThread>
#include <QThreadPool>

#include <algorithm>
#include <mutex>
#include <type_traits>

namespace signalbox::ledger
{

namespace
{

constexpr qsizetype mostShown = 300; // bytes of a name in a list

constexpr size_t chunk = 4096; // entries that are in memory at a time

LedgerProof proofOf(EntryVerdict::State state)
{
    switch (state) {
    case EntryVerdict::State::Good:
        return LedgerProof::Good;
    case EntryVerdict::State::Pending:
        return LedgerProof::Pending;
    case EntryVerdict::State::NotSigned:
        return LedgerProof::NotSigned;
    case EntryVerdict::State::Bad:
        break;
    }
    return LedgerProof::Bad;
}

QString personOf(const Identity &who)
{
    if (who.name.isEmpty())
        return who.email;
    return QStringLiteral("%1 <%2>").arg(who.name, who.email);
}

bool hasContent(const EntryVerdict &verdict)
{
    return !verdict.blob.isNull() && verdict.type != "policy" && verdict.path.startsWith("entries/");
}

// Reads what is in entries; the reader of the objects has to outlive it. One thread.
class ContentReader
{
public:
    explicit ContentReader(git::ObjectReader &reader)
        : m_reader(reader)
    {}

    void read(const EntryVerdict &verdict, ReadEntry &into)
    {
        if (!hasContent(verdict))
            return;
        const auto bytes = m_reader.blob(verdict.blob, CommitFacts::mostEntryBytes);
        if (!bytes || nestsTooDeep(*bytes))
            return;
        into.bytes = *bytes;
        auto entry = parsed(*bytes);
        if (!entry)
            return;
        into.entry = *std::move(entry);
        describe(*into.entry, into.row);
    }

private:
    // In one pass where it is canonical, as nearly all are; a tree of JSON takes three times as long.
    Result<LedgerEntry> parsed(const QByteArray &bytes)
    {
        if (m_document.parse(bytes))
            return ledgerEntryFrom(m_document);
        return ledgerEntryFromJson(nlohmann::json::parse(bytes.begin(), bytes.end(), nullptr, false));
    }

    git::ObjectReader &m_reader;
    CanonicalDocument m_document;
};

// Reads one part of a chunk.
Result<void> readPart(const QString &path, const EntryVerdict *verdicts, ReadEntry *into, size_t count,
                      qsizetype before, const StopToken &stop)
{
    auto opened = git::ObjectReader::open(path);
    if (!opened)
        return opened.error();
    ContentReader reader(*opened);
    for (size_t i = 0; i < count; ++i) {
        if (stop.stop_requested())
            return Error{ErrorKind::Cancelled, {}, {}};
        into[i].row = rowOf(verdicts[i], proofOf(verdicts[i].state));
        into[i].position = before + static_cast<qsizetype>(i) + 1;
        reader.read(verdicts[i], into[i]);
    }
    return {};
}

} // namespace

LedgerRow rowOf(const EntryVerdict &verdict, LedgerProof proof)
{
    LedgerRow row;
    row.commit = QString::fromLatin1(verdict.commit.hex());
    if (!verdict.blob.isNull())
        row.blob = QString::fromLatin1(verdict.blob.hex());
    row.path = printable(verdict.path, mostShown);
    row.id = printable(verdict.id, mostShown);
    row.type = printable(verdict.type, mostShown);
    row.at = verdict.committedAt * 1000;
    row.signer = verdict.signer;
    row.key = verdict.fingerprint;
    row.proof = proof;
    if (verdict.fault != Fault::None)
        row.fault = faultName(verdict.fault);
    row.reason = verdict.reason;
    return row;
}

void describe(const LedgerEntry &entry, LedgerRow &row)
{
    row.author = personOf(entry.who);
    if (entry.drill) {
        row.application = entry.drill->application;
        row.environment = entry.drill->environment;
        row.outcome = drillVerdictName(entry.drill->verdict);
        row.words = entry.drill->title;
        return;
    }
    if (!entry.record) {
        row.application = entry.application;
        row.environment = entry.environment;
        row.action = operationKindName(entry.kind);
        row.outcome = outcomeKindName(entry.outcome.kind);
        row.version = entry.from.isEmpty() ? entry.to : QStringLiteral("%1 → %2").arg(entry.from, entry.to);
        row.words = entry.reason.isEmpty() ? entry.outcome.message : entry.reason;
        return;
    }
    const policy::Subject subject = policy::subjectOf(*entry.record);
    row.application = subject.application;
    row.environment = subject.environment;
    row.digest = subject.digest;
    row.words = policy::wordsOf(*entry.record);
    std::visit(
        [&row, &entry](const auto &one) {
            using T = std::decay_t<decltype(one)>;
            if constexpr (std::is_same_v<T, policy::PromotionRequest>) {
                row.version = one.version;
                row.about = entry.id; // its own promotion
            } else if constexpr (requires { one.promotion; }) {
                row.about = one.promotion;
            } else if constexpr (requires { one.of; }) {
                row.about = one.of;
            } else if constexpr (std::is_same_v<T, policy::PolicyCountersign>) {
                row.about = one.commit;
            } else if constexpr (std::is_same_v<T, policy::Note>) {
                row.about = one.about;
            } else if constexpr (std::is_same_v<T, policy::Hold>) {
                row.about = one.operation;
            }
            if constexpr (std::is_same_v<T, policy::PromotionOutcome>) {
                row.another = one.operation;
                row.outcome = outcomeKindName(one.kind);
            }
        },
        *entry.record);
}

std::optional<policy::SignedRecord> provenRecord(const ReadEntry &read)
{
    // A policy's change is no entry, and one that was never signed proves nothing.
    if (read.row.proof != LedgerProof::Good || !read.entry)
        return std::nullopt;
    std::optional<policy::SignedRecord> record = signedRecord(*read.entry, read.position, read.row.signer);
    // What an entry says of itself makes it no younger than its commit, whose date is proven not to go back.
    if (record)
        record->at = std::min(record->at, read.row.time());
    return record;
}

Result<void> readEntries(const QString &path, const std::vector<EntryVerdict> &verdicts, qsizetype before,
                         const StopToken &stop, const std::function<bool(ReadEntry &&)> &take)
{
    const auto threads = static_cast<size_t>(std::max(1, QThread::idealThreadCount()));
    QThreadPool pool;
    pool.setMaxThreadCount(static_cast<int>(threads));
    for (size_t from = 0; from < verdicts.size(); from += chunk) {
        const size_t count = std::min(chunk, verdicts.size() - from);
        std::vector<ReadEntry> entries(count);
        const size_t part = count / threads + 1;
        std::mutex mutex;
        std::optional<Error> failed;
        for (size_t at = 0; at < count; at += part) {
            const size_t size = std::min(part, count - at);
            pool.start([&, at, size] {
                const auto done = readPart(path, verdicts.data() + from + at, entries.data() + at, size,
                                           before + static_cast<qsizetype>(from + at), stop);
                if (done)
                    return;
                const std::lock_guard lock(mutex);
                failed = done.error();
            });
        }
        pool.waitForDone();
        if (failed)
            return *failed;
        for (ReadEntry &entry : entries) {
            if (!take(std::move(entry)))
                return {};
        }
    }
    return {};
}

Result<std::vector<LedgerRow>> newestUnproven(const QString &path, qsizetype count, const StopToken &stop)
{
    auto walk = git::ObjectReader::open(path);
    if (!walk)
        return walk.error();
    auto opened = git::ObjectReader::open(path);
    if (!opened)
        return opened.error();
    const auto tip = walk->tip(QStringLiteral("main"));
    if (!tip)
        return tip.error();
    FactsReader reader(*std::move(opened));
    ContentReader content(*walk);
    std::vector<LedgerRow> rows;
    std::optional<git::ObjectId> at = *tip;
    auto text = at ? walk->commitText(*at) : Result<QByteArray>(QByteArray());
    while (at && static_cast<qsizetype>(rows.size()) < count && !stop.stop_requested()) {
        const auto commit = text ? git::parseCommit(*text) : std::nullopt;
        if (!commit)
            break; // verifying says what is wrong
        const auto parent = commit->parents.empty() ? std::nullopt : std::optional(commit->parents.front());
        const auto parentText = parent ? walk->commitText(*parent) : Result<QByteArray>(QByteArray());
        const auto parentCommit = parent && parentText ? git::parseCommit(*parentText) : std::nullopt;
        const CommitFacts facts = reader.readUnsigned(*at, commit, parentCommit ? parentCommit->tree : git::ObjectId{});
        EntryVerdict verdict;
        verdict.commit = facts.id;
        verdict.committedAt = facts.committedAt;
        verdict.id = facts.entryId;
        verdict.type = facts.type;
        if (!facts.changes.isEmpty()) {
            verdict.path = facts.changes.first().path;
            verdict.blob = facts.changes.first().id;
        }
        if (isPolicyFile(verdict.path))
            verdict.type = "policy";
        ReadEntry read{rowOf(verdict, LedgerProof::Checking), {}, {}, 0};
        content.read(verdict, read);
        rows.push_back(std::move(read.row));
        at = parent;
        text = parentText;
    }
    std::reverse(rows.begin(), rows.end());
    return rows;
}

} // namespace signalbox::ledger
