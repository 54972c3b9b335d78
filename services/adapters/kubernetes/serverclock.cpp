#include "services/adapters/kubernetes/serverclock.h"

#include <cstdlib>
#include <type_traits>

namespace signalbox::kubernetes
{

using std::chrono::milliseconds;

namespace
{

constexpr milliseconds aboutTheSame{3000};

void move(QDateTime &time, milliseconds skew)
{
    if (time.isValid())
        time = time.addMSecs(-skew.count());
}

} // namespace

milliseconds notedSkew(qint64 skewMs, milliseconds before)
{
    const milliseconds skew(skewMs);
    if (std::chrono::abs(skew - before) <= aboutTheSame)
        return before;
    return std::chrono::abs(skew) <= tolerableSkew ? milliseconds(0) : skew;
}

void tellByOurClock(KubeObject &object, milliseconds skew)
{
    if (skew == milliseconds(0))
        return;
    std::visit(
        [skew](auto &one) {
            if constexpr (requires { one.created; })
                move(one.created, skew);
            if constexpr (requires { one.rolledOut; })
                move(one.rolledOut, skew);
            if constexpr (std::is_same_v<std::decay_t<decltype(one)>, ClusterEvent>) {
                move(one.first, skew);
                move(one.last, skew);
            }
            if constexpr (requires { one.conditions; }) {
                for (auto &condition : one.conditions)
                    move(condition.since, skew);
            }
        },
        object);
}

} // namespace signalbox::kubernetes
