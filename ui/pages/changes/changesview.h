#pragma once

#include "models/items/filterproxy.h"
#include "ui/pages/changes/changespresenter.h"

#include <QWidget>

class QLabel;
class QPushButton;
class QSplitter;

namespace signalbox
{

class ConsoleSettings;
class FetchBar;
class FileDiffView;
class FilterField;
class Panel;
class RowList;

// Everything that lies between two releases, as large as the page: commits and files at the left, what changed in the
// chosen file at the right.
class ChangesView : public QWidget
{
    Q_OBJECT
public:
    ChangesView(ChangesPresenter &presenter, ConsoleSettings &settings, QWidget *parent = nullptr);
    ~ChangesView() override;

    // `commit` empty: all of them, with the files of the whole range.
    void open(const QString &title, const QString &commit);
    void showRange(const QString &title, const QString &commit); // the same, and the keyboard stays where it is
    bool goBack();                                               // out of a search or a commit; false: nothing to leave
    void focusFilter();

signals:
    void closed();

private:
    QWidget *buildTop();
    QWidget *buildLists();
    QWidget *buildDetail(QWidget *parent);
    void connectPresenter();
    void showState();
    void showFiles();
    void showCommit();
    void chooseCommit(const QModelIndex &index);
    void chooseFile();
    void showNoFile(const QString &text);
    void step(bool backwards);

    ChangesPresenter &m_presenter;
    ConsoleSettings &m_settings;
    FilterProxy *m_commitRows = nullptr;
    FilterProxy *m_fileRows = nullptr;
    QLabel *m_title = nullptr;
    QPushButton *m_all = nullptr;
    FilterField *m_filter = nullptr;
    Panel *m_commitsPanel = nullptr;
    Panel *m_filesPanel = nullptr;
    Panel *m_diffPanel = nullptr;
    RowList *m_commits = nullptr;
    RowList *m_files = nullptr;
    QLabel *m_detail = nullptr;
    FileDiffView *m_diff = nullptr;
    bool m_isFilling = false;
};

} // namespace signalbox
