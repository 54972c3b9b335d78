#pragma once

#include "models/series/axis.h"
#include "models/series/paneldata.h"
#include "ui/charts/chartcanvas.h"
#include "ui/charts/chartgroup.h"

#include <QWidget>

namespace signalbox
{

// One live chart: lines (a band where they are many) over the group's time axis, with grid, markers, limit, cross-hair
// and a legend that names every line and its latest value, or the one under the cross-hair.
//
// Mouse: drag marks a stretch to zoom to, Shift or the middle button pans, the wheel zooms, Shift+wheel pans, a double
// click goes back. Keys: + and - zoom, arrows pan, Ctrl+arrows move the cross-hair, 0 or Home goes back, Ctrl+C copies.
class ChartView : public QWidget
{
    Q_OBJECT
public:
    // More lines than this become a band with the chosen ones on top.
    static constexpr qsizetype maxLines = 8;

    explicit ChartView(ChartGroup &group, QWidget *parent = nullptr);
    ~ChartView() override;

    void setData(const PanelData &data);
    const PanelData &data() const { return m_data; }
    // Names of the series that are drawn by themselves when they are many; empty: tracks, else the highest few.
    void setChosen(const QStringList &names);

    // The names in the legend that have room, in their order: what is worst goes last.
    QStringList shownNames() const;
    // The values shown now, as text with units and time: for copying and for screen readers.
    QString valuesText() const;
    // The series as drawn (thinned), for tests.
    const ChartPicture &picture() const { return m_picture; }
    QRect plotRect() const;
    struct MarkerLabel
    {
        QRect at;
        QString text;
    };
    // Of the markers in view: the newest first, the others as far as they have room beside it.
    QList<MarkerLabel> markerLabels() const;
    const TimeAxis &axis() const; // the group's
    QString unit() const;         // as its values are written: seconds where the panel's milliseconds are many
    bool isBand() const { return m_data.series.size() > maxLines; }

    // For ChartGroup.
    bool draw(); // false: nothing to draw
    void cursorMoved();

    QSize sizeHint() const override { return {430, 190}; }
    QSize minimumSizeHint() const override { return {200, 120}; }

signals:
    void copied(const QString &text);
    void unitChanged();

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void showEvent(QShowEvent *event) override;
    void changeEvent(QEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    struct LegendEntry
    {
        QString name;
        QString value;
        QColor color;    // invalid: no swatch
        double rank = 0; // the highest stays longest where there is little room
    };
    struct RoomyLegend
    {
        QList<LegendEntry> entries; // in their order
        qsizetype left = 0;         // for which there is no room
    };
    RoomyLegend legendIn(int width) const;
    double rankOf(std::optional<double> value) const;
    QList<qsizetype> drawnSeries() const;
    QColor colorOf(qsizetype series) const;
    QList<LegendEntry> legend() const;
    std::optional<Sample> readingOf(const ChartSeries &series) const;
    void updateValueRange();
    void updateAccessibility();
    qint64 timeAt(double x) const;
    double xAt(qint64 time) const;
    double yAt(double value) const;

    void paintGrid(QPainter &painter) const;
    void paintPicture(QPainter &painter) const;
    void paintLimit(QPainter &painter) const;
    void paintMarkers(QPainter &painter) const;
    void paintCursor(QPainter &painter) const;
    void paintReading(QPainter &painter) const;
    void paintLegend(QPainter &painter) const;

    ChartGroup &m_group;
    PanelData m_data;
    QStringList m_chosen;
    ChartCanvas m_canvas;
    ChartPicture m_picture;
    QPixmap m_pixmap;
    QList<AxisTick> m_ticks;
    int m_gutter = 36;
    double m_largest = 0; // all values are written in the unit that suits it
    bool m_isHovered = false;
    enum class Drag { None, Zoom, Pan } m_drag = Drag::None;
    QPoint m_dragFrom;
    QPoint m_dragTo;
    qint64 m_dragTime = 0;
};

} // namespace signalbox
