#pragma once

#include "models/domain/changes.h"
#include "models/policy/promotionboard.h"

#include <QWidget>

namespace signalbox
{

// The way a release takes: each environment with what runs in it, how far it is ahead of the next one, and the gate
// before the target with its votes. The same in words is its description.
class PathGraph : public QWidget
{
    Q_OBJECT
public:
    explicit PathGraph(QWidget *parent = nullptr);

    void show(const policy::PromotionCard &card);
    // Between the places at `place` and `place` + 1; none: not known.
    void setDistance(int place, const std::optional<Distance> &distance);
    QString spoken() const;

    QSize sizeHint() const override { return {640, 84}; }
    QSize minimumSizeHint() const override { return {300, 84}; }

protected:
    void paintEvent(QPaintEvent *event) override;
    bool event(QEvent *event) override;

private:
    struct Node
    {
        Health health = Health::Unknown;
        QString title;
        QString text;
        QDateTime since;    // its age stands behind the text; invalid: none
        bool isOld = false; // not live: `since` is when it was read
        QString tip;
        bool isGate = false;
    };
    QRectF rectOf(qsizetype node) const;
    Node placeNode(const policy::PathPlace &place, const policy::PromotionCard &card) const;
    Node gateNode(const policy::PromotionCard &card) const;
    static void age(Node &node, const policy::StalePlace &place);
    static QString textOf(const Node &node);
    void tell();

    QList<Node> m_nodes;
    QHash<int, QString> m_edges;      // words on the line that leaves a node
    QHash<int, int> m_nodeOf;         // of a place
    QHash<int, Distance> m_distances; // by place
};

} // namespace signalbox
