#pragma once

#include "services/feeds/panelpoll.h"

#include <QPointer>
#include <QTimer>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace signalbox
{

// Polls the panels of one page, and the alerts and rules beside them, from one source. Few queries at a time, none
// while the one before still runs, the newest question only; what fails is asked again later and later (with jitter),
// what it last said stays and is marked stale. GUI thread; alive as long as the page wants it.
class MetricFeed : public QObject
{
    Q_OBJECT
public:
    static constexpr int maxRunning = 4;
    static constexpr qint64 maxBackoffMs = 60000;

    explicit MetricFeed(QObject *parent = nullptr);
    ~MetricFeed() override;

    void setSource(MetricSource *source); // null: none; forgets all data
    // Panels whose id and expression stay keep their data.
    void setPanels(const QList<MetricPanel> &panels);
    void setRange(const MetricRange &range);
    const MetricRange &range() const { return m_range; }
    void setWidth(int pixels);          // of a chart's plot: decides the step
    void setInterval(int milliseconds); // between polls; at least 250
    int interval() const { return m_interval; }
    // How often the source scrapes; 0: estimated from `up`.
    void setScrapeInterval(qint64 milliseconds);
    // Whether alerts and rules are asked for, too: whoever shows none need not. At first they are.
    void setAsksForAlerts(bool asks) { m_asksForAlerts = asks; }
    void setTrackOrder(const QStringList &tracks) { m_trackOrder = tracks; }
    void setClock(std::function<QDateTime()> now) { m_now = std::move(now); }

    void start();
    void stop(); // keeps what was read
    bool isRunning() const { return m_tick.isActive(); }
    void refresh(); // everything, now, without waiting for a back-off to end

    QStringList panelIds() const;
    const PanelData *find(const QString &id) const; // null: none; valid until the next signal
    qint64 stepMs() const;

    const QList<Alert> &alerts() const { return m_alerts; }
    const QList<AlertRule> &rules() const { return m_rules; }
    const Freshness &alertFreshness() const { return m_alertFreshness; }

signals:
    void panelChanged(const QString &id);
    void panelsChanged();
    void alertsChanged();

private:
    void poll();
    void ask(PanelPoll &poll, const RangeQuery &query);
    void afterFailure(PanelPoll &poll);
    void pollAlerts();
    struct Heard // of alerts, or of rules
    {
        QDateTime at; // the last time
        std::optional<Error> problem;
    };
    void alertsHeard(Heard &of, const std::optional<Error> &error);
    Freshness::State alertState() const;
    void estimateScrapeInterval();
    qint64 backoff(int failures) const;
    void restartAll();

    QPointer<MetricSource> m_source;
    std::vector<std::unique_ptr<PanelPoll>> m_polls;
    MetricRange m_range;
    int m_width = 430;
    int m_interval = 5000;
    qint64 m_fixedScrape = 0;
    qint64 m_scrape = 15000;
    bool m_asksForAlerts = true;
    QStringList m_trackOrder;
    std::function<QDateTime()> m_now;
    QTimer m_tick;

    LatestOnly m_alertRequest;
    LatestOnly m_ruleRequest;
    LatestOnly m_scrapeRequest;
    QList<Alert> m_alerts;
    QList<AlertRule> m_rules;
    Freshness m_alertFreshness; // of alerts and rules together
    Heard m_alertsHeard;
    Heard m_rulesHeard;
    QDateTime m_alertsDue;
    QDateTime m_scrapeDue;
    int m_alertFailures = 0;
};

} // namespace signalbox
