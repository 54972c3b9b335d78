#include "services/sandbox/story/teamledgeraccess.h"

#include "services/ledger/signing/sshsig.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <vector>

namespace signalbox::sandbox
{

namespace
{

constexpr int mostAttempts = 20; // to be first
constexpr qsizetype mostBytes = 256 * 1024;
constexpr std::size_t mostNews = 1000; // at a time

} // namespace

TeamLedgerAccess::TeamLedgerAccess(QString path, const Storybook &book, std::uint64_t seed)
    : m_path(std::move(path))
    , m_book(book)
    , m_seed(seed)
    , m_store(m_path)
{}

Result<QList<LedgerEntry>> TeamLedgerAccess::news()
{
    if (!m_reader) {
        auto opened = git::ObjectReader::open(m_path);
        if (!opened)
            return opened.error();
        m_reader.emplace(*std::move(opened));
    }
    const auto tip = m_reader->tip(QStringLiteral("main"));
    if (!tip)
        return tip.error();
    QList<LedgerEntry> entries;
    if (!m_seen || !*tip) {
        m_seen = *tip;
        return entries;
    }
    std::vector<QByteArray> texts; // newest first; CommitObject looks into them
    std::optional<git::ObjectId> at = *tip;
    while (at && *at != *m_seen && texts.size() < mostNews) {
        auto text = m_reader->commitText(*at);
        if (!text)
            return text.error();
        texts.push_back(*std::move(text));
        const auto commit = git::parseCommit(texts.back());
        at = commit && !commit->parents.empty() ? std::optional(commit->parents.front()) : std::nullopt;
    }
    for (auto text = texts.rbegin(); text != texts.rend(); ++text) {
        const auto commit = git::parseCommit(*text);
        if (!commit || commit->parents.empty())
            continue;
        const auto parentText = m_reader->commitText(commit->parents.front());
        const auto parent = parentText ? git::parseCommit(*parentText) : std::nullopt;
        if (!parent)
            continue;
        const auto entry = entryOf(*commit, parent->tree);
        if (entry && *entry)
            entries.append(**entry);
    }
    m_seen = *tip; // not before: what could not be read now is news the next time
    return entries;
}

Result<std::optional<LedgerEntry>> TeamLedgerAccess::entryOf(const git::CommitObject &commit,
                                                             const git::ObjectId &parentTree)
{
    const auto changes = m_reader->changes(parentTree, commit.tree, 2);
    if (!changes)
        return changes.error();
    if (changes->size() != 1 || !changes->first().path.startsWith("entries/"))
        return std::optional<LedgerEntry>();
    const auto bytes = m_reader->blob(changes->first().id, mostBytes);
    if (!bytes)
        return bytes.error();
    return ledgerEntryFromJson(nlohmann::json::parse(bytes->begin(), bytes->end(), nullptr, false))
        .transform([](const LedgerEntry &entry) { return std::optional(entry); });
}

Result<QString> TeamLedgerAccess::write(policy::Record record, const QString &who)
{
    const auto key = practiceKey(m_seed, who);
    if (!key)
        return key.error();
    const LedgerEntry entry =
        entryFor(std::move(record), QDateTime::currentDateTimeUtc(), identityOf(m_book, who), practiceWorkspace());
    Result<QString> commit = Error{};
    for (int attempt = 0; attempt < mostAttempts; ++attempt) {
        const auto prepared = m_store.prepare(entry);
        if (!prepared)
            return prepared.error();
        const auto signature = key->sign(ssh::signedData(ssh::gitNamespace, ssh::signingHash, prepared->text));
        if (!signature)
            return signature.error();
        commit = m_store.commit(*prepared, ssh::armour(ssh::signatureBlob(key->publicKey(), ssh::gitNamespace,
                                                                          ssh::signingHash, *signature)));
        if (commit || commit.error().kind != ErrorKind::Conflict)
            break;
    }
    if (!commit)
        return commit.error();
    return entry.id;
}

} // namespace signalbox::sandbox
