#pragma once

#include "models/log/joblog.h"
#include "models/pipelines/run.h"

#include <QList>
#include <QString>
#include <QWidget>

#include <vector>

class QLabel;
class QLineEdit;
class QPushButton;

namespace signalbox
{

class FoldingTools;
class IconButton;
class JobLogLines;
class JobLogSteps;

// The log of a job, and what one does with it: find (Ctrl+F, F3, Shift+F3, Esc), go to what went wrong (F8, Shift+F8),
// fold, wrap, follow, copy lines, save. For a Panel: tools() go into its header, and the states without lines
// (loading, none yet, an error) are the panel's.
class JobLogView : public QWidget
{
    Q_OBJECT
public:
    explicit JobLogView(QWidget *parent = nullptr);
    ~JobLogView() override;

    FoldingTools *tools() const { return m_tools; } // steps, "errors: 2", follow, times, wrap, find, save
    JobLogLines *lines() const { return m_lines; }
    const JobLog &log() const;

    // Another log: follows while the job runs; else begins where it went wrong first, once that is known.
    void begin(bool isRunning);
    void take(const std::vector<JobLogPiece> &pieces);
    enum class End { Complete, Cut };
    void end(End how = End::Complete); // nothing comes any more; Cut: there is more that was not read
    // Where its reader is, for a log that is put away and shown again.
    struct Place
    {
        int top = 0;      // line
        int current = -1; // line; -1: none
        bool follows = false;
    };
    Place place() const;
    void resume(const JobLog &log, const Place &place, bool isRunning);
    void goOn(bool isRunning); // more comes behind what is here

    void openFind();
    bool closeFind(); // false: there was nothing to close
    void goToError(bool backwards = false);
    void setSteps(const QList<JobStep> &steps); // of the job
    void goToStep(bool backwards = false);      // the next from here (Alt+Down, Alt+Up)
    // As the server sent it, byte by byte, on a worker; saved() or saveFailed() follows, unless this is gone. `text` is
    // what was shown when its name was asked for.
    void save(const JobLogText &text, const QString &path);
    void saveTo(const QString &path) { save(log().text(), path); }

signals:
    void touched(); // by hand: scrolled, selected, folded, searched
    void followsChanged(bool follows);
    void saveWanted();
    void saved(const QString &path, int lines);
    void saveFailed(const QString &sentence);
    void noticed(const QString &text);

protected:
    void changeEvent(QEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    void buildTools();
    QWidget *buildFind();
    QWidget *buildBehind();
    void find();
    void showHits();
    void showTools();
    void showStep(int line);

    JobLogLines *m_lines = nullptr;
    QWidget *m_findBar = nullptr;
    QLineEdit *m_text = nullptr;
    QLabel *m_hits = nullptr;
    QPushButton *m_exact = nullptr;
    QWidget *m_behind = nullptr; // "it goes on below"
    FoldingTools *m_tools = nullptr;
    JobLogSteps *m_steps = nullptr;
    QPushButton *m_errors = nullptr;
    QPushButton *m_follow = nullptr;
    QPushButton *m_times = nullptr;
    QPushButton *m_wrap = nullptr;
    IconButton *m_find = nullptr;
    IconButton *m_save = nullptr;
    bool m_isRunning = false;
    bool m_isCut = false;
    bool m_seeksError = false; // nobody moved yet
};

// Writes all of it and only then takes the place of what was there; on failure that stays. Any thread. Empty: done;
// else what is wrong, in a sentence.
QString writeJobLog(const JobLogText &text, const QString &path);

} // namespace signalbox
