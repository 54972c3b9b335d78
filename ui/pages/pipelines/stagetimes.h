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

    static constexpr int rowHeight = 24;

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
    int rowAt(const QPoint &point) const;

    QList<Row> m_rows;
    QString m_chosen;
};

} // namespace signalbox
