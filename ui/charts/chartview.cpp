#include "ui/charts/chartview.h"

#include "ui/theme/tokens.h"
#include "ui/widgets/painting.h"
#include "ui/widgets/timetext.h"

#include <QAccessible>
#include <QAccessibleWidget>
#include <QApplication>
#include <QClipboard>
#include <QElapsedTimer>
#include <QKeyEvent>
#include <QMouseEvent>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace signalbox
{
namespace
{

constexpr int footHeight = 44; // time labels and legend
constexpr int topRoom = 14;    // marker labels
constexpr int clickDistance = 5;

QAccessibleInterface *chartAccessible(const QString &, QObject *object)
{
    auto *view = qobject_cast<ChartView *>(object);
    return view ? new QAccessibleWidget(view, QAccessible::Chart) : nullptr;
}

double latestOf(const ChartSeries &series)
{
    return series.samples.isEmpty() || !std::isfinite(series.samples.last().value) ? -HUGE_VAL
                                                                                   : series.samples.last().value;
}

} // namespace

ChartView::ChartView(ChartGroup &group, QWidget *parent)
    : QWidget(parent)
    , m_group(group)
{
    static const bool isInstalled = [] {
        QAccessible::installFactory(chartAccessible);
        return true;
    }();
    Q_UNUSED(isInstalled)
    setObjectName(QStringLiteral("chartView"));
    setAttribute(Qt::WA_OpaquePaintEvent); // paints its ground itself, so that moving the cross-hair stays here
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    m_group.add(this);
}

ChartView::~ChartView() = default;

void ChartView::setData(const PanelData &data)
{
    m_data = data;
    m_group.schedule(this);
    updateAccessibility();
}

void ChartView::setChosen(const QStringList &names)
{
    m_chosen = names;
    m_group.schedule(this);
}

QRect ChartView::plotRect() const
{
    return rect().adjusted(m_gutter + 14, topRoom, -14, -footHeight);
}

// Which series have a line of their own: all, or the few on top of a band.
QList<qsizetype> ChartView::drawnSeries() const
{
    QList<qsizetype> drawn;
    for (qsizetype i = 0; i < m_data.series.size(); ++i) {
        const ChartSeries &series = m_data.series[i];
        if (!isBand() || m_chosen.contains(series.name) ||
            (m_chosen.isEmpty() && !series.track.isEmpty() && drawn.size() < 4))
            drawn.append(i);
    }
    if (!drawn.isEmpty() || m_data.series.isEmpty())
        return drawn;
    // Nothing chosen: the three that are worst now.
    QList<qsizetype> order(m_data.series.size());
    std::iota(order.begin(), order.end(), 0);
    const auto worst = order.begin() + std::min<qsizetype>(3, order.size());
    std::partial_sort(order.begin(), worst, order.end(), [this](qsizetype a, qsizetype b) {
        return latestOf(m_data.series[a]) > latestOf(m_data.series[b]);
    });
    return QList<qsizetype>(order.begin(), worst);
}

QColor ChartView::colorOf(qsizetype index) const
{
    const ChartSeries &series = m_data.series[index];
    if (!series.track.isEmpty() && &trackTone(series.track) != &tokens().neutral)
        return trackTone(series.track).text;
    const Tokens &t = tokens();
    const auto isOfATrack = [](const ChartSeries &one) { return !one.track.isEmpty(); };
    if (series.track.isEmpty() && std::any_of(m_data.series.begin(), m_data.series.end(), isOfATrack))
        return t.textSoft; // what has no track beside tracks: a colour of a state would say more than it knows
    const QColor others[] = {t.accent.text, t.canary.text, t.warning.text, t.ok.text, t.progress.text, t.textSoft};
    return others[static_cast<std::size_t>(index) % std::size(others)];
}

void ChartView::updateValueRange()
{
    const TimeAxis &axis = m_group.axis();
    std::optional<ValueRange> range;
    for (const ChartSeries &series : std::as_const(m_data.series)) {
        const auto one = valueRange(series.samples, axis.start(), axis.end());
        if (one && range)
            range = ValueRange{std::min(range->low, one->low), std::max(range->high, one->high)};
        else if (one)
            range = one;
    }
    double low = range ? range->low : 0;
    double high = range ? range->high : 1;
    if (low >= 0)
        low = 0; // heights compare only above a common ground
    if (const auto limit = m_data.panel.limit; limit && *limit <= 4 * high)
        high = std::max(high, *limit);
    const int most = std::clamp(plotRect().height() / 32 + 1, 2, 6);
    m_largest = std::max(std::abs(low), std::abs(high)); // a limit counts only where it is drawn
    m_ticks = valueTicks(low, high, most, m_data.panel.unit, m_largest);
    if (!m_ticks.isEmpty()) // the legend is read in the unit of the grid
        m_largest = std::max({m_largest, std::abs(m_ticks.first().value), std::abs(m_ticks.last().value)});
    int widest = 28;
    for (const AxisTick &tick : std::as_const(m_ticks))
        widest = std::max(widest, textWidth(TextRole::Caption, tick.label));
    m_gutter = widest + 8;
}

bool ChartView::draw()
{
    const QString before = unit();
    updateValueRange();
    if (unit() != before)
        emit unitChanged();
    const QRect plot = plotRect();
    const TimeAxis &axis = m_group.axis();
    m_picture = {};
    if (plot.width() < 10 || plot.height() < 10 || m_ticks.size() < 2) {
        m_pixmap = {};
        update();
        return false;
    }
    m_picture.start = axis.start();
    m_picture.end = axis.end();
    m_picture.low = m_ticks.first().value;
    m_picture.high = m_ticks.last().value;
    const ThinningRequest request{m_picture.start, m_picture.end, plot.width(), m_data.stepMs};
    if (isBand()) {
        QList<QList<Sample>> all;
        for (const ChartSeries &series : std::as_const(m_data.series))
            all.append(series.samples);
        ChartPicture::Band shadow{band(all, request), tokens().neutral.text};
        shadow.color.setAlphaF(0.28F);
        m_picture.bands.append(shadow);
    }
    for (const qsizetype index : drawnSeries())
        m_picture.lines.append({thinned(m_data.series[index].samples, request), colorOf(index)});

    const qsizetype points = m_picture.points();
    const bool isSmooth = m_group.affordsAntialiasing(points);
    QElapsedTimer timer;
    timer.start();
    m_pixmap = m_canvas.draw(m_picture, plot.size(), devicePixelRatioF(), isSmooth);
    m_group.noteDrawn(points, isSmooth, timer.nsecsElapsed());
    update();
    return true;
}

void ChartView::cursorMoved()
{
    update();
    if (hasFocus())
        updateAccessibility();
}

std::optional<Sample> ChartView::readingOf(const ChartSeries &series) const
{
    if (const auto cursor = m_group.axis().cursor())
        return sampleAt(series.samples, *cursor, std::max<qint64>(m_data.stepMs, 1000));
    return latestSample(m_data, series);
}

QList<ChartView::LegendEntry> ChartView::legend() const
{
    QList<LegendEntry> entries;
    const QString &unit = m_data.panel.unit;
    for (const qsizetype index : drawnSeries()) {
        const auto reading = readingOf(m_data.series[index]);
        const QString value = reading ? valueText(reading->value, unit, m_largest) : tr("no data");
        const double rank = rankOf(reading ? std::optional(reading->value) : std::nullopt);
        entries.append({m_data.series[index].name, value, colorOf(index), rank});
    }
    if (isBand())
        entries.append({tr("band"), tr("%1 series").arg(m_data.series.size()), tokens().neutral.text, -HUGE_VAL});
    if (const auto limit = m_data.panel.limit)
        entries.append({tr("limit"), valueText(*limit, unit, m_largest), tokens().warning.text, -HUGE_VAL});
    return entries;
}

// What is worse stands higher; what has no value, below all that have one.
double ChartView::rankOf(std::optional<double> value) const
{
    if (!value || !std::isfinite(*value))
        return std::numeric_limits<double>::lowest();
    return m_data.panel.higherIsWorse ? *value : -*value;
}

const TimeAxis &ChartView::axis() const
{
    return m_group.axis();
}

QString ChartView::unit() const
{
    return writtenUnit(m_data.panel.unit, m_largest);
}

QString ChartView::valuesText() const
{
    QStringList parts;
    for (const LegendEntry &entry : legend())
        parts.append(entry.name + u' ' + entry.value);
    const qint64 time = m_group.axis().cursor().value_or(m_data.freshness.lastHeard.toMSecsSinceEpoch());
    const QString at = copiedTime(QDateTime::fromMSecsSinceEpoch(time, Qt::UTC));
    return tr("%1 at %2: %3")
        .arg(m_data.panel.title, at, parts.isEmpty() ? tr("no data") : parts.join(QStringLiteral(", ")));
}

void ChartView::updateAccessibility()
{
    setAccessibleName(tr("Chart %1, %2").arg(m_data.panel.title, m_data.panel.unit));
    QStringList parts;
    for (const LegendEntry &entry : legend())
        parts.append(entry.name + u' ' + entry.value);
    QString text = parts.isEmpty() ? tr("no data") : parts.join(QStringLiteral(", "));
    if (const auto cursor = m_group.axis().cursor())
        text += tr(" at %1").arg(clockText(QDateTime::fromMSecsSinceEpoch(*cursor, Qt::UTC)));
    if (m_data.freshness.state == Freshness::State::Stale)
        text += tr(", stale since %1").arg(clockText(m_data.freshness.lastHeard));
    if (text != accessibleDescription())
        setAccessibleDescription(text);
}

qint64 ChartView::timeAt(double x) const
{
    const QRect plot = plotRect();
    const double place = (x - plot.left()) / std::max(1, plot.width());
    return m_group.axis().start() + static_cast<qint64>(place * static_cast<double>(m_group.axis().length()));
}

double ChartView::xAt(qint64 time) const
{
    const QRect plot = plotRect();
    return plot.left() + static_cast<double>(time - m_group.axis().start()) /
                             static_cast<double>(m_group.axis().length()) * plot.width();
}

double ChartView::yAt(double value) const
{
    const QRect plot = plotRect();
    return plot.bottom() + 1 - (value - m_picture.low) / (m_picture.high - m_picture.low) * plot.height();
}

void ChartView::resizeEvent(QResizeEvent *)
{
    m_group.schedule(this);
}

void ChartView::showEvent(QShowEvent *)
{
    m_group.schedule(this);
}

void ChartView::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::StyleChange || event->type() == QEvent::PaletteChange)
        m_group.schedule(this); // colours of another theme
    QWidget::changeEvent(event);
}

void ChartView::mousePressEvent(QMouseEvent *event)
{
    const bool isPan = event->button() == Qt::MiddleButton ||
                       (event->button() == Qt::LeftButton && event->modifiers().testFlag(Qt::ShiftModifier));
    if (!isPan && event->button() != Qt::LeftButton)
        return;
    m_drag = isPan ? Drag::Pan : Drag::Zoom;
    m_dragFrom = m_dragTo = event->position().toPoint();
    m_dragTime = timeAt(m_dragFrom.x());
    if (isPan)
        setCursor(Qt::ClosedHandCursor);
}

void ChartView::mouseMoveEvent(QMouseEvent *event)
{
    const QPoint at = event->position().toPoint();
    m_isHovered = plotRect().adjusted(0, -topRoom, 1, 4).contains(at);
    m_dragTo = at;
    if (m_drag == Drag::Pan) {
        m_group.axis().pan(m_dragTime - timeAt(at.x()));
        return;
    }
    m_group.axis().setCursor(m_isHovered ? std::optional(timeAt(at.x())) : std::nullopt);
    if (m_drag == Drag::Zoom)
        update();
}

void ChartView::mouseReleaseEvent(QMouseEvent *event)
{
    const Drag drag = std::exchange(m_drag, Drag::None);
    unsetCursor();
    if (drag == Drag::Zoom && std::abs(event->position().toPoint().x() - m_dragFrom.x()) > clickDistance)
        m_group.axis().zoomTo(m_dragTime, timeAt(event->position().x()));
    update();
}

void ChartView::mouseDoubleClickEvent(QMouseEvent *)
{
    m_drag = Drag::None;
    m_group.axis().reset();
}

void ChartView::leaveEvent(QEvent *)
{
    m_isHovered = false;
    m_group.axis().setCursor(std::nullopt);
}

void ChartView::wheelEvent(QWheelEvent *event)
{
    // A bare wheel over a chart that nobody pointed the keyboard at scrolls the page.
    const QPoint turn = event->angleDelta();
    const bool isSideways = turn.x() != 0 || event->modifiers().testFlag(Qt::ShiftModifier);
    if (!isSideways && !hasFocus() && !event->modifiers().testFlag(Qt::ControlModifier)) {
        event->ignore();
        return;
    }
    TimeAxis &axis = m_group.axis();
    if (isSideways) {
        const int steps = turn.x() != 0 ? turn.x() : turn.y();
        axis.pan(-axis.length() * steps / 1200);
    } else {
        axis.zoom(std::pow(0.8, turn.y() / 120.0), timeAt(event->position().x()));
    }
    event->accept();
}

void ChartView::keyPressEvent(QKeyEvent *event)
{
    TimeAxis &axis = m_group.axis();
    const qint64 middle = axis.cursor().value_or((axis.start() + axis.end()) / 2);
    const bool isCursor = event->modifiers().testFlag(Qt::ControlModifier);
    if (event->matches(QKeySequence::Copy)) {
        QApplication::clipboard()->setText(valuesText());
        emit copied(valuesText());
        return;
    }
    switch (event->key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        return axis.zoom(0.8, middle);
    case Qt::Key_Minus:
        return axis.zoom(1.25, middle);
    case Qt::Key_0:
    case Qt::Key_Home:
        return axis.reset();
    case Qt::Key_Left:
    case Qt::Key_Right: {
        const int way = event->key() == Qt::Key_Left ? -1 : 1;
        if (!isCursor)
            return axis.pan(way * axis.length() / 10);
        const qint64 hop = std::max(m_data.stepMs, axis.length() / 100);
        return axis.setCursor(std::clamp(middle + way * hop, axis.start(), axis.end()));
    }
    case Qt::Key_Escape:
        if (axis.cursor() || axis.isMoved()) {
            axis.setCursor(std::nullopt);
            axis.reset();
            return;
        }
        break;
    default:
        break;
    }
    QWidget::keyPressEvent(event);
}

} // namespace signalbox
