#include "services/adapters/github/githubbudget.h"

#include "services/net/retrypolicy.h"
#include "services/pipelines/budgetwindow.h"

#include <QMutexLocker>

#include <algorithm>

namespace signalbox::github
{

namespace
{

QDateTime clockOf(const HttpResponse &response)
{
    return response.serverDate.isValid() ? response.serverDate : QDateTime::currentDateTimeUtc();
}

std::optional<QDateTime> resetOf(const HttpResponse &response)
{
    bool isNumber = false;
    const qint64 seconds = response.header("X-RateLimit-Reset").toLongLong(&isNumber);
    return isNumber ? std::optional(QDateTime::fromSecsSinceEpoch(seconds, Qt::UTC)) : std::nullopt;
}

} // namespace

std::optional<std::chrono::milliseconds> pauseAfter(const HttpResponse &response)
{
    if (response.status != 403 && response.status != 429)
        return std::nullopt;
    const QDateTime now = QDateTime::currentDateTimeUtc();
    if (const auto asked = parseRetryAfter(response.header("Retry-After"), response.serverDate, now))
        return *asked;
    if (response.header("X-RateLimit-Remaining") == "0") {
        const auto reset = resetOf(response);
        const qint64 ms = reset ? clockOf(response).msecsTo(*reset) : 60'000;
        return std::chrono::milliseconds(std::max<qint64>(ms, 1000));
    }
    const bool isSecondary =
        response.body.contains("secondary rate limit") || response.body.contains("abuse detection");
    if (response.status == 429 || isSecondary)
        return std::chrono::minutes(1);
    return std::nullopt;
}

// They are in the order of time: of thousands only those whose hour is over are looked at.
qsizetype Budget::countedBefore(const QDateTime &hourAgo) const
{
    const auto first =
        std::find_if(m_counted.cbegin(), m_counted.cend(), [&hourAgo](const QDateTime &one) { return one >= hourAgo; });
    return first - m_counted.cbegin();
}

void Budget::count(const QDateTime &at)
{
    m_counted.append(at);
    m_counted.remove(0, countedBefore(at.addSecs(-3600)));
    if (m_listener)
        m_listener();
}

void Budget::setListener(std::function<void()> listener)
{
    const QMutexLocker lock(&m_lock);
    m_listener = std::move(listener);
}

void Budget::countOne()
{
    const QMutexLocker lock(&m_lock);
    count(QDateTime::currentDateTimeUtc());
}

void Budget::hear(const HttpResponse &response)
{
    if (response.fromCache)
        return; // a 304 is free, and its headers are those of the answer that was kept
    const QDateTime now = QDateTime::currentDateTimeUtc();
    const QMutexLocker lock(&m_lock);
    bool isNumber = false;
    const int remaining = response.header("X-RateLimit-Remaining").toInt(&isNumber);
    const QByteArray resource = response.header("X-RateLimit-Resource"); // others have budgets of their own
    if (isNumber && (resource.isEmpty() || resource == "core"))
        m_said = heardBudget(m_said,
                             RequestBudget{response.header("X-RateLimit-Limit").toInt(), remaining,
                                           resetOf(response).value_or(QDateTime()), 0},
                             clockOf(response));
    if (const auto pause = pauseAfter(response))
        m_pausedUntil = now.addMSecs(pause->count());
    count(now);
}

std::optional<RequestBudget> Budget::now() const
{
    const QMutexLocker lock(&m_lock);
    if (!m_said)
        return std::nullopt;
    RequestBudget budget = *m_said;
    const QDateTime hourAgo = QDateTime::currentDateTimeUtc().addSecs(-3600);
    budget.counted = static_cast<int>(m_counted.size() - countedBefore(hourAgo));
    return budget;
}

std::chrono::milliseconds Budget::pause(const QDateTime &at) const
{
    const QMutexLocker lock(&m_lock);
    const qint64 left = m_pausedUntil.isValid() ? at.msecsTo(m_pausedUntil) : 0;
    return std::chrono::milliseconds(std::max<qint64>(left, 0));
}

} // namespace signalbox::github
