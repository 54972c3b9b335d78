#pragma once

#include "models/graph/bars.h"
#include "models/graph/layeredlayout.h"
#include "models/pipelines/run.h"
#include "ui/widgets/shapedline.h"
#include "ui/widgets/stageframes.h"

#include <QAbstractScrollArea>
#include <QList>
#include <QPainterPath>

#include <optional>

namespace signalbox
{

// One box: a stage, a job.
struct StageBox
{
    QString id;
    QString title;
    QString detail; // "1 m 12 s · 61 %", "waiting": below the title
    RunState state = RunState::Unknown;
    double progress = -1; // 0..1 of what it usually takes; negative: not known
    bool mayFail = false;
    QString tip; // what else there is to say, for the tool tip and screen readers
    bool operator==(const StageBox &) const = default;
};

// The stages of a run as a graph from left to right. One box stands for itself up to some 200 of them: it is fitted to
// the width as long as that can be read, else scrolled and zoomed (Ctrl and wheel, + - 0; the ground is dragged).
// Arrows walk along the lines, Enter or a click activates. Screen readers see a list of boxes.
class StageGraphView : public QAbstractScrollArea
{
    Q_OBJECT
public:
    explicit StageGraphView(QWidget *parent = nullptr);
    ~StageGraphView() override;

    // The same boxes and lines again keep zoom, place and the current box.
    void setGraph(const QList<StageBox> &nodes, const QList<graph::Edge> &edges);
    const QList<StageBox> &nodes() const { return m_nodes; }

    int currentIndex() const { return m_current; } // of the keyboard; -1: none
    void setCurrent(int index);
    void setChosen(const QString &id); // the one whose details are shown beside
    const QString &chosen() const { return m_chosen; }
    QRect nodeRect(int index) const;        // in the viewport
    int indexAt(const QPoint &point) const; // of the viewport; -1: none
    QString spoken(int index) const;
    QStringList titlesBefore(int index) const; // of those its lines come from

    double zoom() const { return m_zoom; }
    void setZoom(double zoom, std::optional<QPointF> anchor = {}); // `anchor` of the viewport stays where it is
    void fit();                                                    // all of it, however small
    void actualSize();

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

    static constexpr double smallest = 0.2;
    static constexpr double largest = 2.5;
    static constexpr double readable = 0.8; // what is shown at first is not made smaller than that

signals:
    void activated(const QString &id);
    void zoomChanged();

protected:
    bool viewportEvent(QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;
    void changeEvent(QEvent *event) override;
    void scrollContentsBy(int dx, int dy) override;

private:
    static constexpr qreal leastNode = 118;
    static constexpr qreal mostNode = 190;
    static constexpr qreal columnGap = 22;
    static constexpr qreal nodeHigh = 44;
    static constexpr qreal rowPitch = 54;
    static constexpr qreal border = 8; // around all boxes

    struct Words
    {
        ShapedLine title;
        ShapedLine detail;
    };

    qreal columnPitch() const { return m_nodeWide + columnGap; }
    void measureTitles();
    bool widenNodes();          // true: they are of another width now
    QSizeF contentSize() const; // at zoom 1
    QRectF box(qsizetype node) const;
    QPointF origin() const; // of the content, in the viewport
    void updateBars();
    void fitReadably();
    void showNode(int index);
    int neighbour(int from, Qt::Key key) const;
    int outermost(Qt::Key key) const; // Home or End
    QRect reachOf(int index) const;   // of all that is drawn of a box, the ring of the keyboard too
    void updateNode(int index);       // its box alone is drawn again; -1: nothing
    void hover(int index);
    QPainterPath pathOf(const graph::Route &route) const;
    QPainterPath barPath(const QList<int> &from, const QList<int> &to) const;
    void makePaths();
    void paintEdges(QPainter *painter, const QRegion &asked) const;
    void paintNode(QPainter *painter, int index);
    void paintWords(QPainter *painter, int index);
    void tell(int index);

    QList<StageBox> m_nodes;
    QList<graph::Edge> m_edges;
    graph::Layout m_layout;
    QList<QPainterPath> m_paths; // of its routes; empty: a bar stands for it
    QList<graph::Bar> m_bars;
    QList<QPainterPath> m_barPaths;
    QList<Words> m_words; // of its nodes
    StageFrames m_frames;
    qreal m_nodeWide = leastNode; // all alike: as wide as the longest title, where there is room for it
    qreal m_wantedNode = leastNode;
    QString m_chosen;
    int m_current = -1;
    int m_hovered = -1;
    double m_zoom = 1;
    bool m_isZoomed = false; // by the operator: it stays
    std::optional<QPoint> m_dragged;
    bool m_hasMoved = false;
};

} // namespace signalbox
