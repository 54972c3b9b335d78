#pragma once

#include "models/domain/drill.h"

#include <QScrollArea>

class QGridLayout;

namespace signalbox
{

// A debrief's time line: when, a sign, and what took place. Its texts can be selected.
class Timeline : public QScrollArea
{
    Q_OBJECT
public:
    explicit Timeline(QWidget *parent = nullptr);
    void show(const Debrief &debrief);
    int count() const { return m_count; }

private:
    void addRow(QGridLayout *grid, int row, const DrillMoment &moment, const Debrief &debrief);

    int m_count = 0;
    QString m_id; // of what is shown
};

} // namespace signalbox
