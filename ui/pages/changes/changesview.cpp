#include "ui/pages/changes/changesview.h"

#include "models/items/roles.h"
#include "models/policy/records.h"
#include "ui/pages/changes/changerows.h"
#include "ui/pages/changes/fetchbar.h"
#include "ui/shell/consolesettings.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/filediffview.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/timetext.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QSplitter>
#include <QVBoxLayout>

namespace signalbox
{

namespace
{

constexpr int leastLists = 270; // wide: a commit's subject and its counts

QString layoutChoice()
{
    return QStringLiteral("changes/layout");
}

QString issueLinks(const QList<IssueReference> &issues)
{
    QStringList links;
    for (const IssueReference &issue : issues) {
        // Only addresses of the web: the message was written by anybody.
        const QUrl url(issue.url);
        const bool isWeb = url.scheme() == QLatin1String("https") || url.scheme() == QLatin1String("http");
        links << (isWeb ? QStringLiteral("<a style='color:%3' href='%1'>%2</a>")
                              .arg(issue.url.toHtmlEscaped(), issue.text.toHtmlEscaped(), tokens().accent.text.name())
                        : issue.text.toHtmlEscaped());
    }
    return links.join(QStringLiteral(", "));
}

} // namespace

ChangesView::ChangesView(ChangesPresenter &presenter, ConsoleSettings &settings, QWidget *parent)
    : QWidget(parent)
    , m_presenter(presenter)
    , m_settings(settings)
    , m_commitRows(new FilterProxy(this))
    , m_fileRows(new FilterProxy(this))
{
    setObjectName(QStringLiteral("changesView"));
    m_commitRows->setSourceModel(&presenter.commits());
    m_commitRows->sort(-1);
    m_fileRows->setSourceModel(&presenter.files());
    m_fileRows->sort(-1);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::m);
    layout->addWidget(buildTop());
    auto *split = new QSplitter(Qt::Horizontal, this);
    split->setHandleWidth(space::m);
    split->setChildrenCollapsible(false);
    QWidget *const lists = buildLists();
    lists->setMinimumWidth(leastLists);
    split->addWidget(lists);
    m_diffPanel = new Panel({}, split);
    m_diff = new FileDiffView(m_diffPanel);
    m_diffPanel->setContent(m_diff);
    split->addWidget(m_diffPanel);
    split->setStretchFactor(0, 2);
    split->setStretchFactor(1, 5);
    split->setSizes({380, 900});
    layout->addWidget(split, 1);
    if (m_settings.choice(layoutChoice()) == QLatin1String("sideBySide"))
        m_diff->setLayoutKind(DiffModel::Layout::SideBySide);
    connectPresenter();
    showState();
}

ChangesView::~ChangesView() = default;

QWidget *ChangesView::buildTop()
{
    auto *top = new QWidget(this);
    auto *row = new QHBoxLayout(top);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(space::m);
    auto *back = new IconButton(QStringLiteral("arrow-left"), tr("Back to the promotion (Esc)"), top);
    back->setObjectName(QStringLiteral("changesBack"));
    m_title = new QLabel(top);
    m_title->setObjectName(QStringLiteral("changesTitle"));
    m_title->setProperty("role", QStringLiteral("heading"));
    m_all = new QPushButton(tr("All commits together"), top);
    m_all->setObjectName(QStringLiteral("changesAll"));
    m_all->setProperty("compact", true);
    m_filter = new FilterField(tr("Filter commits and files"), top);
    m_filter->setObjectName(QStringLiteral("changesFilter"));
    m_filter->setMaximumWidth(240);
    row->addWidget(back);
    row->addWidget(m_title);
    row->addWidget(m_all);
    row->addStretch();
    row->addWidget(new FetchBar(m_presenter, top));
    row->addWidget(m_filter);
    connect(back, &QPushButton::clicked, this, &ChangesView::closed);
    connect(m_all, &QPushButton::clicked, this, [this] { open(m_title->text(), {}); });
    connect(m_filter, &QLineEdit::textChanged, this, [this](const QString &text) {
        m_isFilling = true;
        m_commitRows->setWords(text);
        m_fileRows->setWords(text);
        m_isFilling = false;
        showFiles();
    });
    return top;
}

QWidget *ChangesView::buildLists()
{
    auto *lists = new QSplitter(Qt::Vertical, this);
    lists->setHandleWidth(space::m);
    lists->setChildrenCollapsible(false);
    m_commitsPanel = new Panel(tr("Commits"), lists);
    m_commits = new RowList(m_commitsPanel);
    m_commits->setObjectName(QStringLiteral("changesCommits"));
    m_commits->setAccessibleName(tr("Commits"));
    m_commits->setModel(m_commitRows);
    m_commits->setItemDelegate(new CommitDelegate(m_commits));
    m_commitsPanel->setContent(m_commits);
    m_filesPanel = new Panel(tr("Files"), lists);
    auto *inner = new QWidget(m_filesPanel);
    auto *column = new QVBoxLayout(inner);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(buildDetail(inner));
    m_files = new RowList(inner);
    m_files->setObjectName(QStringLiteral("changesFiles"));
    m_files->setAccessibleName(tr("Files"));
    m_files->setModel(m_fileRows);
    m_files->setItemDelegate(new ChangedFileDelegate(m_files));
    column->addWidget(m_files, 1);
    m_filesPanel->setContent(inner);
    m_filter->setTarget(m_files);
    lists->addWidget(m_commitsPanel);
    lists->addWidget(m_filesPanel);
    lists->setSizes({300, 400});
    connect(m_commits, &RowList::opened, this, &ChangesView::chooseCommit);
    connect(m_commits, &QListView::clicked, this, &ChangesView::chooseCommit);
    connect(m_files->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex &current) {
        if (current.isValid() && !m_isFilling)
            m_presenter.setFile(current.data(IdRole).toString());
    });
    connect(m_files, &RowList::opened, this, [this] { m_diff->setFocus(Qt::OtherFocusReason); });
    return lists;
}

QWidget *ChangesView::buildDetail(QWidget *parent)
{
    m_detail = new QLabel(parent);
    m_detail->setObjectName(QStringLiteral("changesCommitDetail"));
    m_detail->setTextFormat(Qt::RichText);
    m_detail->setWordWrap(true);
    m_detail->setTextInteractionFlags(Qt::TextBrowserInteraction);
    m_detail->setOpenExternalLinks(true);
    m_detail->setContentsMargins(14, space::s, 14, space::s);
    m_detail->hide();
    return m_detail;
}

void ChangesView::connectPresenter()
{
    connect(&m_presenter, &ChangesPresenter::changed, this, &ChangesView::showState);
    connect(&m_presenter, &ChangesPresenter::filesChanged, this, &ChangesView::showFiles);
    connect(&m_presenter, &ChangesPresenter::diffLoading, m_diff, &FileDiffView::showLoading);
    connect(&m_presenter, &ChangesPresenter::diffRead, m_diff, &FileDiffView::showDiff);
    connect(&m_presenter, &ChangesPresenter::diffFailed, m_diff, &FileDiffView::showError);
    connect(m_diff, &FileDiffView::moreWanted, &m_presenter, &ChangesPresenter::readAllOfFile);
    connect(m_diff, &FileDiffView::fileWanted, this, &ChangesView::step);
    connect(m_diff, &FileDiffView::layoutKindChanged, this, [this] {
        m_settings.setChoice(layoutChoice(), m_diff->layoutKind() == DiffModel::Layout::SideBySide
                                                 ? QStringLiteral("sideBySide")
                                                 : QStringLiteral("unified"));
    });
}

void ChangesView::open(const QString &title, const QString &commit)
{
    showRange(title, commit);
    m_files->setFocus(Qt::OtherFocusReason);
}

void ChangesView::showRange(const QString &title, const QString &commit)
{
    m_title->setText(title);
    m_presenter.setCommit(commit);
    showCommit();
    showState();
    showFiles();
}

bool ChangesView::goBack()
{
    if (m_diff->isAncestorOf(focusWidget()) && m_diff->closeSearch())
        return true;
    if (!m_filter->text().isEmpty()) {
        m_filter->clear();
        return true;
    }
    return false;
}

void ChangesView::focusFilter()
{
    m_filter->setFocus(Qt::ShortcutFocusReason);
    m_filter->selectAll();
}

void ChangesView::showState()
{
    m_commitsPanel->setSubtitle(m_presenter.summary());
    switch (m_presenter.state()) {
    case ChangesPresenter::State::Nothing:
    case ChangesPresenter::State::NoRepository:
        m_commitsPanel->showEmpty(tr("Nothing to compare"), m_presenter.text());
        showNoFile({});
        break;
    case ChangesPresenter::State::Fetching:
    case ChangesPresenter::State::Loading:
        m_commitsPanel->showLoading(5);
        m_filesPanel->showLoading(5);
        showNoFile({});
        break;
    case ChangesPresenter::State::Failed:
        m_commitsPanel->showError(tr("What changed could not be read"), m_presenter.error(), {},
                                  [this] { m_presenter.retry(); });
        m_filesPanel->showEmpty(tr("Not known"), {});
        showNoFile({});
        break;
    case ChangesPresenter::State::Ready:
        if (m_presenter.commits().rowCount() == 0)
            m_commitsPanel->showEmpty(tr("No commits"), tr("Both releases are the same commit."));
        else
            m_commitsPanel->showContent();
        break;
    }
}

void ChangesView::showFiles()
{
    const LineCounts total = m_presenter.files().total();
    m_filesPanel->setSubtitle(m_presenter.hasFiles() && !m_presenter.filesError()
                                  ? QStringLiteral("%1 · %2").arg(total.files).arg(lineCountText(total))
                                  : QString());
    if (!m_presenter.hasFiles()) {
        m_filesPanel->showLoading(5);
        showNoFile({});
        return;
    }
    if (m_presenter.filesError()) {
        m_filesPanel->showError(tr("The files could not be read"), *m_presenter.filesError(), {},
                                [this] { m_presenter.retry(); });
        showNoFile({});
        return;
    }
    if (m_presenter.files().rowCount() == 0) {
        m_filesPanel->showEmpty(tr("No files"), tr("No file is different."));
        showNoFile({});
        return;
    }
    m_filesPanel->showContent();
    chooseFile();
}

void ChangesView::showCommit()
{
    const CommitsModel &commits = m_presenter.commits();
    const int row = commits.rowOf(m_presenter.commit());
    const ChangeCommit *const commit = commits.commit(row);
    m_all->setVisible(commit != nullptr);
    m_detail->setVisible(commit != nullptr);
    m_isFilling = true;
    if (!commit) {
        m_commits->setCurrentIndex({});
        m_filesPanel->setTitle(tr("Files"));
        m_isFilling = false;
        return;
    }
    m_commits->setCurrentIndex(m_commitRows->mapFromSource(commits.index(row)));
    m_isFilling = false;
    m_filesPanel->setTitle(tr("Files of %1").arg(policy::shortCommit(commit->id)));
    const bool isMissing = commits.index(row).data(CommitsModel::MissingRole).toBool();
    QString html =
        QStringLiteral("<b>%1</b><br><span style='color:%2'>%3 &lt;%4&gt; · %5</span>")
            .arg(commit->subject.toHtmlEscaped(), tokens().textSoft.name(), commit->authorName.toHtmlEscaped(),
                 commit->authorEmail.toHtmlEscaped(), copiedTime(commit->authoredAt));
    const QStringList marks = commitMarks(*commit, isMissing);
    if (!marks.isEmpty())
        html += QStringLiteral("<br>") + marks.join(QStringLiteral(" · ")).toHtmlEscaped();
    if (!commit->issues.isEmpty())
        html += QStringLiteral("<br>") + issueLinks(commit->issues);
    if (!commit->body.trimmed().isEmpty())
        html += QStringLiteral("<br><span style='color:%1'>%2</span>")
                    .arg(tokens().textSoft.name(), commit->body.trimmed().left(600).toHtmlEscaped().replace(
                                                       QLatin1Char('\n'), QStringLiteral("<br>")));
    m_detail->setText(html);
}

void ChangesView::chooseCommit(const QModelIndex &index)
{
    if (m_isFilling || !index.isValid())
        return;
    open(m_title->text(), index.data(IdRole).toString());
}

// The one that was chosen, as long as it is in the list; else the first of those that are.
void ChangesView::chooseFile()
{
    const int row = m_presenter.files().rowOf(m_presenter.file());
    QModelIndex at = row < 0 ? QModelIndex() : m_fileRows->mapFromSource(m_presenter.files().index(row));
    if (!at.isValid())
        at = m_fileRows->index(0, 0);
    m_isFilling = true;
    m_files->setCurrentIndex(at);
    m_isFilling = false;
    if (at.isValid())
        m_presenter.setFile(at.data(IdRole).toString());
    else
        showNoFile(tr("No file fits the filter."));
}

// What was shown may be of another commit, or of another promotion.
void ChangesView::showNoFile(const QString &text)
{
    m_presenter.setFile({});
    m_diff->showNothing(text);
}

// From the last hunk of one file on to the next file.
void ChangesView::step(bool backwards)
{
    const int row = m_files->currentIndex().row() + (backwards ? -1 : 1);
    if (row < 0 || row >= m_fileRows->rowCount())
        return;
    m_files->setCurrentIndex(m_fileRows->index(row, 0));
}

} // namespace signalbox
