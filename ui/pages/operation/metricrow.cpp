#include "ui/pages/operation/metricrow.h"

#include "models/series/axis.h"
#include "services/feeds/metricset.h"
#include "services/operations/operationcenter.h"
#include "ui/charts/chartpanel.h"
#include "ui/charts/chartview.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/timetext.h"

#include <QHBoxLayout>

#include <algorithm>
#include <cmath>

namespace signalbox
{

namespace
{

constexpr std::chrono::seconds retryEvery{15};
constexpr qint64 shownMs = 15 * 60 * 1000;
constexpr int chartHeight = 172;

MetricSubject subjectOf(const std::optional<Deployed> &deployed)
{
    MetricSubject subject;
    if (!deployed)
        return subject;
    subject.application = deployed->application;
    subject.ns = deployed->ns;
    for (const Track &track : deployed->tracks) {
        MetricTrack known{track.name, {}, track.version};
        for (const ObjectRef &workload : track.workloads)
            known.workloads.append(workload.name);
        subject.tracks.append(known);
    }
    // Which track has more traffic changes while one looks; the question stays the same.
    std::sort(subject.tracks.begin(), subject.tracks.end(),
              [](const MetricTrack &a, const MetricTrack &b) { return a.name < b.name; });
    return subject;
}

void addRollOuts(QList<ChartMarker> &markers, const Deployed &deployed)
{
    for (const Track &track : deployed.tracks) {
        if (!track.since.isValid())
            continue;
        const QString what = track.version.isEmpty() ? MetricRow::tr("roll-out") : track.version;
        markers.append({track.since.toMSecsSinceEpoch(),
                        track.name.isEmpty() ? what : MetricRow::tr("%1 to %2").arg(what, track.name)});
    }
}

// The moment a step was accepted is when the world began to change.
void addSteps(QList<ChartMarker> &markers, const Operation &operation)
{
    for (const StepOutcome &outcome : operation.stepOutcomes()) {
        if (!outcome.acceptedAt.isValid())
            continue;
        for (const PlanStep &step : operation.plan().steps) {
            if (step.id == outcome.stepId)
                markers.append({outcome.acceptedAt.toMSecsSinceEpoch(), step.title});
        }
    }
}

} // namespace

MetricRow::MetricRow(MetricSet &sources, OperationCenter *operations, const QStringList &wanted, QWidget *parent)
    : QWidget(parent)
    , m_sources(sources)
    , m_operations(operations)
    , m_wanted(wanted)
    , m_row(new QHBoxLayout(this))
{
    setObjectName(QStringLiteral("metricRow"));
    m_row->setContentsMargins(0, 0, 0, 0);
    m_row->setSpacing(space::m);
    hide();
    m_group.axis().setRange(MetricRange{shownMs, {}}, AgeTicker::now().toMSecsSinceEpoch());
    m_feed.setRange(MetricRange{shownMs, {}});
    m_feed.setClock([] { return AgeTicker::now(); });
    m_second.setInterval(1000);
    connect(&m_second, &QTimer::timeout, this,
            [this] { m_group.axis().advance(AgeTicker::now().toMSecsSinceEpoch()); });
    m_retry.setSingleShot(true);
    m_retry.setInterval(retryEvery);
    connect(&m_retry, &QTimer::timeout, this, &MetricRow::search);
    connect(&m_feed, &MetricFeed::panelChanged, this, [this](const QString &id) {
        showPanel(id);
        emit changed();
    });
    connect(&m_sources, &MetricSet::added, this, [this] {
        if (!m_source)
            adoptSource();
    });
    connect(&m_sources, &MetricSet::aboutToRemove, this, [this](const QString &connection) {
        if (!m_source || m_source->connection() != connection)
            return;
        m_search.cancel();
        m_feed.setSource(nullptr);
        m_source = nullptr;
    });
    connect(&m_sources, &MetricSet::removed, this, [this] {
        if (!m_source)
            adoptSource();
    });
    if (m_operations) {
        connect(m_operations, &OperationCenter::changed, this, [this](Operation *operation) {
            if (m_deployed && operation->key() == m_deployed->key())
                refreshMarkers();
        });
    }
    adoptSource();
}

MetricRow::~MetricRow() = default;

void MetricRow::adoptSource()
{
    m_source = m_sources.all().empty() ? nullptr : m_sources.all().front().get();
    m_feed.setSource(m_source);
    search();
}

void MetricRow::setSubject(const std::optional<Deployed> &deployed)
{
    const bool isOther = m_deployed.has_value() != deployed.has_value() ||
                         (deployed && m_deployed && deployed->key() != m_deployed->key());
    m_deployed = deployed;
    refreshMarkers();
    const MetricSubject subject = subjectOf(deployed);
    if (subject == m_subject)
        return;
    m_subject = subject;
    if (isOther)
        rebuild({}); // another application's figures must not stand here while the new ones are looked for
    search();
}

void MetricRow::setActive(bool isActive)
{
    m_isActive = isActive;
    if (isActive) {
        m_group.axis().advance(AgeTicker::now().toMSecsSinceEpoch());
        m_second.start();
        m_feed.start();
        if (m_panels.isEmpty())
            search();
    } else {
        m_second.stop();
        m_feed.stop();
    }
}

void MetricRow::search()
{
    m_retry.stop();
    if (!m_source || m_subject.application.isEmpty()) {
        m_search.cancel();
        rebuild({});
        return;
    }
    if (!m_isActive)
        return;
    m_search.run(
        this, [this](const StopToken &stop) { return m_source->suggestPanels(m_subject, stop); },
        [this](const Result<QList<MetricPanel>> &panels) {
            if (panels)
                adopt(*panels);
            else if (panels.error().kind != ErrorKind::Cancelled)
                m_retry.start(); // charts that are there say themselves how old they are
        });
}

void MetricRow::adopt(const QList<MetricPanel> &suggested)
{
    QList<MetricPanel> chosen;
    for (const QString &wanted : m_wanted) {
        for (const QString &id : wanted.split(u'|')) {
            const auto found = std::find_if(suggested.begin(), suggested.end(),
                                            [&id](const MetricPanel &panel) { return panel.id == id; });
            if (found == suggested.end())
                continue;
            chosen.append(*found);
            break;
        }
    }
    rebuild(chosen);
}

void MetricRow::rebuild(const QList<MetricPanel> &panels)
{
    QStringList ids;
    QStringList tracks;
    for (const MetricPanel &panel : panels)
        ids << panel.id;
    for (const MetricTrack &track : std::as_const(m_subject.tracks))
        tracks << track.name;
    m_feed.setTrackOrder(tracks);
    m_feed.setPanels(panels);
    const QStringList before = m_panels.keys();
    for (const QString &id : before) {
        if (!ids.contains(id))
            delete m_panels.take(id);
    }
    for (int i = 0; i < panels.size(); ++i) {
        ChartPanel *&panel = m_panels[panels[i].id];
        if (!panel) {
            panel = new ChartPanel(m_group, this);
            panel->setFixedHeight(chartHeight);
            connect(panel, &ChartPanel::retryRequested, &m_feed, &MetricFeed::refresh);
        }
        m_row->removeWidget(panel);
        m_row->insertWidget(i, panel, 1);
        showPanel(panels[i].id);
    }
    setVisible(!m_panels.isEmpty());
    emit changed();
}

void MetricRow::showPanel(const QString &id)
{
    ChartPanel *const panel = m_panels.value(id);
    const PanelData *const shown = m_feed.find(id);
    if (!panel || !shown)
        return;
    panel->setData(*shown);
    const int width = panel->view().plotRect().width();
    if (width > 100)
        m_feed.setWidth(width);
}

void MetricRow::refreshMarkers()
{
    QList<ChartMarker> markers;
    if (m_deployed)
        addRollOuts(markers, *m_deployed);
    if (m_operations && m_deployed) {
        for (const Operation *operation : m_operations->operations()) {
            if (operation->key() == m_deployed->key())
                addSteps(markers, *operation);
        }
    }
    std::sort(markers.begin(), markers.end(),
              [](const ChartMarker &a, const ChartMarker &b) { return a.time < b.time; });
    m_group.setMarkers(markers);
}

std::optional<double> MetricRow::latestValue(const QString &panelId, const QString &track) const
{
    const PanelData *const shown = m_feed.find(panelId);
    if (!shown || shown->freshness.state != Freshness::State::Live)
        return std::nullopt;
    for (const ChartSeries &series : shown->series) {
        const bool isIt = series.track == track || (series.track.isEmpty() && shown->series.size() == 1);
        if (isIt && !series.samples.isEmpty() && std::isfinite(series.samples.last().value))
            return series.samples.last().value;
    }
    return std::nullopt;
}

QString MetricRow::latest(const QString &panelId, const QString &track) const
{
    const std::optional<double> value = latestValue(panelId, track);
    const PanelData *const shown = m_feed.find(panelId);
    return value && shown ? valueText(*value, shown->panel.unit) : QString();
}

} // namespace signalbox
