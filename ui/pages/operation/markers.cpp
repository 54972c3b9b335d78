#include "ui/pages/operation/markers.h"

#include "models/stores/clusterstore.h"
#include "models/stores/ledgertable.h"
#include "services/operations/operationcenter.h"
#include "ui/widgets/timetext.h"

#include <QCoreApplication>
#include <QSet>

#include <algorithm>
#include <utility>

namespace signalbox
{

namespace
{

struct MarkersText
{
    Q_DECLARE_TR_FUNCTIONS(Markers)
};

constexpr int recordedDays = 31; // longer than any chart

ChartMarker rollOut(const QDateTime &at, const QString &version, const Track &track, const QString &application)
{
    QString what = version.isEmpty() ? MarkersText::tr("roll-out") : version;
    if (!track.name.isEmpty())
        what = MarkersText::tr("%1 to %2").arg(what, track.name);
    return {at.toMSecsSinceEpoch(), application.isEmpty() ? what : QStringLiteral("%1 %2").arg(application, what)};
}

// Of the container named after the application, else of the first one; a hash where no tag tells.
QString versionOf(const Revision &revision, const QString &application)
{
    const auto named = std::find_if(revision.images.begin(), revision.images.end(),
                                    [&](const ContainerImage &one) { return one.container == application; });
    const QString tag = revision.images.isEmpty()
                            ? QString()
                            : imageTag(named == revision.images.end() ? revision.images.first().image : named->image);
    return tag.isEmpty() ? revision.templateHash.left(10) : tag;
}

struct Marked
{
    const Deployed *deployed = nullptr;
    const Track *track = nullptr;
    QString application; // as the marker says it
};
using Tracks = QHash<QString, Marked>; // by the workload's uid

void addTracks(Tracks &tracks, const Deployed &deployed, const QString &application)
{
    for (const Track &track : deployed.tracks) {
        for (const ObjectRef &workload : track.workloads) {
            if (!workload.uid.isEmpty())
                tracks.insert(workload.uid, {&deployed, &track, application});
        }
    }
}

QList<ChartMarker> earlierOf(const Tracks &tracks, const ClusterStore &store)
{
    QList<ChartMarker> markers;
    for (const Revision &revision : store.revisions()) {
        const auto found = tracks.constFind(revision.ownerUid);
        if (found == tracks.constEnd())
            continue;
        const Track &track = *found->track;
        // The present release is marked by its track; a restart of it later is a roll-out, too.
        const bool isPresent = !track.templateHash.isEmpty() && revision.templateHash == track.templateHash &&
                               !(track.since.isValid() && revision.created > track.since);
        if (!revision.created.isValid() || revision.created == track.since || isPresent)
            continue;
        const QString version = versionOf(revision, found->deployed->application);
        markers.append(rollOut(revision.created, version, track, found->application));
    }
    return markers;
}

} // namespace

QList<ChartMarker> rollOutMarkers(const Deployed &deployed, const QString &application)
{
    QList<ChartMarker> markers;
    for (const Track &track : deployed.tracks) {
        if (track.since.isValid())
            markers.append(rollOut(track.since, track.version, track, application));
    }
    return markers;
}

QList<ChartMarker> earlierMarkers(const Deployed &deployed, const ClusterStore &store, const QString &application)
{
    Tracks tracks;
    addTracks(tracks, deployed, application);
    return earlierOf(tracks, store);
}

QList<ChartMarker> earlierMarkers(const QList<Deployed> &deployed, const QString &connection, const ClusterStore &store)
{
    Tracks tracks;
    for (const Deployed &one : deployed) {
        if (one.connection == connection)
            addTracks(tracks, one, one.application);
    }
    return earlierOf(tracks, store);
}

QList<ChartMarker> recordedMarkers(const Deployed &deployed, const LedgerTable &table,
                                   const OperationCenter *operations)
{
    return recordedMarkers(QList<Deployed>{deployed}, table, operations);
}

QList<ChartMarker> recordedMarkers(const QList<Deployed> &deployed, const LedgerTable &table,
                                   const OperationCenter *operations)
{
    QList<ChartMarker> markers;
    QSet<std::pair<QString, QString>> wanted;
    for (const Deployed &one : deployed)
        wanted.insert({one.application, one.environment});
    LedgerFilter filter;
    if (deployed.size() == 1) {
        filter.application = deployed.first().application;
        filter.environment = deployed.first().environment;
    }
    filter.type = QStringLiteral("operation");
    filter.from = AgeTicker::now().addDays(-recordedDays);
    // Rows that are proven are in the order of their dates.
    const qint64 from = filter.from.toMSecsSinceEpoch();
    qsizetype first = table.size();
    while (first > 0 && (table.at(first - 1) >= from || table.proof(first - 1) == LedgerProof::Bad))
        --first;
    static const QStringList nothingSent = {QStringLiteral("dryRun"), QStringLiteral("refused"),
                                            QStringLiteral("cancelled"), QStringLiteral("conflict")};
    for (const quint32 index : table.find(filter, first)) {
        if (table.proof(index) == LedgerProof::Bad ||
            !wanted.contains({table.application(index), table.environment(index)}))
            continue;
        const LedgerRow row = table.row(index);
        if (!nothingSent.contains(row.outcome) && !(operations && operations->find(row.id)))
            markers.append({row.at, ledgerTitle(row)});
    }
    return markers;
}

QList<ChartMarker> operationMarkers(const OperationCenter &operations, const QString &key)
{
    QList<ChartMarker> markers;
    for (const Operation *operation : operations.operations()) {
        if (operation->key() != key)
            continue;
        for (const StepOutcome &outcome : operation->stepOutcomes()) {
            if (!outcome.acceptedAt.isValid())
                continue;
            for (const PlanStep &step : operation->plan().steps) {
                if (step.id == outcome.stepId)
                    markers.append({outcome.acceptedAt.toMSecsSinceEpoch(), step.title});
            }
        }
    }
    return markers;
}

} // namespace signalbox
