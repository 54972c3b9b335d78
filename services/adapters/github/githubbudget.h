#pragma once

#include "models/pipelines/run.h"
#include "services/net/http.h"

#include <QList>
#include <QMutex>

#include <functional>
#include <optional>

namespace signalbox::github
{

// What GitHub still lets us ask. Source: GitHub Docs, "Rate limits for the REST API" and "Best practices": the headers
// X-RateLimit-*; a 304 costs nothing; after a refusal nothing is asked before Retry-After or X-RateLimit-Reset is over,
// without either for a minute. Any thread.
class Budget
{
public:
    // Called on the network thread, never after it was set anew; returns at once.
    void setListener(std::function<void()> listener);
    void hear(const HttpResponse &response);
    // An answer that came without its headers: one that led to another host.
    void countOne();
    std::optional<RequestBudget> now() const; // none: the server sets no limit, or was not asked yet
    // How long nothing may be asked; 0: ask.
    std::chrono::milliseconds pause(const QDateTime &at) const;

private:
    void count(const QDateTime &at); // with the lock
    qsizetype countedBefore(const QDateTime &hourAgo) const;

    mutable QMutex m_lock;
    std::optional<RequestBudget> m_said;
    QList<QDateTime> m_counted; // of the last hour
    QDateTime m_pausedUntil;    // our clock
    std::function<void()> m_listener;
};

// How long to wait after this answer; none: it is no refusal for having asked too much.
std::optional<std::chrono::milliseconds> pauseAfter(const HttpResponse &response);

} // namespace signalbox::github
