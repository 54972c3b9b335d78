#include "models/domain/drill.h"

#include <QCoreApplication>

#include <algorithm>

namespace signalbox
{

namespace
{

struct DrillText
{
    Q_DECLARE_TR_FUNCTIONS(Drill)
};

} // namespace

QString DrillInfo::deployedKey() const
{
    return connection + QLatin1Char('|') + ns + QLatin1Char('|') + application;
}

QString drillVerdictName(DrillVerdict verdict)
{
    switch (verdict) {
    case DrillVerdict::Passed:
        return QStringLiteral("passed");
    case DrillVerdict::Mistaken:
        return QStringLiteral("mistaken");
    case DrillVerdict::Failed:
        return QStringLiteral("failed");
    case DrillVerdict::Abandoned:
        break;
    }
    return QStringLiteral("abandoned");
}

QString drillVerdictText(DrillVerdict verdict)
{
    switch (verdict) {
    case DrillVerdict::Passed:
        return DrillText::tr("passed");
    case DrillVerdict::Mistaken:
        return DrillText::tr("with a mistake");
    case DrillVerdict::Failed:
        return DrillText::tr("failed");
    case DrillVerdict::Abandoned:
        break;
    }
    return DrillText::tr("abandoned");
}

QString drillMomentName(DrillMoment::Kind kind)
{
    switch (kind) {
    case DrillMoment::Kind::Begin:
        return QStringLiteral("begin");
    case DrillMoment::Kind::Fault:
        return QStringLiteral("fault");
    case DrillMoment::Kind::FirstBad:
        return QStringLiteral("firstBad");
    case DrillMoment::Kind::FirstSign:
        return QStringLiteral("firstSign");
    case DrillMoment::Kind::Seen:
        return QStringLiteral("seen");
    case DrillMoment::Kind::Action:
        return QStringLiteral("action");
    case DrillMoment::Kind::Outcome:
        return QStringLiteral("outcome");
    case DrillMoment::Kind::StandDown:
        return QStringLiteral("standDown");
    case DrillMoment::Kind::Recovery:
        return QStringLiteral("recovery");
    case DrillMoment::Kind::End:
        break;
    }
    return QStringLiteral("end");
}

QString drillMarkName(DrillMoment::Mark mark)
{
    switch (mark) {
    case DrillMoment::Mark::Right:
        return QStringLiteral("right");
    case DrillMoment::Mark::Wrong:
        return QStringLiteral("wrong");
    case DrillMoment::Mark::NoHelp:
        return QStringLiteral("noHelp");
    case DrillMoment::Mark::None:
        break;
    }
    return QStringLiteral("none");
}

const QList<DrillVerdict> &allDrillVerdicts()
{
    static const QList<DrillVerdict> all = {DrillVerdict::Passed, DrillVerdict::Mistaken, DrillVerdict::Failed,
                                            DrillVerdict::Abandoned};
    return all;
}

const QList<DrillMoment::Kind> &allDrillMoments()
{
    using Kind = DrillMoment::Kind;
    static const QList<Kind> all = {Kind::Begin,  Kind::Fault,   Kind::FirstBad,  Kind::FirstSign, Kind::Seen,
                                    Kind::Action, Kind::Outcome, Kind::StandDown, Kind::Recovery,  Kind::End};
    return all;
}

const QList<DrillMoment::Mark> &allDrillMarks()
{
    using Mark = DrillMoment::Mark;
    static const QList<Mark> all = {Mark::None, Mark::Right, Mark::Wrong, Mark::NoHelp};
    return all;
}

QString drillClockText(qint64 ms)
{
    const qint64 seconds = std::max<qint64>(0, ms) / 1000;
    return QStringLiteral("%1:%2").arg(seconds / 60).arg(seconds % 60, 2, 10, QLatin1Char('0'));
}

std::optional<Debrief> bestAttempt(const QList<Debrief> &history, const QString &drill)
{
    std::optional<Debrief> best;
    const auto isBetter = [](const Debrief &a, const Debrief &b) {
        return std::pair(a.verdict, *a.restoreMs) < std::pair(b.verdict, *b.restoreMs);
    };
    for (const Debrief &one : history) {
        const bool counts = one.drill == drill && one.restoreMs &&
                            (one.verdict == DrillVerdict::Passed || one.verdict == DrillVerdict::Mistaken);
        if (counts && (!best || isBetter(one, *best)))
            best = one;
    }
    return best;
}

std::optional<Debrief> lastAttempt(const QList<Debrief> &history, const QString &drill)
{
    std::optional<Debrief> last;
    for (const Debrief &one : history) {
        if (one.drill == drill && (!last || one.startedAt > last->startedAt))
            last = one;
    }
    return last;
}

} // namespace signalbox
