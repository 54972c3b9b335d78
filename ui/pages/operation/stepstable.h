#pragma once

#include "models/domain/operation.h"

#include <QHash>
#include <QPointer>
#include <QWidget>

class QCheckBox;
class QGridLayout;

namespace signalbox
{

class Badge;
class Operation;

// The steps of a plan: number, what, through what, how long it is expected to take, and how far it is. Optional steps
// have a box to choose them by. Rebuilt when the plan changes, else only the badges move.
class StepsTable : public QWidget
{
    Q_OBJECT
public:
    explicit StepsTable(QWidget *parent = nullptr);

    // `operation` may be null: then only the plan's steps are shown.
    void show(const Plan &plan, const Operation *operation);

    // Rows come and go; their boxes follow this one in the order of focus.
    void setTabAfter(QWidget *before) { m_before = before; }

signals:
    void stepChosen(const QString &stepId, bool isChosen);

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void rebuild(const Plan &plan);
    void addHeader();
    void addRow(int row, const PlanStep &step);
    void fitColumns();
    void updateStates(const Plan &plan, const Operation *operation);

    QGridLayout *m_grid = nullptr;
    QByteArray m_shape;               // of what the rows were built for
    QHash<QString, Badge *> m_badges; // by step
    QHash<QString, QCheckBox *> m_boxes;
    QList<QWidget *> m_throughs; // the column that goes where there is little room
    QPointer<QWidget> m_before;
};

} // namespace signalbox
