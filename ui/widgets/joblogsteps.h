#pragma once

#include "models/log/joblog.h"
#include "models/pipelines/run.h"

#include <QList>
#include <QPushButton>

class QMenu;

namespace signalbox
{

// "steps: 7" above a log: a list of the job's steps with state and duration; one that has a part in the log leads
// there. Hidden where the vendor tells no steps.
class JobLogSteps : public QPushButton
{
    Q_OBJECT
public:
    explicit JobLogSteps(const JobLog &log, QWidget *parent = nullptr);

    void setSteps(const QList<JobStep> &steps);
    // Of the next step that begins behind the line, or before it; -1: none does.
    int lineBeside(int line, bool backwards) const;

signals:
    void chosen(int line);

private:
    void fill();
    const QList<int> &stepLines() const; // of each step; -1: none

    const JobLog &m_log;
    QList<JobStep> m_steps;
    mutable QList<int> m_lines; // as long as the log has m_bytes and the steps are those
    mutable qint64 m_bytes = -1;
    QMenu *m_menu = nullptr;
};

} // namespace signalbox
