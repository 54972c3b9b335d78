#pragma once

#include "models/series/paneldata.h"

#include <QWidget>

class QButtonGroup;
class QDateTimeEdit;
class QDialog;
class QPushButton;

namespace signalbox
{

// 15 m, 1 h, 6 h, 24 h, or a stretch of one's own.
class RangePicker : public QWidget
{
    Q_OBJECT
public:
    explicit RangePicker(QWidget *parent = nullptr);

    const MetricRange &range() const { return m_range; }
    void setRange(const MetricRange &range); // announces nothing

signals:
    void rangeChosen(const signalbox::MetricRange &range);

private:
    void openCustom();
    void showChosen();

    MetricRange m_range;
    QButtonGroup *m_buttons = nullptr;
    QPushButton *m_custom = nullptr;
};

} // namespace signalbox
