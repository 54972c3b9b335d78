#pragma once

#include "models/domain/health.h"
#include "ui/pages/pipelines/logshelf.h"
#include "ui/widgets/panel.h"

#include <QSet>

namespace signalbox
{

class LogNote;
class PipelinesPresenter;
class Prompter;

// The log of the chosen job, followed while it runs. As long as nobody touched it, it goes on to the job that matters
// next; then that one is only offered. What was read stays for a while: who comes back reads on where they were.
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
    void rerunWanted(const QString &job); // the one whose log this is, alone

private:
    void build();
    void connectLog();
    void follow();
    void change(const QString &key, const std::optional<Job> &job);
    void read(); // on, or from the beginning
    void readAgain();
    void hold();
    void takeEnd(const Result<LogEnd> &end);
    void askSave();

    std::optional<Job> shownJob() const; // null: its run is not chosen, or being read
    std::optional<Job> begunSince() const;
    bool isNewTry(const Job &job) const; // of the job whose log is shown
    bool isRead(const std::optional<Job> &chosen) const;
    void showState();
    void showNotes();
    void showRerun();
    QString cutText() const;

    PipelinesPresenter &m_presenter;
    Prompter &m_prompter;
    LogPipe m_pipe;
    LogShelf m_shelf;
    ReadLog m_shown;   // its log is m_log's
    int m_attempt = 0; // of the run, as AttemptChoice counts: the one whose log that is
    JobLogView *m_log = nullptr;
    LogNote *m_note = nullptr;
    LogNote *m_cut = nullptr;
    LogNote *m_offer = nullptr;
    QPushButton *m_readOn = nullptr;
    QPushButton *m_readAgain = nullptr;
    QPushButton *m_rerun = nullptr;
    QSet<QString> m_begun; // jobs that had begun when this log came
    bool m_isHeld = false; // somebody reads it: nothing takes its place unasked
    bool m_isActive = false;
};

} // namespace signalbox
