#include "services/operations/clock.h"

#include <QTimer>

namespace signalbox
{

QDateTime SystemClock::now() const
{
    return QDateTime::currentDateTimeUtc();
}

qint64 SystemClock::monotonicMs() const
{
    const auto sinceBoot = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(sinceBoot).count();
}

void SystemClock::callAfter(std::chrono::milliseconds delay, QObject *context, std::function<void()> handler)
{
    QTimer::singleShot(delay, Qt::PreciseTimer, context, std::move(handler));
}

} // namespace signalbox
