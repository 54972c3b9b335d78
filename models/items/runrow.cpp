#include "models/items/runrow.h"

#include "models/items/runsmodel.h"

#include <QHashFunctions>

namespace signalbox
{

RunFilter runFilterOf(RunState state)
{
    switch (state) {
    case RunState::NotStarted:
    case RunState::Queued:
    case RunState::Running:
        return RunFilter::Running;
    case RunState::Waiting:
        return RunFilter::Waiting;
    case RunState::Failed:
    case RunState::Unstable:
        return RunFilter::Failed;
    case RunState::Passed:
        return RunFilter::Passed;
    case RunState::Cancelled:
    case RunState::Skipped:
    case RunState::Unknown:
        break;
    }
    return RunFilter::Other;
}

size_t qHash(RunFilter filter, size_t seed)
{
    return ::qHash(static_cast<int>(filter), seed);
}

bool isLater(const RunRow &a, const RunRow &b)
{
    const QDateTime &left = a.run.createdAt;
    const QDateTime &right = b.run.createdAt;
    if (left == right)
        return a.key < b.key;
    return right < left; // an invalid time is the earliest
}

QString runTitle(const QString &pipeline, const Run &run)
{
    return run.number.isEmpty() ? pipeline : QStringLiteral("%1 #%2").arg(pipeline, run.number);
}

QString runWhere(const Run &run)
{
    if (!run.tag.isEmpty())
        return run.tag;
    return run.branch.isEmpty() ? run.commit.left(7) : run.branch;
}

QString spokenRun(const RunRow &row, const QDateTime &now)
{
    QStringList words{runTitle(row.pipeline, row.run), runStateLabel(row.run.state), runWhere(row.run),
                      triggerText(row.run.trigger)};
    if (const auto took = duration(row.run, now))
        words << RunsModel::tr("%n second(s)", nullptr, int(took->count() / 1000));
    if (row.staleFrom.isValid())
        words << RunsModel::tr("not live");
    words.removeAll(QString());
    return words.join(QStringLiteral(", "));
}

} // namespace signalbox
