#include "ui/pages/operation/markers.h"

#include "models/stores/clusterstore.h"
#include "models/stores/ledgertable.h"
#include "services/operations/operationcenter.h"
#include "ui/widgets/timetext.h"

#include <QCoreApplication>

#include <algorithm>

namespace signalbox
{

namespace
{

struct Text
{
    Q_DECLARE_TR_FUNCTIONS(Markers)
};

constexpr int recordedDays = 31; // longer than any chart

ChartMarker rollOut(const QDateTime &at, const QString &version, const Track &track, const QString &application)
{
    QString what = version.isEmpty() ? Text::tr("roll-out") : version;
    if (!track.name.isEmpty())
        what = Text::tr("%1 to %2").arg(what, track.name);
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
    QList<ChartMarker> markers;
    QHash<QString, const Track *> trackOf; // by the workload's uid
    for (const Track &track : deployed.tracks) {
        for (const ObjectRef &workload : track.workloads) {
            if (!workload.uid.isEmpty())
                trackOf.insert(workload.uid, &track);
        }
    }
    for (const Revision &revision : store.revisions()) {
        const Track *track = trackOf.value(revision.ownerUid);
        // The present one is marked by its track.
        if (!track || !revision.created.isValid() || revision.created == track->since ||
            (!track->templateHash.isEmpty() && revision.templateHash == track->templateHash))
            continue;
        markers.append(rollOut(revision.created, versionOf(revision, deployed.application), *track, application));
    }
    return markers;
}

QList<ChartMarker> recordedMarkers(const Deployed &deployed, const LedgerTable &table,
                                   const OperationCenter *operations)
{
    QList<ChartMarker> markers;
    LedgerFilter filter;
    filter.application = deployed.application;
    filter.environment = deployed.environment;
    filter.type = QStringLiteral("operation");
    filter.from = AgeTicker::now().addDays(-recordedDays);
    // Rows that are proven are in the order of their dates.
    qsizetype first = table.size();
    while (first > 0 &&
           (table.at(first - 1) >= filter.from.toMSecsSinceEpoch() || table.proof(first - 1) == LedgerProof::Bad))
        --first;
    static const QStringList nothingSent = {QStringLiteral("dryRun"), QStringLiteral("refused"),
                                            QStringLiteral("cancelled"), QStringLiteral("conflict")};
    for (const quint32 index : table.find(filter, first)) {
        const LedgerRow row = table.row(index);
        if (row.proof == LedgerProof::Bad || nothingSent.contains(row.outcome) ||
            (operations && operations->find(row.id)))
            continue;
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
