#include "app/console/probe.h"

namespace signalbox
{

ProbeStep pendingStep(const QString &id, const QString &title)
{
    ProbeStep step;
    step.id = id;
    step.title = title;
    return step;
}

} // namespace signalbox
