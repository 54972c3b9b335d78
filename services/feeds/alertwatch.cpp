#include "services/feeds/alertwatch.h"

#include <QRandomGenerator>

#include <algorithm>

namespace signalbox
{

AlertWatch::AlertWatch(MetricSet &sources, QObject *parent)
    : QObject(parent)
    , m_sources(sources)
{
    connect(&sources, &MetricSet::added, this, &AlertWatch::watch);
    connect(&sources, &MetricSet::aboutToRemove, this, [this](const QString &connection) {
        if (std::erase_if(m_watched, [&](const auto &one) { return one->connection == connection; }) > 0)
            emit changed();
    });
    m_tick.setInterval(1000);
    m_tick.setTimerType(Qt::VeryCoarseTimer);
    connect(&m_tick, &QTimer::timeout, this, &AlertWatch::poll);
    for (const auto &source : sources.all())
        watch(source->connection());
}

AlertWatch::~AlertWatch() = default;

void AlertWatch::watch(const QString &connection)
{
    auto watched = std::make_unique<Watched>();
    watched->connection = connection;
    watched->freshness.state = Freshness::State::Loading;
    m_watched.push_back(std::move(watched));
    if (!m_tick.isActive())
        m_tick.start();
    // Not within the call that adds the source.
    QTimer::singleShot(0, this, &AlertWatch::poll);
}

void AlertWatch::readNow()
{
    for (const auto &watched : m_watched)
        watched->due = {};
    poll();
}

void AlertWatch::poll()
{
    const QDateTime now = QDateTime::currentDateTimeUtc();
    for (const auto &watched : m_watched) {
        if (!watched->request.isRunning() && !(watched->due.isValid() && watched->due > now))
            ask(*watched);
    }
}

void AlertWatch::ask(Watched &watched)
{
    MetricSource *source = m_sources.find(watched.connection);
    if (source == nullptr)
        return;
    watched.due = QDateTime::currentDateTimeUtc().addMSecs(intervalMs);
    watched.request.run(
        this, [source](const StopToken &stop) { return source->alerts(stop); },
        [this, &watched](const Result<QList<Alert>> &alerts) { heard(watched, alerts); });
}

void AlertWatch::heard(Watched &watched, const Result<QList<Alert>> &alerts)
{
    const QDateTime now = QDateTime::currentDateTimeUtc();
    const Freshness::State before = watched.freshness.state;
    if (!alerts) {
        if (alerts.error().kind == ErrorKind::Cancelled)
            return;
        const qint64 wait = std::min<qint64>(maxBackoffMs, qint64(intervalMs) << std::min(watched.failures++, 8));
        watched.due = now.addMSecs(wait * QRandomGenerator::global()->bounded(75, 126) / 100);
        watched.freshness.state =
            watched.freshness.lastHeard.isValid() ? Freshness::State::Stale : Freshness::State::Failed;
        watched.freshness.error = alerts.error();
        if (watched.freshness.state != before)
            emit changed();
        return;
    }
    QList<Alert> firing;
    std::copy_if(alerts->begin(), alerts->end(), std::back_inserter(firing),
                 [](const Alert &alert) { return alert.state == Alert::State::Firing; });
    // Their figures move with each answer: that alone is no news.
    const auto isSame = [](const Alert &a, const Alert &b) {
        return a.name == b.name && a.labels == b.labels && a.activeAt == b.activeAt && a.annotations == b.annotations;
    };
    const bool isNews = !std::equal(firing.begin(), firing.end(), watched.firing.begin(), watched.firing.end(), isSame);
    watched.firing = firing;
    watched.failures = 0;
    watched.freshness.state = Freshness::State::Live;
    watched.freshness.lastHeard = now;
    watched.freshness.error.reset();
    if (isNews || before != Freshness::State::Live)
        emit changed();
}

QList<Alert> AlertWatch::firing() const
{
    QList<Alert> all;
    for (const auto &watched : m_watched)
        all += watched->firing;
    return all;
}

bool AlertWatch::isKnown(const Alert &alert) const
{
    return std::any_of(m_watched.begin(), m_watched.end(),
                       [&alert](const auto &one) { return one->freshness.isLive() && one->firing.contains(alert); });
}

QStringList AlertWatch::unheard() const
{
    QStringList titles;
    for (const auto &watched : m_watched) {
        const bool isUnheard = !watched->freshness.isLive() && watched->freshness.state != Freshness::State::Loading;
        const MetricSource *source = isUnheard ? m_sources.find(watched->connection) : nullptr;
        if (source != nullptr)
            titles << source->title();
    }
    return titles;
}

} // namespace signalbox
