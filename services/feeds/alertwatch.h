#pragma once

#include "models/domain/freshness.h"
#include "services/async/latestonly.h"
#include "services/feeds/metricset.h"

#include <QTimer>

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
    static constexpr int intervalMs = 15'000; // as often as most sources evaluate their rules
    static constexpr int maxBackoffMs = 120'000;

    explicit AlertWatch(MetricSet &sources, QObject *parent = nullptr);
    ~AlertWatch() override;

    QList<Alert> firing() const; // of all sources, as they were heard last
    QStringList unheard() const; // sources whose alerts are not known now, by title; not those just asked first
    bool isKnown(const Alert &alert) const; // false: only its source's last word, which is old

    void readNow();

signals:
    void changed(); // firing() or unheard()

private:
    struct Watched
    {
        QString connection;
        QList<Alert> firing;
        Freshness freshness; // Loading until it was heard or failed
        QDateTime due;
        int failures = 0;
        LatestOnly request;
    };

    void watch(const QString &connection);
    void poll();
    void ask(Watched &watched);
    void heard(Watched &watched, const Result<QList<Alert>> &alerts);

    MetricSet &m_sources;
    std::vector<std::unique_ptr<Watched>> m_watched;
    QTimer m_tick;
};

} // namespace signalbox
