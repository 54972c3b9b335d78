#pragma once

#include "services/adapters/kubernetes/parse.h"

#include <chrono>

// What a server that disagrees about the time writes into its objects, told by our clock: ages are counted from ours,
// and a clock on a wall is compared with ours.
namespace signalbox::kubernetes
{

// Less is not told from a slow answer: the Date header has whole seconds and comes late. The same as the plans' check.
inline constexpr std::chrono::milliseconds tolerableSkew{10'000};

// How far to move the server's times: nothing for a tolerable skew. `before`: what was said last, which stays as long
// as the skew is about the same, so that an object that did not change is not another one.
std::chrono::milliseconds notedSkew(qint64 skewMs, std::chrono::milliseconds before);

// Every time in it, from the server's clock to ours; `skew` is the server's minus ours.
void tellByOurClock(KubeObject &object, std::chrono::milliseconds skew);

} // namespace signalbox::kubernetes
