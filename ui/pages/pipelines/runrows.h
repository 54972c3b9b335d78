#pragma once

#include "ui/pages/changes/changerows.h"

namespace signalbox
{

// The list of runs, thousands of rows.
class RunRows : public RowList
{
    Q_OBJECT
public:
    explicit RunRows(QWidget *parent = nullptr);

protected:
    void dataChanged(const QModelIndex &topLeft, const QModelIndex &bottomRight, const QList<int> &roles) override;
    void focusInEvent(QFocusEvent *event) override;
};

} // namespace signalbox
