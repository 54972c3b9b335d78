#include "services/promotions/ledgerreleases.h"

#include "services/promotions/promotionstext.h"

#include <QFileInfo>

namespace signalbox
{

QList<LedgerRelease> releasesOf(const policy::Entries &entries)
{
    QList<LedgerRelease> releases;
    for (const policy::SignedRecord &entry : entries) {
        const auto *request = entry.as<policy::PromotionRequest>();
        if (request && !request->subject.digest.isEmpty())
            releases.append({request->subject.application, request->subject.digest, request->subject.commit,
                             request->version, entry.at});
    }
    return releases;
}

QHash<QString, QList<LedgerPlace>> placesOf(const policy::LedgerHead &head)
{
    QHash<QString, QList<LedgerPlace>> places;
    const QList<LedgerRelease> releases = releasesOf(head.entries);
    for (const LedgerRelease &one : releases) {
        if (places.contains(one.application))
            continue;
        QList<LedgerPlace> &path = places[one.application];
        const policy::PromotionPath *named = head.policy.path(one.application);
        for (const QString &environment : named ? named->environments : QStringList()) {
            const auto running = policy::runningByLedger(head.policy, head.entries, one.application, environment);
            const auto release = running ? releaseByDigest(releases, running->digest, one.application)
                                         : Result<const LedgerRelease *>(nullptr);
            if (release && *release)
                path.append({environment, **release, running->since});
        }
    }
    return places;
}

Result<const LedgerRelease *> releaseByDigest(const QList<LedgerRelease> &releases, const QString &digest,
                                              const QString &application)
{
    const LedgerRelease *own = nullptr;
    const LedgerRelease *other = nullptr;
    for (const LedgerRelease &one : releases) {
        if (!one.digest.startsWith(digest) || (one.commit.isEmpty() && one.version.isEmpty()))
            continue;
        const LedgerRelease *&found = one.application == application ? own : other;
        if (found && found->digest != one.digest)
            return Error{
                ErrorKind::Invalid,
                PromotionsText::tr("Several digests of the ledger begin with %1: give more digits.").arg(digest),
                {}};
        if (!found || !one.commit.isEmpty() || found->commit.isEmpty())
            found = &one;
    }
    return own ? own : other;
}

LedgerReleaseReader::LedgerReleaseReader(std::function<Place()> place, std::shared_ptr<policy::HeadFollower> heads)
    : m_place(std::move(place))
    , m_heads(heads ? std::move(heads) : std::make_shared<policy::HeadFollower>())
    , m_known(std::make_shared<Known>())
{}

QFuture<Result<LedgerReleases>> LedgerReleaseReader::read(const StopToken &stop)
{
    return m_queue.run([place = m_place(), heads = m_heads, known = m_known, stop]() -> Result<LedgerReleases> {
        if (place.path.isEmpty() || !QFileInfo::exists(place.path))
            return LedgerReleases();
        const auto tip = policy::headTip(place.path);
        if (!tip)
            return tip.error();
        if (tip->isEmpty())
            return LedgerReleases{place.address, {}, {}};
        const auto head = heads->read(place.path, place.options, stop);
        if (!head)
            return head.error();
        if (known->head.lock() != *head) {
            known->releases = {place.address, releasesOf((*head)->entries), placesOf(**head)};
            known->head = *head;
        }
        return known->releases;
    });
}

} // namespace signalbox
