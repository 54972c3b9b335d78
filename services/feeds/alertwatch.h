#pragma once

#include "models/domain/firingalert.h"
#include "models/domain/freshness.h"
#include "services/async/latestonly.h"
#include "services/feeds/metricset.h"

#include <QTimer>

#include <chrono>
#include <memory>
#include <vector>

namespace signalbox
{

// The alerts of all metric sources, read again and again whichever page is shown, so that one that begins to fire is
// seen. A source that fails is asked later and later; what it said last stays and counts as not known now. GUI thread;
// the set must outlive it.
class AlertWatch : public QObject
{
    Q_OBJECT
public:
    struct Times
    {
        std::chrono::milliseconds every = std::chrono::seconds(15); // as often as most sources evaluate their rules
        std::chrono::milliseconds longestWait = std::chrono::minutes(2); // after failures, and where there are none
    };

    explicit AlertWatch(MetricSet &sources, QObject *parent = nullptr); // with the usual times
    AlertWatch(MetricSet &sources, Times times, QObject *parent = nullptr);
    ~AlertWatch() override;

    QList<FiringAlert> firing() const; // of all sources, as they were heard last
    // Sources whose alerts are not known now, by title; neither those just asked first nor those that have none.
    QStringList unheard() const;

    void readNow();

signals:
    void changed(); // firing() or unheard()

private:
    struct Watched
    {
        QString connection;
        QList<Alert> firing; // in an order of their own
        Freshness freshness; // Loading until it was heard or failed
        int failures = 0;
        QTimer again; // counts by the machine's steady clock: nobody sets it back
        LatestOnly request;
    };

    void watch(const QString &connection);
    void ask(Watched &watched);
    void heard(Watched &watched, const Result<QList<Alert>> &alerts);
    bool failed(Watched &watched, const Error &error);
    bool answered(Watched &watched, const QList<Alert> &alerts);

    MetricSet &m_sources;
    const Times m_times;
    std::vector<std::unique_ptr<Watched>> m_watched;
};

} // namespace signalbox
