#include "services/sandbox/story/storyledger.h"

#include "services/git/repositorymaker.h"
#include "services/ledger/canonicaljson.h"
#include "services/ledger/signing/sshsig.h"
#include "services/policy/policywriter.h"
#include "services/sandbox/story/people.h"

#include <QHash>

namespace signalbox::sandbox
{

namespace
{

constexpr double beginDaysAgo = 70;

// The keys of everybody, each made once.
class Keys
{
public:
    explicit Keys(std::uint64_t seed)
        : m_seed(seed)
    {}

    Result<ssh::PrivateKey> of(const QString &name)
    {
        const auto found = m_keys.constFind(name);
        if (found != m_keys.constEnd())
            return *found;
        auto made = practiceKey(m_seed, name);
        if (made)
            m_keys.insert(name, *made);
        return made;
    }
    git::CommitSigner signerOf(const QString &name)
    {
        return [this, name](const QByteArray &text) -> Result<QByteArray> {
            const auto key = of(name);
            if (!key)
                return key.error();
            const auto signature = key->sign(ssh::signedData(ssh::gitNamespace, ssh::signingHash, text));
            if (!signature)
                return signature.error();
            return ssh::armour(ssh::signatureBlob(key->publicKey(), ssh::gitNamespace, ssh::signingHash, *signature));
        };
    }

private:
    std::uint64_t m_seed;
    QHash<QString, ssh::PrivateKey> m_keys;
};

} // namespace

QString firstAdminName()
{
    return QStringLiteral("noor.haddad");
}

Result<PracticeStory> writeStory(const Catalogue &catalogue, const Storybook &book, const QDateTime &now,
                                 const QString &folder, const QStringList &operatorEmails)
{
    PracticeStory story;
    story.ledger = folder + QStringLiteral("/ledger.git");
    story.sources = folder + QStringLiteral("/sources");
    const QList<PracticeRollout> rollouts = practiceRollouts(catalogue, book);
    auto sources = writeSources(catalogue, book, rollouts, now, story.sources);
    if (!sources)
        return sources.error();

    Keys keys(catalogue.seed);
    const auto admin = keys.of(firstAdminName());
    const auto signers = practiceSigners(book, catalogue.seed);
    auto maker = git::RepositoryMaker::create(story.ledger, QStringLiteral("main"));
    if (!admin || !signers || !maker)
        return !admin ? admin.error() : !signers ? signers.error() : maker.error();
    story.firstAdmin = QString::fromLatin1(admin->publicKey().line());
    const Identity who = identityOf(book, firstAdminName());
    auto tip =
        maker->add({{},
                    {who.name, who.email, now.addDays(-static_cast<qint64>(beginDaysAgo))},
                    {},
                    QStringLiteral("Begin to sign\n"),
                    {{QStringLiteral("allowed_signers"), *signers},
                     {QStringLiteral("policy.yaml"), policy::writePolicy(practicePolicy(book, operatorEmails))}}},
                   keys.signerOf(firstAdminName()));
    if (!tip)
        return tip.error();
    story.policyCommit = *tip;
    for (const StoryEntry &one : practiceRecords(catalogue, book, rollouts, *sources, now, story.policyCommit)) {
        const auto content = canonicalJson(toJson(one.entry));
        if (!content)
            return content.error();
        const git::Author author{one.entry.who.name, one.entry.who.email, one.entry.at};
        tip = maker->add({{*tip}, author, {}, ledgerMessage(one.entry), {{ledgerPath(one.entry), *content}}},
                         keys.signerOf(one.signer));
        if (!tip)
            return tip.error();
        ++story.entries;
    }
    if (const auto finished = maker->finish({{QStringLiteral("refs/heads/main"), *tip}}); !finished)
        return finished.error();
    story.next = nextRequest(catalogue, *sources, story.policyCommit);
    return story;
}

} // namespace signalbox::sandbox
