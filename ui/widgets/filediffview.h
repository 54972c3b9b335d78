#pragma once

#include "models/domain/changes.h"
#include "models/items/diffmodel.h"

#include <QWidget>

class QLabel;
class QLineEdit;
class QPushButton;
class QScrollBar;
class QStackedLayout;

namespace signalbox
{

class Badge;
class DiffLines;
class ElidedLabel;

// What changed in one file: below each other or side by side, with line numbers, a search, and keys from hunk to hunk
// and on to the next file. States: nothing chosen, loading, error, binary, too large, shown, shown up to a limit.
class FileDiffView : public QWidget
{
    Q_OBJECT
public:
    explicit FileDiffView(QWidget *parent = nullptr);
    ~FileDiffView() override;

    void showNothing(const QString &text); // why, or what to do
    void showLoading(const FileChange &file);
    // `lines` is diff.text taken apart.
    void showDiff(const FileDiff &diff, QList<UnifiedLine> lines);
    void showError(const FileChange &file, const QString &message);

    void setLayoutKind(DiffModel::Layout layout);
    DiffModel::Layout layoutKind() const { return m_model->layout(); }
    const DiffModel &model() const { return *m_model; }
    void focusSearch();
    bool closeSearch();            // false: there was nothing to close
    void goToHunk(bool backwards); // at the end: fileWanted()
    QString stateText() const;     // what stands instead of lines; empty: lines do

signals:
    void fileWanted(bool backwards);
    void moreWanted(); // lines were left out, or all of it
    void layoutKindChanged();

protected:
    void showEvent(QShowEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    QWidget *buildBar();
    void addKeys();
    void head(const FileChange &file);
    void say(const QString &text);
    void search();
    void goToMatch(bool backwards);
    void tellMatches();

    DiffModel *m_model = nullptr;
    DiffLines *m_lines = nullptr;
    QScrollBar *m_bar = nullptr;
    QWidget *m_content = nullptr;
    QWidget *m_tools = nullptr;
    QStackedLayout *m_stack = nullptr;
    QWidget *m_messagePage = nullptr;
    QLabel *m_message = nullptr;
    QPushButton *m_compare = nullptr; // what is too large, within bounds
    QLabel *m_cut = nullptr;
    QPushButton *m_more = nullptr;
    ElidedLabel *m_path = nullptr;
    Badge *m_status = nullptr;
    QLabel *m_counts = nullptr;
    QPushButton *m_sideBySide = nullptr;
    QPushButton *m_unified = nullptr;
    QLineEdit *m_search = nullptr;
    QLabel *m_found = nullptr;
    QString m_shownPath;
};

} // namespace signalbox
