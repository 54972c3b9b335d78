#include "app/commands/statusconnection.h"

#include "app/wiring/session.h"

namespace signalbox::commands
{

namespace
{

QString connectionState(Session &session, const ClusterConnection &cluster)
{
    switch (session.listing(cluster)) {
    case Session::Listing::Loading:
        return QStringLiteral("loading");
    case Session::Listing::Complete:
        return QStringLiteral("live");
    case Session::Listing::Incomplete:
        break;
    }
    return freshnessName(session.worstListing(cluster).state);
}

} // namespace

QString freshnessName(Freshness::State state)
{
    switch (state) {
    case Freshness::State::Loading:
        return QStringLiteral("loading");
    case Freshness::State::Live:
        return QStringLiteral("live");
    case Freshness::State::Stale:
        return QStringLiteral("stale");
    case Freshness::State::Failed:
        return QStringLiteral("failed");
    case Freshness::State::Absent:
        return QStringLiteral("absent");
    case Freshness::State::Denied:
        return QStringLiteral("denied");
    }
    return {};
}

QDateTime trueAtOf(const QList<Freshness> &listings)
{
    QDateTime oldest;
    for (const Freshness &one : listings) {
        const bool isStale = one.state == Freshness::State::Stale && one.lastHeard.isValid();
        if (isStale && (!oldest.isValid() || one.lastHeard < oldest))
            oldest = one.lastHeard;
    }
    return oldest;
}

QList<StatusConnection> statusConnections(Session &session)
{
    QList<StatusConnection> all;
    for (const auto &cluster : session.clusters().all()) {
        all.append({cluster->id, cluster->title, cluster->source->info(), connectionState(session, *cluster),
                    session.listingError(*cluster), trueAtOf(session.listings(*cluster))});
    }
    return all;
}

} // namespace signalbox::commands
