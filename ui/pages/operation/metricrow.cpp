#include "ui/pages/operation/metricrow.h"

#include "models/series/axis.h"
#include "services/feeds/clusterset.h"
#include "services/feeds/metricset.h"
#include "services/feeds/metricsubject.h"
#include "services/ledger/view/ledgerfeed.h"
#include "services/operations/operationcenter.h"
#include "ui/charts/chartpanel.h"
#include "ui/charts/chartview.h"
#include "ui/pages/operation/knownpanels.h"
#include "ui/pages/operation/markers.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/timetext.h"

#include <QHBoxLayout>
#include <QSet>

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr qint64 shownMs = 15 * 60 * 1000;
constexpr int chartHeight = 172;
constexpr qint64 oldestJudgedSeconds = 120;
constexpr int moveEveryMs = 4000;      // two pixels of such a chart: each move paints all of it
constexpr qsizetype mostMarkers = 500; // the newest
const QString requestsPanel = QStringLiteral("requests");

} // namespace

MetricRow::MetricRow(MetricSet &sources, OperationCenter *operations, const QStringList &wanted, QWidget *parent)
    : QWidget(parent)
    , m_sources(sources)
    , m_operations(operations)
    , m_wanted(wanted)
    , m_lookAgainEvery(lookForPanelsEvery)
    , m_row(new QHBoxLayout(this))
{
    setObjectName(QStringLiteral("metricRow"));
    m_row->setContentsMargins(0, 0, 0, 0);
    m_row->setSpacing(space::m);
    hide();
    m_group.axis().setRange(MetricRange{shownMs, {}}, AgeTicker::now().toMSecsSinceEpoch());
    m_feed.setRange(MetricRange{shownMs, {}});
    m_feed.setClock([] { return AgeTicker::now(); });
    m_feed.setAsksForAlerts(false);
    m_ticks.setInterval(moveEveryMs);
    connect(&m_ticks, &QTimer::timeout, this, [this] { m_group.axis().advance(AgeTicker::now().toMSecsSinceEpoch()); });
    m_marking.setSingleShot(true);
    m_marking.setInterval(0);
    connect(&m_marking, &QTimer::timeout, this, &MetricRow::refreshMarkers);
    m_again.setSingleShot(true);
    connect(&m_again, &QTimer::timeout, this, &MetricRow::search);
    connect(&m_feed, &MetricFeed::panelChanged, this, [this](const QString &id) {
        note(id);
        showPanel(id);
        if (id == requestsPanel)
            showVerdicts();
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
            const auto isIt = [operation](const Deployed &one) { return operation->key() == one.key(); };
            if (std::any_of(m_marked.cbegin(), m_marked.cend(), isIt))
                markersChanged();
        });
    }
    adoptSource();
}

MetricRow::~MetricRow() = default;

void MetricRow::setHistory(const ClusterSet *clusters, const LedgerFeed *entries)
{
    m_clusters = clusters;
    m_entries = entries;
    if (!entries)
        return;
    connect(entries, &LedgerFeed::tableReplaced, this, &MetricRow::markersChanged);
    connect(entries, &LedgerFeed::tableGrew, this, &MetricRow::markersChanged);
}

void MetricRow::adoptSource()
{
    m_source = m_sources.all().empty() ? nullptr : m_sources.all().front().get();
    m_feed.setSource(m_source);
    m_suggested.clear();
    m_references.clear();
    m_failed.clear();
    m_isDue = true;
    search();
}

void MetricRow::setSubject(const std::optional<Deployed> &deployed)
{
    setSubject(deployed ? subjectOf(*deployed) : MetricSubject(),
               deployed ? QList<Deployed>{*deployed} : QList<Deployed>());
}

void MetricRow::setSubject(const MetricSubject &subject, const QList<Deployed> &marked)
{
    const bool isMarkedOtherwise = marked != m_marked;
    if (isMarkedOtherwise || knownRevisions() != m_revisions) {
        m_marked = marked;
        markersChanged();
    }
    if (subject == m_subject) {
        if (isMarkedOtherwise) {
            noteTraffic();
            showPanels(); // who gets traffic decides who is judged
        }
        return;
    }
    const bool isOther = subject.application != m_subject.application || subject.ns != m_subject.ns;
    m_subject = subject;
    if (isOther) {
        m_references.clear();
        m_failed.clear();
        m_served.clear();
        m_idleSince.clear();
    }
    noteTraffic();
    if (isOther) {
        rebuild({}); // another application's figures must not stand here while the new ones are looked for
        m_suggested.clear();
    } else if (isMarkedOtherwise) {
        showPanels();
    }
    m_isDue = true;
    search();
}

ChartPanel *MetricRow::makePanel()
{
    auto *panel = new ChartPanel(m_group, this);
    if (m_placeholder)
        panel->setMinimumHeight(chartHeight - 40);
    else
        panel->setFixedHeight(chartHeight);
    return panel;
}

void MetricRow::setAlwaysShown()
{
    m_placeholder = new ChartPanel(m_group, this);
    m_placeholder->setObjectName(QStringLiteral("metricPlaceholder"));
    m_placeholder->setMinimumHeight(chartHeight - 40);
    connect(m_placeholder, &ChartPanel::retryRequested, this, &MetricRow::search);
    m_row->addWidget(m_placeholder, 1);
    showPlaceholder(Freshness::State::Loading);
    setVisible(m_source != nullptr);
}

void MetricRow::setTitle(const QString &title)
{
    if (m_title == title)
        return;
    m_title = title;
    if (m_placeholder)
        showPlaceholder(m_placeholder->data().freshness.state, m_placeholder->data().freshness.error);
}

void MetricRow::showPlaceholder(Freshness::State state, const std::optional<Error> &error)
{
    if (!m_placeholder)
        return;
    PanelData shown = m_placeholder->data();
    shown.panel.id = QStringLiteral("placeholder");
    shown.panel.title = m_title;
    if (shown.freshness.state != state || !shown.freshness.since.isValid())
        shown.freshness.since = AgeTicker::now();
    shown.freshness.state = state;
    shown.freshness.error = error;
    m_placeholder->setData(shown);
}

// Charts that could not be looked for are not charts that do not exist: the row says so, where it has none to show.
void MetricRow::showFailure(const Error &error)
{
    showPlaceholder(Freshness::State::Failed, error);
    if (m_placeholder || !m_panels.isEmpty())
        return;
    if (!m_failure) {
        m_failure = makePanel();
        connect(m_failure, &ChartPanel::retryRequested, this, &MetricRow::search);
        m_row->addWidget(m_failure, 1);
    }
    PanelData shown = m_failure->data();
    shown.panel.id = QStringLiteral("failure");
    shown.panel.title = tr("Metrics");
    if (shown.freshness.state != Freshness::State::Failed)
        shown.freshness.since = AgeTicker::now();
    shown.freshness.state = Freshness::State::Failed;
    shown.freshness.error = error;
    m_failure->setData(shown);
    m_failure->show();
    show();
}

void MetricRow::setActive(bool isActive)
{
    m_isActive = isActive;
    if (isActive) {
        if (m_isMarkingDue)
            refreshMarkers();
        m_group.axis().advance(AgeTicker::now().toMSecsSinceEpoch());
        m_ticks.start();
        m_feed.start();
        if (m_isDue || !m_again.isActive())
            search();
    } else {
        m_ticks.stop();
        m_feed.stop();
    }
}

void MetricRow::search()
{
    m_again.stop();
    const bool isNothing = m_subject.application.isEmpty() && (!m_placeholder || m_subject.ns.isEmpty());
    if (!m_source || isNothing) {
        m_search.cancel();
        rebuild({});
        return;
    }
    const bool isAgain = !m_isDue;
    m_isDue = true;
    if (!m_isActive)
        return;
    m_search.run(
        this, [this](const StopToken &stop) { return m_source->suggestPanels(m_subject, stop); },
        [this, isAgain](const Result<QList<MetricPanel>> &panels) {
            if (panels) {
                m_isDue = false;
                const QList<MetricPanel> known = knownPanels(m_suggested, *panels);
                if (!isAgain || known != m_suggested)
                    adopt(known);
                // Where nothing is missing only what is measured otherwise would be news.
                m_again.start(m_panels.size() == m_wanted.size() ? 8 * m_lookAgainEvery : m_lookAgainEvery);
                return;
            }
            if (panels.error().kind == ErrorKind::Cancelled)
                return;
            showFailure(panels.error());
            m_again.start(m_lookAgainEvery); // charts that are there say themselves how old they are
        });
}

void MetricRow::adopt(const QList<MetricPanel> &suggested)
{
    m_suggested = suggested;
    QList<MetricPanel> chosen;
    for (const QString &wanted : m_wanted) {
        for (const QString &id : wanted.split(u'|')) {
            const auto found = std::find_if(suggested.begin(), suggested.end(),
                                            [&id](const MetricPanel &panel) { return panel.id == id; });
            if (found == suggested.end())
                continue;
            chosen.append(*found);
            if (!m_title.isEmpty())
                chosen.last().title = m_title;
            break;
        }
    }
    showPlaceholder(Freshness::State::Live); // without a series: there is no such metric
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
    m_feed.setPanels(withRequests(panels));
    const QStringList before = m_panels.keys();
    for (const QString &id : before) {
        if (!ids.contains(id))
            delete m_panels.take(id);
    }
    for (int i = 0; i < panels.size(); ++i) {
        ChartPanel *&panel = m_panels[panels[i].id];
        if (!panel) {
            panel = makePanel();
            connect(panel, &ChartPanel::retryRequested, &m_feed, &MetricFeed::refresh);
        }
        m_row->removeWidget(panel);
        m_row->insertWidget(i, panel, 1);
        showPanel(panels[i].id);
    }
    if (m_placeholder)
        m_placeholder->setVisible(m_panels.isEmpty());
    if (m_failure)
        m_failure->hide();
    setVisible(!m_panels.isEmpty() || (m_placeholder && m_source));
    emit changed();
}

// A verdict on requests needs to know how many there are, whether or not that is a chart here.
QList<MetricPanel> MetricRow::withRequests(QList<MetricPanel> panels) const
{
    const auto isRequests = [](const MetricPanel &panel) { return panel.id == requestsPanel; };
    const auto found = std::find_if(m_suggested.begin(), m_suggested.end(), isRequests);
    if (found != m_suggested.end() && std::none_of(panels.cbegin(), panels.cend(), isRequests) &&
        std::any_of(panels.cbegin(), panels.cend(), isOfRequests))
        panels.append(*found);
    return panels;
}

void MetricRow::showPanel(const QString &id)
{
    ChartPanel *const panel = m_panels.value(id);
    const PanelData *const shown = m_feed.find(id);
    if (!panel || !shown)
        return;
    PanelData data = *shown;
    if (!m_stable.isEmpty() && m_subject.tracks.size() > 1) // the one it is judged by is the one to see
        data.panel.limit = limitOf(data.panel, figureOf(data, measure(id)));
    panel->setData(data);
    showVerdict(*panel, *shown);
    const int width = panel->view().plotRect().width();
    if (width > 100)
        m_feed.setWidth(width);
}

void MetricRow::showPanels()
{
    const QStringList shown = m_panels.keys();
    for (const QString &id : shown)
        showPanel(id);
}

void MetricRow::showVerdicts()
{
    for (auto it = m_panels.cbegin(); it != m_panels.cend(); ++it) {
        if (const PanelData *const data = m_feed.find(it.key()))
            showVerdict(*it.value(), *data);
    }
}

TrackVerdict MetricRow::judged(const PanelData &data, const QString &track) const
{
    return verdictOf(data, track, measure(data.panel.id), m_feed.find(requestsPanel));
}

// The worst of its tracks, in a word beside the title. Of a track that gets or may get traffic and has no figure, or
// one of a handful of requests, nobody can say that it passes.
void MetricRow::showVerdict(ChartPanel &panel, const PanelData &data) const
{
    const bool isByTrack = std::any_of(data.series.begin(), data.series.end(),
                                       [](const ChartSeries &series) { return !series.track.isEmpty(); });
    const bool isTold = isByTrack && data.freshness.state == Freshness::State::Live && isJudged(data.panel);
    const TrackMeasure beside = measure(data.panel.id);
    Health worst = Health::Unknown;
    bool isMissing = false;
    bool isTooFew = false;
    QStringList words;
    for (const MetricTrack &track : m_subject.tracks) {
        if (isIdle(track.name)) // what it did while it got traffic is over
            continue;
        const TrackVerdict verdict = judged(data, track.name);
        const Health health = verdict.health;
        const QString figure = latest(data.panel.id, track.name);
        if (isTold && figure.isEmpty() && trackOf(track.name)) {
            isMissing = true;
            words << (getsTraffic(track.name) ? tr("%1: no data, although it gets traffic")
                                              : tr("%1: no data; it may get traffic"))
                         .arg(track.name);
        }
        if (verdict.tooFew) {
            isTooFew = true;
            words << tr("%1 %2: too few requests to tell, about %3 in five minutes")
                         .arg(track.name, figure)
                         .arg(qRound(*verdict.tooFew))
                         .trimmed();
        }
        if (health == Health::Unknown)
            continue;
        if (worst == Health::Unknown || health > worst)
            worst = health;
        words << tr("%1 %2: %3").arg(track.name, figure, verdictWord(health)).trimmed();
    }
    const std::optional<double> limit = limitOf(data.panel, figureOf(data, beside));
    if (limit && data.panel.limit)
        words << tr("The limit is %1.").arg(valueText(*limit, data.panel.unit));
    else if (limit)
        words << tr("The limit is %1: three times that of %2, and of errors at least one point more.")
                     .arg(valueText(*limit, data.panel.unit), m_stable);
    const bool isBad = worst == Health::Warning || worst == Health::Failing;
    if (isMissing && !isBad)
        panel.setVerdict(tr("no data"), Health::Unknown, words.join(u'\n'));
    else if (isTooFew && !isBad)
        panel.setVerdict(tr("too few"), Health::Unknown, words.join(u'\n'));
    else
        panel.setVerdict(verdictWord(worst), worst, words.join(u'\n'));
}

// What is usual of the stable track is known only while it gets traffic, and what failed itself is no measure.
void MetricRow::note(const QString &panelId)
{
    const PanelData *const data = m_feed.find(panelId);
    if (!data || data->freshness.state != Freshness::State::Live)
        return;
    for (const MetricTrack &track : std::as_const(m_subject.tracks)) {
        if (isIdle(track.name))
            continue;
        const Health health = judged(*data, track.name).health;
        if (health == Health::Failing)
            m_failed.insert(noteKey(panelId, track.name));
        else if (health != Health::Unknown)
            m_failed.remove(noteKey(panelId, track.name));
    }
    if (!getsTraffic(m_stable) || !latestValue(panelId, m_stable) || hasFailed(panelId, m_stable))
        return;
    const Health own = verdictOf(*data, m_stable, TrackMeasure()).health;
    if (own == Health::Warning || own == Health::Failing) // it begins to fail: that is not what is usual
        return;
    if (const std::optional<double> figure = usualFigureOf(*data, m_stable))
        m_references.insert(noteKey(panelId, m_stable), {*figure, AgeTicker::now(), othersThan(m_stable)});
}

// What lost its traffic while this row was there is known to have been measured by it before.
void MetricRow::noteTraffic()
{
    for (const Deployed &deployed : std::as_const(m_marked)) {
        for (const Track &track : deployed.tracks) {
            if (getsTraffic(track.name)) {
                m_served.insert(track.name);
                m_idleSince.remove(track.name);
            } else if (isIdle(track.name) && m_served.remove(track.name)) {
                m_idleSince.insert(track.name, AgeTicker::now());
            }
        }
    }
}

bool MetricRow::hasFailed(const QString &panelId, const QString &track) const
{
    const Track *const of = trackOf(track);
    return m_failed.contains(noteKey(panelId, track)) || (of && of->health == Health::Failing);
}

// The versions of the other tracks.
QString MetricRow::othersThan(const QString &track) const
{
    QStringList others;
    for (const MetricTrack &each : m_subject.tracks) {
        const Track *const of = each.name == track ? nullptr : trackOf(each.name);
        if (of)
            others << of->name + QLatin1Char('=') + of->templateHash;
    }
    others.sort();
    return others.join(QLatin1Char('|'));
}

// Another version in its place is another one to note of.
QString MetricRow::noteKey(const QString &panelId, const QString &track) const
{
    const Track *const of = trackOf(track);
    return QStringList{panelId, track, of ? of->templateHash : QString()}.join(QLatin1Char('|'));
}

// What fails is no measure, nor is what gets no traffic: then what was noted before counts, for as long as the versions
// are the same.
TrackMeasure MetricRow::measure(const QString &panelId) const
{
    if (m_stable.isEmpty())
        return {};
    const bool isFailed = hasFailed(panelId, m_stable);
    TrackMeasure measure{m_stable, std::nullopt, isFailed || isIdle(m_stable)};
    const auto noted = m_references.constFind(noteKey(panelId, m_stable));
    if (noted != m_references.constEnd() &&
        ((measure.isIdle && noted->others == othersThan(m_stable)) || noted->at.msecsTo(AgeTicker::now()) <= shownMs))
        measure.reference = noted->figure;
    if (measure.reference || !measure.isIdle)
        return measure;
    if (isFailed)
        return {};
    if (const PanelData *const data = m_feed.find(panelId)) // it was over before anybody looked
        measure.reference = figureBeforeIdle(*data, m_stable, m_idleSince.value(m_stable));
    return measure;
}

const Track *MetricRow::trackOf(const QString &name) const
{
    for (const Deployed &deployed : m_marked) {
        for (const Track &each : deployed.tracks) {
            if (each.name == name)
                return &each;
        }
    }
    return nullptr;
}

bool MetricRow::isIdle(const QString &track) const
{
    return std::any_of(m_marked.cbegin(), m_marked.cend(),
                       [&track](const Deployed &deployed) { return isKnownIdle(deployed, track); });
}

bool MetricRow::getsTraffic(const QString &track) const
{
    for (const Deployed &deployed : m_marked) {
        for (const Track &each : deployed.tracks) {
            if (each.name == track)
                return deployed.tracks.size() == 1 || (deployed.freshness.isLive() && each.share.value_or(0) > 0);
        }
    }
    return false;
}

void MetricRow::setStable(const QString &track)
{
    if (m_stable == track)
        return;
    m_stable = track;
    showPanels();
}

// What was read before nobody looked for a while says nothing of now, until it is read again.
TrackVerdict MetricRow::verdict(const QString &panelId, const QString &track) const
{
    const PanelData *const shown = m_feed.find(panelId);
    const bool isOfNow = shown && shown->freshness.lastHeard.secsTo(AgeTicker::now()) <= oldestJudgedSeconds;
    return isOfNow && !isIdle(track) ? judged(*shown, track) : TrackVerdict();
}

void MetricRow::markersChanged()
{
    m_isMarkingDue = true;
    if (m_isActive && !m_marking.isActive())
        m_marking.start();
}

// What clusters remember of earlier roll-outs is no part of what is marked.
qsizetype MetricRow::knownRevisions() const
{
    qsizetype known = 0;
    QSet<QString> connections;
    for (const Deployed &deployed : m_marked) {
        const ClusterConnection *cluster =
            m_clusters && !connections.contains(deployed.connection) ? m_clusters->find(deployed.connection) : nullptr;
        connections.insert(deployed.connection);
        if (cluster)
            known += cluster->store->revisions().size();
    }
    return known;
}

void MetricRow::refreshMarkers()
{
    m_marking.stop();
    m_isMarkingDue = false;
    m_revisions = knownRevisions();
    QList<ChartMarker> markers;
    QSet<QString> connections;
    const bool isNamed = m_marked.size() > 1;
    for (const Deployed &deployed : std::as_const(m_marked)) {
        markers += rollOutMarkers(deployed, isNamed ? deployed.application : QString());
        const ClusterConnection *cluster =
            m_clusters && !connections.contains(deployed.connection) ? m_clusters->find(deployed.connection) : nullptr;
        connections.insert(deployed.connection);
        if (cluster)
            markers += isNamed ? earlierMarkers(m_marked, deployed.connection, *cluster->store)
                               : earlierMarkers(deployed, *cluster->store);
        if (m_operations)
            markers += operationMarkers(*m_operations, deployed.key());
    }
    if (m_entries && !m_marked.isEmpty())
        markers += recordedMarkers(m_marked, m_entries->table(), m_operations);
    std::sort(markers.begin(), markers.end(),
              [](const ChartMarker &a, const ChartMarker &b) { return a.time < b.time; });
    if (markers.size() > mostMarkers)
        markers.remove(0, markers.size() - mostMarkers);
    m_group.setMarkers(markers);
}

std::optional<double> MetricRow::latestValue(const QString &panelId, const QString &track) const
{
    const PanelData *const shown = m_feed.find(panelId);
    if (!shown || shown->freshness.state != Freshness::State::Live)
        return std::nullopt;
    // A figure of all tracks together says nothing of one of them.
    const bool isOnly = shown->series.size() == 1 && m_subject.tracks.size() <= 1;
    for (const ChartSeries &series : shown->series) {
        const bool isIt = series.track == track || (series.track.isEmpty() && isOnly);
        if (const auto sample = isIt ? latestSample(*shown, series) : std::nullopt)
            return sample->value;
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
