#pragma once

#include "models/pipelines/run.h"

#include <QDateTime>
#include <QList>
#include <QWidget>

#include <chrono>
#include <optional>

namespace signalbox
{

// When each stage of a run began and how long it took, a bar each over one time; behind it what it usually takes. A
// click chooses one. The same in words is its description.
class StageTimes : public QWidget
{
    Q_OBJECT
public:
    struct Row
    {
        QString id;
        QString title;
        RunState state = RunState::Unknown;
        QDateTime startedAt;
        QDateTime finishedAt; // invalid: it goes on
        std::optional<std::chrono::milliseconds> usual;
        bool operator==(const Row &) const = default;
    };

    explicit StageTimes(QWidget *parent = nullptr);

    void setRows(const QList<Row> &rows);
    void setChosen(const QString &id);
    const QList<Row> &rows() const { return m_rows; }
    QString spoken(const Row &row) const;

    // Of what it took; times in which nothing ran are no wider than a word.
    QRectF barOf(int row) const;

    static constexpr int rowHeight = 24;
    static constexpr double gapWide = 16;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

signals:
    void activated(const QString &id);

protected:
    bool event(QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;

private:
    void describe();
    struct Gap // in which no stage was at work; milliseconds from the first
    {
        qint64 from = 0;
        qint64 to = 0;
    };
    struct Scale
    {
        QDateTime first;
        qint64 worked = 1; // milliseconds, without the gaps
        QList<Gap> gaps;
        int left = 0;
        int titleWide = 0;
        int figureWide = 0;
        double room = 1; // pixels, without the gaps
        double at(qint64 milliseconds) const;
    };
    Scale scale() const;
    QRectF barAt(const Scale &scale, int row) const;
    int rowAt(const QPoint &point) const;

    QList<Row> m_rows;
    QString m_chosen;
};

} // namespace signalbox
