#include "ui/pages/metrics/metricspresenter.h"

#include "models/series/axis.h"
#include "models/series/seriescsv.h"
#include "services/feeds/metricsubject.h"
#include "ui/pages/operation/markers.h"

#include <algorithm>

namespace signalbox
{
namespace
{
constexpr int retryMs = 5000;
}

MetricsPresenter::MetricsPresenter(MetricSet &sources, DeployedStore &deployed, PanelSettings &settings,
                                   QObject *parent)
    : QObject(parent)
    , m_sources(sources)
    , m_deployed(deployed)
    , m_settings(settings)
{
    m_since = QDateTime::currentDateTimeUtc();
    m_again.setSingleShot(true);
    connect(&m_again, &QTimer::timeout, this, &MetricsPresenter::search);
    connect(&m_sources, &MetricSet::added, this, [this] {
        if (!m_source)
            adoptSource();
        else
            emit changed();
    });
    connect(&m_sources, &MetricSet::aboutToRemove, this, [this](const QString &connection) {
        if (!m_source || m_source->connection() != connection)
            return;
        m_feed.setSource(nullptr);
        m_search.cancel();
        m_preview.cancel();
        forgetPanels();
        m_source = nullptr;
    });
    connect(&m_sources, &MetricSet::removed, this, [this] { adoptSource(); });
    connect(&m_deployed, &DeployedStore::changed, this, [this] {
        emit markersChanged();
        // Tracks come and go with a release; their pods and versions are part of the question.
        if (subject() != m_searched)
            search();
        else
            emit changed();
    });
    adoptSource();
}

MetricsPresenter::~MetricsPresenter() = default;

void MetricsPresenter::adoptSource()
{
    if (!m_source && !m_sources.all().empty())
        m_source = m_sources.all().front().get();
    m_feed.setSource(m_source);
    search();
}

QList<MetricsPresenter::Choice> MetricsPresenter::sources() const
{
    QList<Choice> choices;
    for (const auto &source : m_sources.all())
        choices.append({source->connection(), source->title()});
    return choices;
}

void MetricsPresenter::chooseSource(const QString &connection)
{
    MetricSource *source = m_sources.find(connection);
    if (!source || source == m_source)
        return;
    forgetPanels();
    m_source = source;
    adoptSource();
}

void MetricsPresenter::forgetPanels()
{
    m_suggested.clear();
    m_panels.clear();
    m_feed.setPanels({});
}

QList<MetricsPresenter::Choice> MetricsPresenter::applications() const
{
    QList<Choice> choices;
    for (const Deployed &one : m_deployed.all())
        choices.append({one.key(), one.application + QStringLiteral(" / ") + one.environment});
    choices.append({QString(), tr("everything")});
    return choices;
}

QString MetricsPresenter::likelyApplication() const
{
    const QList<Deployed> all = m_deployed.all();
    const auto found = std::find_if(all.begin(), all.end(), [](const Deployed &one) { return one.tracks.size() > 1; });
    return found != all.end() ? found->key() : all.isEmpty() ? QString() : all.first().key();
}

QString MetricsPresenter::applicationText() const
{
    const Deployed *one = m_deployed.find(m_key);
    return one ? one->application + QStringLiteral(" / ") + one->environment : tr("everything");
}

QString MetricsPresenter::applicationName() const
{
    const Deployed *one = m_deployed.find(m_key);
    return one ? one->application : QString();
}

void MetricsPresenter::chooseApplication(const QString &key)
{
    if (key == m_key)
        return;
    m_key = key;
    forgetPanels();
    emit applicationChosen();
    emit markersChanged();
    search();
}

void MetricsPresenter::setActive(bool isActive)
{
    m_isActive = isActive;
    if (isActive) {
        m_feed.start();
        if (!m_search.isRunning() && !m_again.isActive())
            m_again.start(m_lookAgainEvery);
    } else {
        m_feed.stop();
    }
}

MetricSubject MetricsPresenter::subject() const
{
    const Deployed *one = m_deployed.find(m_key);
    return one ? subjectOf(*one) : MetricSubject();
}

void MetricsPresenter::searchAgain()
{
    search();
}

void MetricsPresenter::search()
{
    m_again.stop();
    if (!m_source)
        return enter(State::NoSource);
    m_searched = subject();
    const bool isKnownToBeNothing = m_state == State::NoPanels && m_composed == m_searched;
    if (m_panels.isEmpty() && !isKnownToBeNothing)
        enter(State::Searching);
    m_search.run(
        this, [this](const StopToken &stop) { return m_source->suggestPanels(m_searched, stop); },
        [this](const Result<QList<MetricPanel>> &panels) {
            if (panels) {
                const QList<MetricPanel> known = knownPanels(m_suggested, *panels);
                const bool isComposed = m_state == State::Ready || m_state == State::NoPanels;
                if (!isComposed || m_composed != m_searched || known != m_suggested)
                    compose(known);
                if (m_isActive)
                    m_again.start(m_lookAgainEvery);
                return;
            }
            m_error = panels.error();
            m_again.start(retryMs);
            // What is on screen stays there and says itself how old it is.
            if (m_panels.isEmpty())
                enter(State::Failed);
        });
}

// Suggested panels, each replaced by the operator's own of the same id; then what the operator added.
void MetricsPresenter::compose(const QList<MetricPanel> &suggested)
{
    m_suggested = suggested;
    m_composed = m_searched;
    QList<MetricPanel> own = m_settings.panels(m_source->connection(), applicationName());
    m_panels.clear();
    for (const MetricPanel &panel : suggested) {
        const auto same =
            std::find_if(own.begin(), own.end(), [&panel](const MetricPanel &one) { return one.id == panel.id; });
        m_panels.append(same != own.end() ? *same : panel);
        if (same != own.end())
            own.erase(same);
    }
    m_panels.append(own);
    QStringList tracks;
    for (const MetricTrack &track : std::as_const(m_searched.tracks))
        tracks.append(track.name);
    m_feed.setTrackOrder(tracks.removeAll(QString()) || tracks.isEmpty() ? QStringList() : tracks);
    QList<MetricPanel> asked;
    for (const MetricPanel &panel : std::as_const(m_panels))
        asked.append(filledIn(panel));
    m_feed.setPanels(asked);
    enter(m_panels.isEmpty() ? State::NoPanels : State::Ready);
}

// A query for all applications names the one that is shown.
MetricPanel MetricsPresenter::filledIn(MetricPanel panel) const
{
    panel.expression.replace(QLatin1String("{app}"), m_searched.application);
    panel.expression.replace(QLatin1String("{ns}"), m_searched.ns);
    return panel;
}

const MetricPanel *MetricsPresenter::panel(const QString &id) const
{
    const auto found =
        std::find_if(m_panels.cbegin(), m_panels.cend(), [&id](const MetricPanel &one) { return one.id == id; });
    return found == m_panels.cend() ? nullptr : &*found;
}

void MetricsPresenter::settingsChanged()
{
    if (m_source && (m_state == State::Ready || m_state == State::NoPanels))
        compose(m_suggested);
}

void MetricsPresenter::enter(State state)
{
    if (state != m_state)
        m_since = QDateTime::currentDateTimeUtc();
    m_state = state;
    emit changed();
}

bool MetricsPresenter::isOwn(const QString &id) const
{
    const auto panel =
        std::find_if(m_panels.begin(), m_panels.end(), [&id](const MetricPanel &one) { return one.id == id; });
    return panel != m_panels.end() && !m_suggested.contains(*panel);
}

Result<void> MetricsPresenter::savePanel(const MetricPanel &panel)
{
    if (!m_source)
        return Error{ErrorKind::Invalid, tr("There is no source to keep this query for."), {}};
    auto saved = m_settings.save(m_source->connection(), applicationName(), panel);
    if (saved)
        compose(m_suggested);
    return saved;
}

Result<void> MetricsPresenter::removePanel(const QString &id)
{
    if (!m_source)
        return {};
    auto removed = m_settings.remove(m_source->connection(), applicationName(), id);
    if (removed)
        compose(m_suggested);
    return removed;
}

MetricPanel MetricsPresenter::newPanel() const
{
    MetricPanel panel;
    int number = 1;
    const auto isTaken = [this](const QString &id) {
        return std::any_of(m_panels.begin(), m_panels.end(), [&id](const MetricPanel &one) { return one.id == id; });
    };
    do
        panel.id = QStringLiteral("own-%1").arg(number++);
    while (isTaken(panel.id));
    panel.unit = QStringLiteral("count");
    if (!m_panels.isEmpty()) {
        panel.trackLabel = m_panels.first().trackLabel;
        panel.trackNames = m_panels.first().trackNames;
    }
    return panel;
}

void MetricsPresenter::preview(const MetricPanel &panel)
{
    if (!m_source)
        return;
    const MetricRange range = m_feed.range();
    auto poll = std::make_shared<PanelPoll>(filledIn(panel));
    const QDateTime now = QDateTime::currentDateTimeUtc();
    const qint64 step = m_feed.stepMs();
    const auto query = poll->next(range, step, step, now);
    m_preview.run(
        this, [this, query](const StopToken &stop) { return m_source->range(*query, stop); },
        [this, poll, query, range](const Result<MetricAnswer> &answer) {
            const QDateTime at = QDateTime::currentDateTimeUtc();
            if (answer)
                poll->answered(*answer, *query, range, at, {});
            else
                poll->failed(answer.error(), at);
            emit previewed(poll->data());
        });
}

QList<ChartMarker> MetricsPresenter::markers() const
{
    QList<ChartMarker> markers = m_operations;
    if (const Deployed *one = m_deployed.find(m_key)) {
        markers += rollOutMarkers(*one);
    }
    std::sort(markers.begin(), markers.end(),
              [](const ChartMarker &a, const ChartMarker &b) { return a.time < b.time; });
    return markers;
}

void MetricsPresenter::setOperationMarkers(const QList<ChartMarker> &markers)
{
    m_operations = markers;
    emit markersChanged();
}

std::optional<qint64> MetricsPresenter::meanAge(const QDateTime &now) const
{
    qint64 sum = 0;
    qint64 count = 0;
    for (const QString &id : m_feed.panelIds()) {
        const PanelData *data = m_feed.find(id);
        if (data && data->freshness.lastHeard.isValid()) {
            sum += std::max<qint64>(0, data->freshness.lastHeard.msecsTo(now));
            ++count;
        }
    }
    return count > 0 ? std::optional(sum / count) : std::nullopt;
}

QString MetricsPresenter::csv(qint64 start, qint64 end) const
{
    QList<PanelData> all;
    for (const QString &id : m_feed.panelIds())
        all.append(*m_feed.find(id));
    return seriesCsv(all, start, end);
}

} // namespace signalbox
