#pragma once

#include "services/ports/drillyard.h"

#include <QWidget>

class QLabel;
class QPushButton;

namespace signalbox
{

class ElidedLabel;
class StateSign;

// Above every page while a drill is prepared or runs, and with its result until it is closed: the clock and the words
// an operator can say. It tells nothing of the fault. Keys while it runs: F8 "I see it", Shift+F8 "stand down".
class DrillBar : public QWidget
{
    Q_OBJECT
public:
    explicit DrillBar(DrillYard &yard, QWidget *parent = nullptr);

signals:
    void debriefRequested(const QString &drill);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    void refresh();
    void showRunning(const DrillProgress &progress);
    void showOver();
    QString title() const;

    DrillYard &m_yard;
    StateSign *m_sign = nullptr;
    ElidedLabel *m_text = nullptr;
    QLabel *m_clock = nullptr;
    QPushButton *m_see = nullptr;
    QPushButton *m_standDown = nullptr;
    QPushButton *m_abandon = nullptr;
    QPushButton *m_debrief = nullptr;
    QPushButton *m_close = nullptr;
    bool m_isClosed = false; // the result was read
};

} // namespace signalbox
