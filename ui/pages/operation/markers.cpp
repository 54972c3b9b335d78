#include "ui/pages/operation/markers.h"

#include "services/operations/operationcenter.h"

#include <QCoreApplication>

namespace signalbox
{

namespace
{

struct Text
{
    Q_DECLARE_TR_FUNCTIONS(Markers)
};

} // namespace

QList<ChartMarker> rollOutMarkers(const Deployed &deployed, const QString &application)
{
    QList<ChartMarker> markers;
    for (const Track &track : deployed.tracks) {
        if (!track.since.isValid())
            continue;
        QString what = track.version.isEmpty() ? Text::tr("roll-out") : track.version;
        if (!track.name.isEmpty())
            what = Text::tr("%1 to %2").arg(what, track.name);
        markers.append({track.since.toMSecsSinceEpoch(),
                        application.isEmpty() ? what : QStringLiteral("%1 %2").arg(application, what)});
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
