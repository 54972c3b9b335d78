#pragma once

#include "models/log/joblog.h"
#include "models/log/joblogsearch.h"
#include "ui/widgets/loglinesview.h"

#include <QTimer>

namespace signalbox
{

// The log of a job: numbers, times, signs of what is wrong, groups that fold. Left and Right, Enter and the mouse fold
// and unfold. Lines keep their numbers; rows are what folding leaves of them. A text is searched in slices between two
// frames, also while more comes.
class JobLogLines : public LogLinesView
{
    Q_OBJECT
public:
    explicit JobLogLines(QWidget *parent = nullptr);

    void take(const std::vector<JobLogPiece> &pieces);
    void clear() { put({}); }
    void put(JobLog log); // another one
    const JobLog &log() const { return m_log; }
    const JobLogSearch &search() const { return m_search; }
    int currentLine() const { return currentKey(); } // -1: none

    void find(const QString &text, bool isExact); // marks every hit and goes to the first from here on
    void findNext(bool backwards = false);
    bool goToError(bool backwards = false); // from the current line on, then around; false: there is none
    void goToLine(int line);                // unfolds what it is in
    void setFolded(int group, bool isFolded);
    void setAllFolded(bool isFolded);

signals:
    void searchChanged(); // more was found, or searched
    void rowsChanged();

protected:
    int rowCount() const override { return m_log.rowCount(); }
    Row row(int index) const override;
    int widestText() const override { return m_log.widest(); }
    int timeCharacters() const override { return m_log.hasTimes() ? 10 : 0; }
    int numberCharacters() const override;
    bool hasSigns() const override { return true; }
    int keyOf(int row) const override { return m_log.rowCount() == 0 ? -1 : m_log.lineOfRow(row); }
    int rowOf(int key) const override { return m_log.rowOfLine(key); }
    QString copiedRow(int row) const override;
    int mostCopied() const override { return 20000; }
    QString spokenRow(int row) const override;
    void pressedAt(int row, bool onFold) override;
    bool pressed(QKeyEvent *event) override;

private:
    template <typename Change>
    void keepingPlace(Change change);
    void searchSome();

    JobLog m_log;
    JobLogSearch m_search{m_log};
    QTimer m_searching;
    int m_searchedFrom = 0;
    bool m_wantsHit = false; // the first that is found is gone to
};

} // namespace signalbox
