#pragma once

#include "models/policy/records.h"

#include <QTimer>
#include <QWidget>

class QBoxLayout;
class QLabel;
class QPushButton;

namespace signalbox
{

class RunStore;
class StateSign;

// A line below the policy's checks: how the run of a pipeline stands that built the release's commit. Information, and
// never a gate: the policy has no rule about it. Hidden where no pipelines are configured.
class MakingRun : public QWidget
{
    Q_OBJECT
public:
    explicit MakingRun(QWidget *parent = nullptr);

    void setStore(RunStore *store); // borrowed; null: there are no pipelines
    void show(const policy::Subject &subject);

signals:
    void runWanted(const QString &key); // RunRef::key()

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void refresh();

    RunStore *m_store = nullptr;
    QTimer m_soon;
    policy::Subject m_subject;
    QString m_run; // its key; empty: none is known
    QBoxLayout *m_words = nullptr;
    StateSign *m_sign = nullptr;
    QLabel *m_title = nullptr;
    QLabel *m_text = nullptr;
    QPushButton *m_open = nullptr;
};

} // namespace signalbox
