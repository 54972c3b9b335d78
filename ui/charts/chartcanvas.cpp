#include "ui/charts/chartcanvas.h"

#include <QAreaSeries>
#include <QChart>
#include <QGraphicsScene>
#include <QLineSeries>
#include <QPainter>
#include <QPen>
#include <QValueAxis>

namespace signalbox
{
namespace
{

// The axes go from 0 to 1 for good and the points are brought there: another range of an axis makes Qt Charts compute
// every point of every series anew, once for the time, once for the values and once more for the points themselves.
class UnitMapping
{
public:
    explicit UnitMapping(const ChartPicture &picture)
        : m_start(picture.start)
        , m_low(picture.low)
        , m_x(1 / static_cast<double>(picture.end - picture.start))
        , m_y(1 / (picture.high - picture.low))
    {}
    QPointF operator()(qint64 time, double value) const
    {
        return {static_cast<double>(time - m_start) * m_x, (value - m_low) * m_y};
    }

private:
    qint64 m_start;
    double m_low;
    double m_x;
    double m_y;
};

QList<QPointF> pointsOf(const SampleRun &run, const UnitMapping &map)
{
    QList<QPointF> points;
    points.reserve(run.size() + 1);
    for (const Sample &sample : run)
        points.append(map(sample.time, sample.value));
    return points;
}

QPen linePen(const ChartPicture::Line &line)
{
    QPen pen(line.color, line.width);
    pen.setCosmetic(true);
    pen.setJoinStyle(Qt::BevelJoin); // no needles at spikes
    pen.setCapStyle(Qt::RoundCap);
    return pen;
}

class PlotMapping
{
public:
    PlotMapping(const ChartPicture &picture, const QSize &size)
        : m_start(picture.start)
        , m_low(picture.low)
        , m_x(size.width() / static_cast<double>(picture.end - picture.start))
        , m_y(size.height() / (picture.high - picture.low))
        , m_height(size.height())
    {}
    QPointF operator()(const Sample &sample) const
    {
        return {static_cast<double>(sample.time - m_start) * m_x, m_height - (sample.value - m_low) * m_y};
    }

private:
    qint64 m_start;
    double m_low;
    double m_x;
    double m_y;
    double m_height;
};

} // namespace

qsizetype ChartPicture::points() const
{
    qsizetype count = 0;
    for (const Line &line : lines) {
        for (const SampleRun &run : line.runs)
            count += run.size();
    }
    for (const Band &band : bands) {
        for (const auto &run : band.runs)
            count += 2 * run.size();
    }
    return count;
}

ChartCanvas::ChartCanvas()
    : m_scene(std::make_unique<QGraphicsScene>())
    , m_chart(new QChart)
    , m_time(new QValueAxis)
    , m_value(new QValueAxis)
{
    m_scene->setItemIndexMethod(QGraphicsScene::NoIndex);
    m_chart->setBackgroundVisible(false);
    m_chart->setPlotAreaBackgroundVisible(false);
    m_chart->setMargins({});
    m_chart->setContentsMargins(0, 0, 0, 0);
    m_chart->setAnimationOptions(QChart::NoAnimation);
    m_chart->legend()->hide();
    m_scene->addItem(m_chart);
    for (QValueAxis *axis : {m_time, m_value}) {
        axis->setVisible(false);
        axis->setRange(0, 1);
    }
    m_chart->addAxis(m_time, Qt::AlignBottom);
    m_chart->addAxis(m_value, Qt::AlignLeft);
}

ChartCanvas::~ChartCanvas() = default;

QLineSeries *ChartCanvas::lineAt(std::size_t index)
{
    while (m_lines.size() <= index) {
        auto *line = new QLineSeries;
        m_chart->addSeries(line);
        line->attachAxis(m_time);
        line->attachAxis(m_value);
        m_lines.push_back(line);
    }
    return m_lines[index];
}

ChartCanvas::Area &ChartCanvas::areaAt(std::size_t index)
{
    while (m_areas.size() <= index) {
        auto *upper = new QLineSeries(m_chart);
        auto *lower = new QLineSeries(m_chart);
        auto *area = new QAreaSeries(upper, lower);
        area->setPen(Qt::NoPen);
        m_chart->addSeries(area);
        area->attachAxis(m_time);
        area->attachAxis(m_value);
        m_areas.push_back({area, upper, lower});
    }
    return m_areas[index];
}

void ChartCanvas::fillLines(const ChartPicture &picture)
{
    std::size_t used = 0;
    // A dot is half a pixel long, so that the pen's round ends make it one.
    constexpr double dot = 1 / 2000.0;
    const UnitMapping map(picture);
    for (const ChartPicture::Line &line : picture.lines) {
        if (line.runs.size() > maxRuns)
            continue;
        for (const SampleRun &run : line.runs) {
            QLineSeries *series = lineAt(used++);
            QList<QPointF> points = pointsOf(run, map);
            if (points.size() == 1)
                points.append(points.first() + QPointF(dot, 0));
            series->setPen(linePen(line));
            series->replace(points);
            series->setVisible(true);
        }
    }
    for (; used < m_lines.size(); ++used) {
        if (m_lines[used]->isVisible()) {
            m_lines[used]->setVisible(false);
            m_lines[used]->clear();
        }
    }
}

void ChartCanvas::fillBands(const ChartPicture &picture)
{
    std::size_t used = 0;
    const UnitMapping map(picture);
    for (const ChartPicture::Band &band : picture.bands) {
        for (const auto &run : band.runs) {
            if (used >= static_cast<std::size_t>(maxRuns))
                break;
            QList<QPointF> upper;
            QList<QPointF> lower;
            for (const BandColumn &column : run) {
                upper.append(map(column.time, column.high));
                lower.append(map(column.time, column.low));
            }
            Area &area = areaAt(used++);
            area.area->setBrush(band.color);
            area.upper->replace(upper);
            area.lower->replace(lower);
            area.area->setVisible(true);
        }
    }
    for (; used < m_areas.size(); ++used)
        m_areas[used].area->setVisible(false);
}

QPixmap ChartCanvas::draw(const ChartPicture &picture, const QSize &size, qreal devicePixelRatio, bool isAntialiased)
{
    QPixmap pixmap(size * devicePixelRatio);
    pixmap.setDevicePixelRatio(devicePixelRatio);
    pixmap.fill(Qt::transparent);
    if (size.isEmpty() || picture.end <= picture.start || picture.high <= picture.low)
        return pixmap;

    const QRectF area(0, 0, size.width(), size.height());
    if (m_chart->geometry() != area) {
        m_chart->setGeometry(area);
        m_scene->setSceneRect(area);
        m_chart->setPlotArea(area);
    }
    fillBands(picture);
    fillLines(picture);

    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing, isAntialiased);
    m_scene->render(&painter, area, area, Qt::IgnoreAspectRatio);
    const PlotMapping map(picture, size);
    for (const ChartPicture::Line &line : picture.lines) {
        if (line.runs.size() <= maxRuns)
            continue;
        painter.setPen(linePen(line));
        for (const SampleRun &run : line.runs) {
            QPolygonF polygon;
            for (const Sample &sample : run)
                polygon.append(map(sample));
            if (polygon.size() == 1)
                painter.drawPoint(polygon.first());
            else
                painter.drawPolyline(polygon);
        }
    }
    return pixmap;
}

} // namespace signalbox
