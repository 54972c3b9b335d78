#pragma once

#include "services/ports/connections.h"

#include <QWidget>

#include <functional>
#include <memory>

class QLabel;
class QVBoxLayout;

namespace signalbox
{

class StateSign;

// Runs a test of a connection and shows its steps as they are taken.
class ProbeList : public QWidget
{
    Q_OBJECT
public:
    explicit ProbeList(QWidget *parent = nullptr);
    ~ProbeList() override;

    void run(std::unique_ptr<ConnectionProbe> probe);
    void stop();
    bool isRunning() const { return m_probe != nullptr; }

signals:
    void finished(const signalbox::ProbeReport &report);

private:
    void showStep(const ProbeStep &step);
    void clearSteps();

    struct Line
    {
        QString id;
        StateSign *sign = nullptr;
        QLabel *text = nullptr;
    };
    QVBoxLayout *m_layout = nullptr;
    QList<Line> m_lines;
    std::unique_ptr<ConnectionProbe> m_probe;
};

} // namespace signalbox
