#pragma once

#include "models/series/thinning.h"

#include <QColor>
#include <QPixmap>
#include <QSize>

#include <memory>
#include <vector>

class QAreaSeries;
class QChart;
class QGraphicsScene;
class QLineSeries;
class QValueAxis;

namespace signalbox
{

// What the canvas draws, already thinned.
struct ChartPicture
{
    struct Line
    {
        QList<SampleRun> runs;
        QColor color;
        double width = 1.6;
    };
    struct Band
    {
        QList<QList<BandColumn>> runs;
        QColor color;
    };
    qint64 start = 0;
    qint64 end = 0;
    double low = 0;
    double high = 1;
    QList<Band> bands; // below the lines
    QList<Line> lines;

    qsizetype points() const;
};

// Draws series with Qt Charts into a picture of the plot area alone; axes, grid and words are the view's, so that the
// cross-hair moves without drawing a series again. One scene, its series taken from a pool. GUI thread.
class ChartCanvas
{
public:
    ChartCanvas();
    ~ChartCanvas();
    ChartCanvas(const ChartCanvas &) = delete;
    ChartCanvas &operator=(const ChartCanvas &) = delete;

    // `size` in device-independent pixels.
    QPixmap draw(const ChartPicture &picture, const QSize &size, qreal devicePixelRatio, bool isAntialiased);

private:
    // More runs than this in one line are drawn without series of their own: each costs an item in the scene.
    static constexpr qsizetype maxRuns = 24;

    struct Area
    {
        QAreaSeries *area;
        QLineSeries *upper;
        QLineSeries *lower;
    };
    QLineSeries *lineAt(std::size_t index);
    Area &areaAt(std::size_t index);
    void fillLines(const ChartPicture &picture);
    void fillBands(const ChartPicture &picture);

    std::unique_ptr<QGraphicsScene> m_scene;
    QChart *m_chart = nullptr; // the scene's
    QValueAxis *m_time = nullptr;
    QValueAxis *m_value = nullptr;
    std::vector<QLineSeries *> m_lines; // the chart's
    std::vector<Area> m_areas;
};

} // namespace signalbox
