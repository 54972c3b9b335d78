#pragma once

#include "models/policy/standing.h"
#include "services/async/serialqueue.h"
#include "services/gate/ledgerhead.h"

#include <QFuture>
#include <QHash>

#include <functional>
#include <memory>

namespace signalbox
{

// What an entry of the ledger says a digest was made from.
struct LedgerRelease
{
    QString application;
    QString digest;
    QString commit;    // empty: not known when it was asked for
    QString version;   // empty: none
    QDateTime at = {}; // when it was asked for; invalid: not told
    bool operator==(const LedgerRelease &) const = default;
};

// What runs in an environment as the ledger tells it: see policy::runningByLedger().
struct LedgerPlace
{
    QString environment;
    LedgerRelease release;
    QDateTime since;
    bool operator==(const LedgerPlace &) const = default;
};

struct LedgerReleases
{
    QString ledger;                            // where it lies, for people; empty: there is none
    QList<LedgerRelease> releases;             // oldest first
    QHash<QString, QList<LedgerPlace>> places; // by application, in the order of its path; unknown ones left out
};

QHash<QString, QList<LedgerPlace>> placesOf(const policy::LedgerHead &head);
// Of the promotions that were asked for. Pure.
QList<LedgerRelease> releasesOf(const policy::Entries &entries);
// The newest that has this digest, or begins so ("sha256:77b0e4"), preferably of this application. Null: none;
// Invalid: it fits several.
Result<const LedgerRelease *> releaseByDigest(const QList<LedgerRelease> &releases, const QString &digest,
                                              const QString &application);

// Reads them from this machine's copy of the ledger, proven as always; what was read is kept until the ledger grows. A
// ledger that is not there has none. GUI thread; reads on a thread of its own.
class LedgerReleaseReader
{
public:
    struct Place
    {
        QString path;
        QString address; // for people
        ledger::VerifyOptions options;
    };
    // `heads` is shared with others of this ledger; null: one of its own.
    explicit LedgerReleaseReader(std::function<Place()> place, std::shared_ptr<policy::HeadFollower> heads = {});

    [[nodiscard]] QFuture<Result<LedgerReleases>> read(const StopToken &stop);

private:
    struct Known
    {
        std::weak_ptr<const policy::LedgerHead> head; // that the releases are of
        LedgerReleases releases;
    };
    std::function<Place()> m_place;
    std::shared_ptr<policy::HeadFollower> m_heads;
    std::shared_ptr<Known> m_known; // the queue's
    SerialQueue m_queue;            // goes first
};

} // namespace signalbox
