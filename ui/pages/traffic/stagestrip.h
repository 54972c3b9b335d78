#pragma once

#include "ui/pages/traffic/trafficpresenter.h"

#include <QWidget>

namespace signalbox
{

class Operation;

// The stages of a shift side by side: passed, under way with what is left of its dwell, to come.
class StageStrip : public QWidget
{
    Q_OBJECT
public:
    struct Item
    {
        QString label; // "25 %"
        QString text;  // "06:12 left of 15 m"
        double fraction = 0;
        bool isCurrent = false;
        bool operator==(const Item &) const = default;
    };

    explicit StageStrip(QWidget *parent = nullptr);
    void show(const QList<Item> &items);
    QSize sizeHint() const override { return {400, 34}; }
    QSize minimumSizeHint() const override { return {200, 34}; }

    // What the plan's stages are, or, of a running operation, how far they are. Both by the candidate's share.
    static QList<Item> itemsOf(const QList<TrafficPresenter::Stage> &stages, int percentNow, const Operation *operation,
                               const QString &candidate = {});

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QList<Item> m_items;
};

// "1 10m, 5 10m, 25 15m, 50 15m, 100": per cent and how long to wait after it (s, m, h). An error names the word.
Result<QList<TrafficPresenter::Stage>> parseStages(const QString &text);
QString stagesText(const QList<TrafficPresenter::Stage> &stages);
// "6 s", "10 m", "1 h 30 m": a dwell as it was ordered, without what is none of it; empty for none.
QString dwellText(std::chrono::seconds dwell);
// "10 %" of "blue 90 %, green 10 %", "100 %" of "all traffic to green"; a title that names no share of it stays.
QString candidateShare(const QString &title, const QString &candidate);

} // namespace signalbox
