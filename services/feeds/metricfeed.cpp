#include "services/feeds/metricfeed.h"

#include "models/series/axis.h"

#include <QLoggingCategory>
#include <QRandomGenerator>

#include <algorithm>
#include <cmath>

namespace signalbox
{
namespace
{
Q_LOGGING_CATEGORY(log, "signalbox.services.feeds")

constexpr qint64 alertPeriodMs = 5000;
constexpr qint64 scrapePeriodMs = 120000;
} // namespace

MetricFeed::MetricFeed(QObject *parent)
    : QObject(parent)
    , m_now([] { return QDateTime::currentDateTimeUtc(); })
{
    m_tick.setInterval(m_interval);
    connect(&m_tick, &QTimer::timeout, this, &MetricFeed::poll);
}

MetricFeed::~MetricFeed() = default;

void MetricFeed::setSource(MetricSource *source)
{
    if (source == m_source)
        return;
    m_source = source;
    std::vector<std::unique_ptr<PanelPoll>> fresh;
    for (const auto &poll : m_polls)
        fresh.push_back(std::make_unique<PanelPoll>(poll->panel()));
    m_polls = std::move(fresh);
    m_alertRequest.cancel();
    m_ruleRequest.cancel();
    m_scrapeRequest.cancel();
    m_alerts.clear();
    m_rules.clear();
    m_alertFreshness = {};
    m_alertsHeard = m_rulesHeard = {};
    m_alertsDue = m_scrapeDue = {};
    m_alertFailures = 0;
    emit panelsChanged();
    emit alertsChanged();
    if (isRunning())
        poll();
}

void MetricFeed::setPanels(const QList<MetricPanel> &panels)
{
    std::vector<std::unique_ptr<PanelPoll>> next;
    for (const MetricPanel &panel : panels) {
        const auto same = std::find_if(m_polls.begin(), m_polls.end(),
                                       [&panel](const auto &poll) { return poll && poll->panel() == panel; });
        next.push_back(same != m_polls.end() ? std::move(*same) : std::make_unique<PanelPoll>(panel));
    }
    m_polls = std::move(next);
    emit panelsChanged();
    if (isRunning())
        poll();
}

void MetricFeed::setRange(const MetricRange &range)
{
    if (range == m_range)
        return;
    m_range = range;
    restartAll();
}

void MetricFeed::setWidth(int pixels)
{
    const qint64 before = stepMs();
    m_width = std::max(pixels, 1);
    if (stepMs() != before)
        restartAll();
}

void MetricFeed::setInterval(int milliseconds)
{
    m_interval = std::max(milliseconds, 250);
    m_tick.setInterval(m_interval);
}

void MetricFeed::setScrapeInterval(qint64 milliseconds)
{
    m_fixedScrape = milliseconds;
    const qint64 before = stepMs();
    if (milliseconds > 0)
        m_scrape = milliseconds;
    if (stepMs() != before)
        restartAll();
}

qint64 MetricFeed::stepMs() const
{
    return stepForWidth(m_range.lengthMs, m_width, m_scrape);
}

void MetricFeed::restartAll()
{
    for (const auto &poll : m_polls) {
        poll->cancel();
        poll->restart();
        poll->dueAt = {};
    }
    if (isRunning())
        poll();
}

void MetricFeed::start()
{
    if (isRunning())
        return;
    m_tick.start();
    poll();
}

void MetricFeed::stop()
{
    m_tick.stop();
    for (const auto &poll : m_polls)
        poll->cancel();
    m_alertRequest.cancel();
    m_ruleRequest.cancel();
    m_scrapeRequest.cancel();
}

void MetricFeed::refresh()
{
    for (const auto &poll : m_polls)
        poll->dueAt = {};
    m_alertsDue = {};
    poll();
}

QStringList MetricFeed::panelIds() const
{
    QStringList ids;
    for (const auto &poll : m_polls)
        ids.append(poll->panel().id);
    return ids;
}

const PanelData *MetricFeed::find(const QString &id) const
{
    const auto it =
        std::find_if(m_polls.begin(), m_polls.end(), [&id](const auto &poll) { return poll->panel().id == id; });
    return it == m_polls.end() ? nullptr : &(*it)->data();
}

// One round: the panels that waited longest first, as many as may run at a time. Each answer makes room for another.
void MetricFeed::poll()
{
    if (!m_source || !isRunning())
        return;
    const QDateTime now = m_now();
    const qint64 step = stepMs();
    const qint64 tolerance = 3 * std::max<qint64>(m_interval, step) + 5000;
    auto running = std::count_if(m_polls.begin(), m_polls.end(), [](const auto &poll) { return poll->isRunning(); });
    QStringList aged;
    for (const auto &poll : m_polls) {
        if (poll->isRunning() || (poll->dueAt.isValid() && poll->dueAt > now)) {
            if (poll->isRunning() && poll->ageBeyond(tolerance, now))
                aged.append(poll->panel().id);
            continue;
        }
        if (running >= maxRunning)
            continue;
        if (const auto query = poll->next(m_range, step, m_scrape, now)) {
            ask(*poll, *query);
            ++running;
        } else {
            poll->touch(now);
        }
    }
    if (m_asksForAlerts)
        pollAlerts();
    estimateScrapeInterval();
    for (const QString &id : aged)
        emit panelChanged(id);
}

void MetricFeed::ask(PanelPoll &panel, const RangeQuery &query)
{
    // The panel's own LatestOnly ends with it, so `panel` is there whenever an answer is.
    panel.request().run(
        this, [this, query](const StopToken &stop) { return m_source->range(query, stop); },
        [this, &panel, query](const Result<MetricAnswer> &answer) {
            const QDateTime now = m_now();
            if (answer) {
                panel.answered(*answer, query, m_range, now, m_trackOrder);
                panel.dueAt = {};
            } else if (answer.error().kind != ErrorKind::Cancelled) {
                panel.failed(answer.error(), now);
                afterFailure(panel);
            }
            const QString id = panel.panel().id;
            QMetaObject::invokeMethod(
                this, [this] { poll(); }, Qt::QueuedConnection); // others wait for a free place
            emit panelChanged(id);
        });
}

void MetricFeed::afterFailure(PanelPoll &panel)
{
    panel.dueAt = m_now().addMSecs(backoff(panel.failures()));
    if (panel.failures() == 1) {
        qCWarning(log) << "panel" << panel.panel().id << errorKindName(panel.data().freshness.error->kind)
                       << panel.data().freshness.error->message;
    }
}

qint64 MetricFeed::backoff(int failures) const
{
    const double delay = std::min<double>(m_interval * std::pow(2.0, std::min(failures - 1, 10)), maxBackoffMs);
    return static_cast<qint64>(delay * (0.75 + QRandomGenerator::global()->generateDouble() * 0.5));
}

void MetricFeed::pollAlerts()
{
    const QDateTime now = m_now();
    if (m_alertRequest.isRunning() || m_ruleRequest.isRunning() || (m_alertsDue.isValid() && m_alertsDue > now))
        return;
    m_alertsDue = now.addMSecs(std::max<qint64>(m_interval, alertPeriodMs));
    m_alertRequest.run(
        this, [this](const StopToken &stop) { return m_source->alerts(stop); },
        [this](const Result<QList<Alert>> &alerts) {
            if (alerts)
                m_alerts = *alerts;
            alertsHeard(m_alertsHeard, alerts ? std::nullopt : std::optional(alerts.error()));
        });
    m_ruleRequest.run(
        this, [this](const StopToken &stop) { return m_source->rules(stop); },
        [this](const Result<QList<AlertRule>> &rules) {
            if (rules)
                m_rules = *rules;
            alertsHeard(m_rulesHeard, rules ? std::nullopt : std::optional(rules.error()));
        });
}

// Of alerts and rules what is known of one alone is not known of both: they are as old as the older of them. Without
// alerts rules say nothing, as none of them would fire.
void MetricFeed::alertsHeard(Heard &of, const std::optional<Error> &error)
{
    if (error && error->kind == ErrorKind::Cancelled)
        return;
    const QDateTime now = m_now();
    of.problem = error;
    if (error)
        m_alertsDue = now.addMSecs(backoff(++m_alertFailures));
    else
        of.at = now;
    const bool hasBoth = m_alertsHeard.at.isValid() && m_rulesHeard.at.isValid();
    m_alertFreshness.lastHeard = hasBoth ? std::min(m_alertsHeard.at, m_rulesHeard.at) : m_alertsHeard.at;
    m_alertFreshness.error = m_alertsHeard.problem ? m_alertsHeard.problem : m_rulesHeard.problem;
    if (!m_alertFreshness.error)
        m_alertFailures = 0;
    const auto state = alertState();
    if (m_alertFreshness.state != state)
        m_alertFreshness.since = now;
    m_alertFreshness.state = state;
    emit alertsChanged();
}

Freshness::State MetricFeed::alertState() const
{
    const std::optional<Error> &error = m_alertFreshness.error;
    if (!error)
        return m_alertsHeard.at.isValid() && m_rulesHeard.at.isValid() ? Freshness::State::Live
                                                                       : Freshness::State::Loading;
    if (m_alertFreshness.lastHeard.isValid())
        return Freshness::State::Stale;
    // Nothing evaluates rules there: that is no failure.
    const bool hasNone = error->kind == ErrorKind::NotFound || error->kind == ErrorKind::Unsupported;
    return hasNone ? Freshness::State::Absent : Freshness::State::Failed;
}

// The median distance of the samples of `up` over two minutes. A source without `up` keeps the usual 15 s.
void MetricFeed::estimateScrapeInterval()
{
    const QDateTime now = m_now();
    if (m_fixedScrape > 0 || m_scrapeRequest.isRunning() || (m_scrapeDue.isValid() && m_scrapeDue > now))
        return;
    m_scrapeDue = now.addMSecs(scrapePeriodMs);
    const QString expression = QStringLiteral("1000 * quantile(0.5, 120 / count_over_time(up[2m]))");
    m_scrapeRequest.run(
        this, [this, expression](const StopToken &stop) { return m_source->instant(expression, {}, stop); },
        [this](const Result<MetricAnswer> &answer) {
            if (!answer || answer->series.isEmpty() || answer->series.first().samples.isEmpty())
                return;
            const double measured = answer->series.first().samples.first().value;
            if (!std::isfinite(measured))
                return;
            const qint64 before = stepMs();
            m_scrape = std::clamp<qint64>(std::llround(measured / 1000.0) * 1000, 1000, 300000);
            if (stepMs() != before)
                restartAll();
        });
}

} // namespace signalbox
