#pragma once

#include "models/domain/operation.h"

namespace signalbox
{

// What a look at a step says now.
inline Observation observedNow(Observation::State state, const QString &text, const QString &blocker = {})
{
    Observation seen;
    seen.state = state;
    seen.text = text;
    seen.blocker = blocker;
    seen.at = QDateTime::currentDateTimeUtc();
    if (state == Observation::State::Effective)
        seen.progress = 1;
    return seen;
}

} // namespace signalbox
