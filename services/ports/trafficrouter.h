#pragma once

#include "models/domain/traffic.h"
#include "services/ports/steprunner.h"

#include <QObject>

namespace signalbox
{

// Steers live traffic between tracks. Calls return at once and come from the GUI thread only; every future ends with
// one Result. Nothing here writes: plan() makes a Plan, and only an operation carries it out through the StepRunner.
class TrafficRouter : public QObject
{
    Q_OBJECT
public:
    enum class Capability {
        Split = 1 << 0,  // any share
        Switch = 1 << 1, // all or nothing
        Verify = 1 << 2, // the remote tells whether a change is in force
    };
    Q_DECLARE_FLAGS(Capabilities, Capability)
    Q_FLAG(Capabilities)

    using QObject::QObject;
    ~TrafficRouter() override;

    virtual Capabilities capabilities(const RouterRef &router) const = 0;
    // Read from the remote now, not from a cache.
    [[nodiscard]] virtual QFuture<Result<TrafficSplit>> split(QString application, RouterRef router,
                                                              StopToken stop) = 0;
    // Reads, plans, checks (all checks the remote can answer) and asks the remote's own dry run.
    [[nodiscard]] virtual QFuture<Result<Plan>> plan(TrafficOrder order, StopToken stop) = 0;
};

} // namespace signalbox

Q_DECLARE_OPERATORS_FOR_FLAGS(signalbox::TrafficRouter::Capabilities)
