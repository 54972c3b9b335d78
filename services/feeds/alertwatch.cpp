#include "services/feeds/alertwatch.h"

#include <QRandomGenerator>

#include <algorithm>
#include <utility>

namespace signalbox
{
namespace
{

// Sources give them in whatever order; of doubles the one that fires longest comes first.
bool isListedBefore(const Alert &a, const Alert &b)
{
    if (a.name != b.name)
        return a.name < b.name;
    if (a.labels != b.labels)
        return std::lexicographical_compare(a.labels.constKeyValueBegin(), a.labels.constKeyValueEnd(),
                                            b.labels.constKeyValueBegin(), b.labels.constKeyValueEnd());
    return a.activeAt < b.activeAt;
}

bool isSameAlert(const Alert &a, const Alert &b)
{
    return a.name == b.name && a.labels == b.labels;
}

// Their figures move with each answer: that alone is no news.
bool saysTheSame(const Alert &a, const Alert &b)
{
    return isSameAlert(a, b) && a.activeAt == b.activeAt && a.annotations == b.annotations;
}

} // namespace

AlertWatch::AlertWatch(MetricSet &sources, QObject *parent)
    : AlertWatch(sources, Times(), parent)
{}

AlertWatch::AlertWatch(MetricSet &sources, Times times, QObject *parent)
    : QObject(parent)
    , m_sources(sources)
    , m_times(times)
{
    connect(&sources, &MetricSet::added, this, &AlertWatch::watch);
    connect(&sources, &MetricSet::aboutToRemove, this, [this](const QString &connection) {
        if (std::erase_if(m_watched, [&](const auto &one) { return one->connection == connection; }) > 0)
            emit changed();
    });
    for (const auto &source : sources.all())
        watch(source->connection());
}

AlertWatch::~AlertWatch() = default;

void AlertWatch::watch(const QString &connection)
{
    auto watched = std::make_unique<Watched>();
    watched->connection = connection;
    watched->freshness.state = Freshness::State::Loading;
    watched->again.setParent(this);
    watched->again.setSingleShot(true);
    connect(&watched->again, &QTimer::timeout, this, [this, one = watched.get()] { ask(*one); });
    watched->again.start(0); // not within the call that adds the source
    m_watched.push_back(std::move(watched));
    emit changed(); // alerts of the others say now whose they are
}

void AlertWatch::readNow()
{
    for (const auto &watched : m_watched)
        ask(*watched);
}

void AlertWatch::ask(Watched &watched)
{
    MetricSource *source = m_sources.find(watched.connection);
    if (source == nullptr)
        return;
    watched.again.stop();
    watched.request.run(
        this, [source](const StopToken &stop) { return source->alerts(stop); },
        [this, &watched](const Result<QList<Alert>> &alerts) { heard(watched, alerts); });
}

void AlertWatch::heard(Watched &watched, const Result<QList<Alert>> &alerts)
{
    watched.again.start(m_times.every);
    if (!alerts && alerts.error().kind == ErrorKind::Cancelled)
        return;
    if (alerts ? answered(watched, *alerts) : failed(watched, alerts.error()))
        emit changed();
}

bool AlertWatch::failed(Watched &watched, const Error &error)
{
    const Freshness::State before = watched.freshness.state;
    const bool wasHeard = watched.freshness.lastHeard.isValid();
    // Nothing evaluates rules there (Mimir or VictoriaMetrics without a ruler): nothing is missed. Not so where alerts
    // were heard before: then something on the way is another.
    const bool hasNone = error.kind == ErrorKind::NotFound || error.kind == ErrorKind::Unsupported;
    watched.freshness.state = wasHeard  ? Freshness::State::Stale
                              : hasNone ? Freshness::State::Absent
                                        : Freshness::State::Failed;
    watched.freshness.error = error;
    const auto backoff = std::min(m_times.longestWait, m_times.every * (1 << std::min(watched.failures++, 8)));
    const auto wait = watched.freshness.state == Freshness::State::Absent ? m_times.longestWait : backoff;
    watched.again.start(wait * QRandomGenerator::global()->bounded(75, 126) / 100);
    return watched.freshness.state != before;
}

bool AlertWatch::answered(Watched &watched, const QList<Alert> &alerts)
{
    const Freshness::State before = watched.freshness.state;
    QList<Alert> firing;
    std::copy_if(alerts.begin(), alerts.end(), std::back_inserter(firing),
                 [](const Alert &alert) { return alert.state == Alert::State::Firing; });
    std::stable_sort(firing.begin(), firing.end(), isListedBefore);
    firing.erase(std::unique(firing.begin(), firing.end(), isSameAlert), firing.end());
    const bool isNews =
        !std::equal(firing.begin(), firing.end(), watched.firing.begin(), watched.firing.end(), saysTheSame);
    watched.firing = firing;
    watched.failures = 0;
    watched.freshness.state = Freshness::State::Live;
    watched.freshness.lastHeard = QDateTime::currentDateTimeUtc();
    watched.freshness.error.reset();
    return isNews || before != Freshness::State::Live;
}

QList<FiringAlert> AlertWatch::firing() const
{
    QList<FiringAlert> all;
    for (const auto &watched : m_watched) {
        if (watched->firing.isEmpty())
            continue;
        const MetricSource *source = m_watched.size() > 1 ? m_sources.find(watched->connection) : nullptr;
        const QString title = source != nullptr ? source->title() : QString();
        for (const Alert &alert : std::as_const(watched->firing))
            all.append({alert, watched->connection, title, watched->freshness.isLive()});
    }
    return all;
}

QStringList AlertWatch::unheard() const
{
    using State = Freshness::State;
    QStringList titles;
    for (const auto &watched : m_watched) {
        const State state = watched->freshness.state;
        const bool isUnheard = state != State::Live && state != State::Loading && state != State::Absent;
        const MetricSource *source = isUnheard ? m_sources.find(watched->connection) : nullptr;
        if (source != nullptr)
            titles << source->title();
    }
    return titles;
}

} // namespace signalbox
