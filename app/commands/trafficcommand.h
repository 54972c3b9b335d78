#pragma once

#include "app/commands/operationcommand.h"

namespace signalbox::commands
{

// What --set, --steps and --dwell say, before the tracks are known.
struct TrafficWish
{
    QList<std::pair<QString, int>> set; // track, per cent; in the order given
    QList<int> steps;                   // of the first track, rising or falling
    std::chrono::seconds dwell{60};
    bool isRead() const { return set.isEmpty(); }
};
Result<TrafficWish> trafficWishOf(const cli::Arguments &arguments);
// Shares of all tracks, step by step. With two tracks the other one gets the rest; with more, all but one must be
// named.
Result<QList<TrafficOrder::Step>> trafficSteps(const TrafficWish &wish, const QStringList &tracks);

// `signalbox traffic APP ENV [--set TRACK=N]`
class TrafficCommand : public OperationCommand
{
    Q_OBJECT
public:
    using OperationCommand::OperationCommand;

protected:
    Result<QFuture<Result<Plan>>> order(const Deployed &deployed, ClusterConnection &cluster) override;
    bool divert(const Deployed &deployed, ClusterConnection &cluster) override;

private:
    void readNext();
    Deployed m_deployed;
    QList<RouterRef> m_toRead;
    QList<TrafficSplit> m_splits;
};

} // namespace signalbox::commands
