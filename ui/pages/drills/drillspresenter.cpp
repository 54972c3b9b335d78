#include "ui/pages/drills/drillspresenter.h"

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr qint64 edgeMs = 30'000; // room beside the first and the last attempt

} // namespace

DrillsPresenter::DrillsPresenter(DrillYard &yard, QObject *parent)
    : QObject(parent)
    , m_yard(yard)
{
    connect(&yard, &DrillYard::historyChanged, this, &DrillsPresenter::refresh);
    connect(&yard, &DrillYard::progressChanged, this, [this] {
        refresh();
        emit progressChanged();
    });
    connect(&yard, &DrillYard::over, this, [this](const Debrief &debrief) {
        m_attempt.clear();
        select(debrief.drill);
        emit selectionChanged();
    });
    refresh();
    if (!m_rows.isEmpty())
        m_selected = m_rows.first().info.name;
}

void DrillsPresenter::refresh()
{
    const QList<Debrief> history = m_yard.history();
    const DrillProgress now = m_yard.progress();
    QList<DrillRow> rows;
    for (const DrillInfo &info : m_yard.drills()) {
        DrillRow row;
        row.info = info;
        row.attempts = static_cast<int>(std::count_if(history.begin(), history.end(),
                                                      [&info](const Debrief &one) { return one.drill == info.name; }));
        row.last = lastAttempt(history, info.name);
        row.best = bestAttempt(history, info.name);
        row.isUnderWay = now.isUnderWay() && now.drill == info.name;
        rows.append(row);
    }
    if (rows == m_rows)
        return;
    m_rows = rows;
    emit rowsChanged();
    emit selectionChanged();
}

DrillRow DrillsPresenter::selected() const
{
    for (const DrillRow &row : m_rows) {
        if (row.info.name == m_selected)
            return row;
    }
    return {};
}

void DrillsPresenter::select(const QString &name)
{
    const bool isKnown =
        std::any_of(m_rows.begin(), m_rows.end(), [&name](const DrillRow &row) { return row.info.name == name; });
    if (!isKnown || name == m_selected)
        return;
    m_selected = name;
    m_attempt.clear();
    emit selectionChanged();
}

QList<Debrief> DrillsPresenter::attempts() const
{
    QList<Debrief> found;
    for (const Debrief &one : m_yard.history()) {
        if (one.drill == m_selected)
            found.prepend(one);
    }
    return found;
}

std::optional<Debrief> DrillsPresenter::shownAttempt() const
{
    const QList<Debrief> all = attempts();
    for (const Debrief &one : all) {
        if (one.id == m_attempt)
            return one;
    }
    return all.isEmpty() ? std::nullopt : std::optional(all.first());
}

void DrillsPresenter::selectAttempt(const QString &id)
{
    if (id == m_attempt)
        return;
    m_attempt = id;
    emit selectionChanged();
}

std::optional<QString> DrillsPresenter::whyNotStart() const
{
    if (m_selected.isEmpty())
        return tr("Choose a drill first.");
    if (m_yard.progress().isUnderWay())
        return tr("A drill is under way. Finish or abandon it first.");
    return std::nullopt;
}

void DrillsPresenter::start()
{
    if (const auto started = m_yard.start(m_selected); !started)
        emit problemOccurred(started.error().message);
}

PanelData DrillsPresenter::chart() const
{
    PanelData data;
    data.panel.id = QStringLiteral("drills");
    data.panel.title = tr("Getting faster");
    data.panel.unit = QStringLiteral("s");
    data.freshness.state = Freshness::State::Live;
    ChartSeries seen{tr("seen"), {}, {}};
    ChartSeries restored{tr("restored"), {}, {}};
    QList<Debrief> all = attempts();
    std::reverse(all.begin(), all.end());
    for (const Debrief &one : all) {
        if (one.verdict != DrillVerdict::Passed)
            continue;
        const qint64 at = one.startedAt.toMSecsSinceEpoch();
        if (one.detectMs)
            seen.samples.append({at, static_cast<double>(*one.detectMs) / 1000});
        if (one.restoreMs)
            restored.samples.append({at, static_cast<double>(*one.restoreMs) / 1000});
    }
    data.series = {seen, restored};
    data.stepMs = chartRange().lengthMs; // attempts come when they come: no distance between two is a hole
    return data;
}

QList<ChartMarker> DrillsPresenter::chartMarkers() const
{
    QList<ChartMarker> markers;
    for (const Debrief &one : attempts()) {
        if (one.verdict != DrillVerdict::Passed)
            markers.prepend({one.startedAt.toMSecsSinceEpoch(), drillVerdictText(one.verdict)});
    }
    return markers;
}

bool DrillsPresenter::hasCurve() const
{
    const QList<Debrief> all = attempts();
    return std::count_if(all.begin(), all.end(),
                         [](const Debrief &one) { return one.verdict == DrillVerdict::Passed; }) > 1;
}

MetricRange DrillsPresenter::chartRange() const
{
    MetricRange range;
    const QList<Debrief> all = attempts();
    if (all.isEmpty())
        return range;
    const qint64 first = all.last().startedAt.toMSecsSinceEpoch();
    const qint64 last = all.first().startedAt.toMSecsSinceEpoch();
    range.lengthMs = last - first + 2 * edgeMs;
    range.end = QDateTime::fromMSecsSinceEpoch(last + edgeMs, Qt::UTC);
    return range;
}

} // namespace signalbox
