#pragma once

#include "models/domain/health.h"
#include "ui/pages/pipelines/logpipe.h"
#include "ui/widgets/panel.h"

class QCheckBox;
class QLabel;

namespace signalbox
{

class FilterField;
class LogView;
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
    QString shownText() const;

signals:
    void noticed(const QString &text, signalbox::Health kind);

private:
    void build();
    void follow();
    void showState();
    void take(const QByteArray &bytes);
    void takeEnd(const Result<LogEnd> &end);
    void appendLines();
    void save();

    PipelinesPresenter &m_presenter;
    Prompter &m_prompter;
    LogPipe m_pipe;
    LogView *m_log = nullptr;
    FilterField *m_search = nullptr;
    QLabel *m_hits = nullptr;
    QCheckBox *m_follow = nullptr;
    QLabel *m_note = nullptr;
    QString m_shown; // run and job
    QByteArray m_tail;
    std::optional<Error> m_error;
    QDateTime m_failedAt;
    bool m_hasEnded = false;
    bool m_isActive = false;
};

} // namespace signalbox
