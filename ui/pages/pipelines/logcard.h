#pragma once

#include "models/domain/health.h"
#include "ui/pages/pipelines/logpipe.h"
#include "ui/widgets/panel.h"

class QLabel;

namespace signalbox
{

class JobLogView;
class PipelinesPresenter;
class Prompter;

// The log of the chosen job, followed while it runs.
class LogCard : public Panel
{
    Q_OBJECT
public:
    LogCard(PipelinesPresenter &presenter, Prompter &prompter, QWidget *parent = nullptr);
    ~LogCard() override;

    void setActive(bool isActive); // a log that nobody looks at is not followed
    void focusSearch();
    void focusLog();

signals:
    void noticed(const QString &text, signalbox::Health kind);

private:
    void build();
    void follow();
    void showState();
    void takeEnd(const Result<LogEnd> &end);
    void askSave();

    PipelinesPresenter &m_presenter;
    Prompter &m_prompter;
    LogPipe m_pipe;
    JobLogView *m_log = nullptr;
    QLabel *m_note = nullptr;
    QString m_shown; // run and job
    std::optional<Error> m_error;
    QDateTime m_failedAt;
    bool m_hasEnded = false;
    bool m_isActive = false;
};

} // namespace signalbox
