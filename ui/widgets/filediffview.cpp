#include "ui/widgets/filediffview.h"

#include "models/items/changedfilesmodel.h"
#include "models/items/commitsmodel.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/difflines.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPushButton>
#include <QScrollBar>
#include <QShortcut>
#include <QStackedLayout>
#include <QVBoxLayout>

namespace signalbox
{

namespace
{

ToneName toneOf(FileChange::Status status)
{
    switch (status) {
    case FileChange::Status::Added:
    case FileChange::Status::Copied:
        return ToneName::Ok;
    case FileChange::Status::Removed:
        return ToneName::Failing;
    case FileChange::Status::Renamed:
    case FileChange::Status::TypeChanged:
        return ToneName::Accent;
    case FileChange::Status::Modified:
        break;
    }
    return ToneName::Neutral;
}

QPushButton *chip(const QString &text, const QString &name, QWidget *parent)
{
    auto *button = new QPushButton(text, parent);
    button->setObjectName(name);
    button->setProperty("variant", QStringLiteral("chip"));
    button->setCheckable(true);
    button->setAutoDefault(false);
    return button;
}

QString sizeText(qint64 bytes)
{
    return QLocale().formattedDataSize(bytes, 1, QLocale::DataSizeTraditionalFormat);
}

} // namespace

FileDiffView::FileDiffView(QWidget *parent)
    : QWidget(parent)
    , m_model(new DiffModel(this))
{
    setObjectName(QStringLiteral("fileDiff"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(buildBar());
    m_content = new QWidget(this);
    auto *content = new QVBoxLayout(m_content);
    content->setContentsMargins(0, 0, 0, 0);
    content->setSpacing(0);
    m_lines = new DiffLines(m_content);
    m_bar = new QScrollBar(Qt::Horizontal, m_content);
    m_bar->setAccessibleName(tr("Scroll long lines"));
    m_lines->setTextScroll(m_bar);
    m_lines->setDiff(m_model);
    m_lines->installEventFilter(this);
    auto *cut = new QHBoxLayout;
    cut->setContentsMargins(space::m, space::xs, space::m, space::xs);
    m_cut = new QLabel(m_content);
    m_cut->setObjectName(QStringLiteral("diffCut"));
    m_cut->setProperty("role", QStringLiteral("soft"));
    m_more = new QPushButton(tr("Show all of it"), m_content);
    m_more->setObjectName(QStringLiteral("diffMore"));
    m_more->setProperty("compact", true);
    cut->addWidget(m_cut);
    cut->addWidget(m_more);
    cut->addStretch();
    content->addWidget(m_lines, 1);
    content->addWidget(m_bar);
    content->addLayout(cut);
    m_message = new QLabel(this);
    m_message->setObjectName(QStringLiteral("diffMessage"));
    m_message->setAlignment(Qt::AlignCenter);
    m_message->setWordWrap(true);
    m_message->setProperty("role", QStringLiteral("soft"));
    m_message->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_stack = new QStackedLayout;
    m_messagePage = new QWidget(this);
    auto *page = new QVBoxLayout(m_messagePage);
    m_compare = new QPushButton(tr("Compare it all the same"), m_messagePage);
    m_compare->setObjectName(QStringLiteral("diffCompare"));
    m_compare->setProperty("compact", true);
    page->addStretch();
    page->addWidget(m_message);
    page->addWidget(m_compare, 0, Qt::AlignHCenter);
    page->addStretch();
    m_stack->addWidget(m_messagePage);
    m_stack->addWidget(m_content);
    layout->addLayout(m_stack, 1);
    connect(m_more, &QPushButton::clicked, this, &FileDiffView::moreWanted);
    connect(m_compare, &QPushButton::clicked, this, &FileDiffView::moreWanted);
    addKeys();
    setFocusProxy(m_lines);
    showNothing(tr("Choose a file to see what changed in it."));
}

FileDiffView::~FileDiffView() = default;

QWidget *FileDiffView::buildBar()
{
    m_tools = new QWidget(this);
    m_tools->setFixedHeight(size::panelHeader);
    auto *row = new QHBoxLayout(m_tools);
    row->setContentsMargins(14, 0, space::s, 0);
    row->setSpacing(space::s);
    m_status = new Badge({}, ToneName::Neutral, m_tools);
    m_path = new ElidedLabel({}, TextRole::MonoSmall, m_tools);
    m_path->setObjectName(QStringLiteral("diffPath"));
    m_path->setMinimumWidth(140); // the search gives way first
    m_counts = new QLabel(m_tools);
    m_counts->setObjectName(QStringLiteral("diffCounts"));
    m_counts->setFont(signalbox::font(TextRole::MonoSmall));
    m_search = new QLineEdit(m_tools);
    m_search->setObjectName(QStringLiteral("diffSearch"));
    m_search->setProperty("compact", true);
    m_search->setPlaceholderText(tr("Search"));
    m_search->setToolTip(tr("Search (Ctrl+F)"));
    m_search->setAccessibleName(tr("Search in this file"));
    m_search->setClearButtonEnabled(true);
    m_search->setMinimumWidth(84);
    m_search->setMaximumWidth(170);
    m_search->installEventFilter(this);
    m_found = new QLabel(m_tools);
    m_found->setObjectName(QStringLiteral("diffFound"));
    m_found->setProperty("role", QStringLiteral("faint"));
    m_unified = chip(tr("unified"), QStringLiteral("diffUnified"), m_tools);
    m_sideBySide = chip(tr("side by side"), QStringLiteral("diffSideBySide"), m_tools);
    m_unified->setChecked(true);
    auto *before = new IconButton(QStringLiteral("chevron-up"), tr("Previous change (Alt+Up)"), m_tools);
    before->setObjectName(QStringLiteral("diffPrevious"));
    auto *after = new IconButton(QStringLiteral("chevron-down"), tr("Next change (Alt+Down)"), m_tools);
    after->setObjectName(QStringLiteral("diffNext"));
    for (QWidget *each : std::initializer_list<QWidget *>{m_status, m_path, m_counts})
        row->addWidget(each, each == m_path ? 1 : 0);
    for (QWidget *each : std::initializer_list<QWidget *>{m_search, m_found, m_unified, m_sideBySide, before, after})
        row->addWidget(each);
    connect(m_unified, &QPushButton::clicked, this, [this] { setLayoutKind(DiffModel::Layout::Unified); });
    connect(m_sideBySide, &QPushButton::clicked, this, [this] { setLayoutKind(DiffModel::Layout::SideBySide); });
    connect(before, &QPushButton::clicked, this, [this] { goToHunk(true); });
    connect(after, &QPushButton::clicked, this, [this] { goToHunk(false); });
    connect(m_search, &QLineEdit::textChanged, this, &FileDiffView::search);
    return m_tools;
}

void FileDiffView::addKeys()
{
    const auto key = [this](const QKeySequence &keys, auto run) {
        auto *shortcut = new QShortcut(keys, this, nullptr, nullptr, Qt::WidgetWithChildrenShortcut);
        connect(shortcut, &QShortcut::activated, this, run);
    };
    key(QKeySequence::Find, [this] { focusSearch(); });
    key(QKeySequence(Qt::Key_F3), [this] { goToMatch(false); });
    key(QKeySequence(Qt::SHIFT | Qt::Key_F3), [this] { goToMatch(true); });
    key(QKeySequence(Qt::ALT | Qt::Key_Down), [this] { goToHunk(false); });
    key(QKeySequence(Qt::ALT | Qt::Key_Up), [this] { goToHunk(true); });
    key(QKeySequence(Qt::CTRL | Qt::Key_Down), [this] { emit fileWanted(false); });
    key(QKeySequence(Qt::CTRL | Qt::Key_Up), [this] { emit fileWanted(true); });
    key(QKeySequence(Qt::CTRL | Qt::Key_L), [this] {
        setLayoutKind(layoutKind() == DiffModel::Layout::Unified ? DiffModel::Layout::SideBySide
                                                                 : DiffModel::Layout::Unified);
    });
}

void FileDiffView::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    m_lines->fit();
}

bool FileDiffView::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() != QEvent::KeyPress)
        return QWidget::eventFilter(watched, event);
    auto *key = static_cast<QKeyEvent *>(event);
    const bool isEnter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
    if (watched == m_search && isEnter) {
        goToMatch(key->modifiers().testFlag(Qt::ShiftModifier));
        return true;
    }
    if (watched == m_search && key->key() == Qt::Key_Escape) {
        closeSearch();
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

void FileDiffView::head(const FileChange &file)
{
    const bool isMoved = !file.oldPath.isEmpty() && file.oldPath != file.path;
    m_status->setText(file.path.isEmpty() ? QString() : fileStatusWord(file.status));
    m_status->setTone(toneOf(file.status));
    m_path->setText(isMoved ? QStringLiteral("%1 \u2192 %2").arg(file.oldPath, file.path) : file.path);
    m_counts->setText(file.path.isEmpty() || file.isBinary ? QString() : lineCountText({1, file.added, file.removed}));
    m_counts->setAccessibleName(tr("%1 lines added, %2 removed").arg(file.added).arg(file.removed));
}

void FileDiffView::say(const QString &text)
{
    m_message->setText(text);
    m_compare->hide();
    m_stack->setCurrentWidget(m_messagePage);
    m_model->show(QList<UnifiedLine>());
    tellMatches();
}

void FileDiffView::showNothing(const QString &text)
{
    m_shownPath.clear();
    head({});
    say(text);
}

void FileDiffView::showLoading(const FileChange &file)
{
    head(file);
    say(tr("Reading %1 ...").arg(file.path));
}

void FileDiffView::showError(const FileChange &file, const QString &message)
{
    head(file);
    say(message);
}

void FileDiffView::showDiff(const FileDiff &diff, QList<UnifiedLine> lines)
{
    head(diff.file);
    if (diff.file.isBinary) {
        say(tr("A binary file: %1 before, %2 now. Its content is not shown.")
                .arg(sizeText(diff.oldSize), sizeText(diff.newSize)));
        return;
    }
    if (diff.isTooLarge) {
        say(tr("Too large to be compared here: %1 before, %2 now. git diff shows it.")
                .arg(sizeText(diff.oldSize), sizeText(diff.newSize)));
        m_compare->setVisible(std::max(diff.oldSize, diff.newSize) <= mostComparedBytes);
        return;
    }
    if (lines.isEmpty()) {
        say(tr("Its content is the same."));
        return;
    }
    const bool isSame = m_shownPath == diff.file.path;
    m_shownPath = diff.file.path;
    m_model->show(std::move(lines));
    m_stack->setCurrentWidget(m_content);
    m_cut->setText(tr("Only the first %1 lines are shown.").arg(m_model->rowCount()));
    m_cut->setVisible(diff.isCut);
    m_more->setVisible(diff.isCut);
    m_lines->fit();
    tellMatches();
    if (isSame)
        return;
    const int first = m_model->hunkAfter(-1);
    m_lines->setCurrentIndex(m_model->index(std::max(0, first), 0));
    m_lines->scrollToTop();
}

QString FileDiffView::stateText() const
{
    return m_stack->currentWidget() == m_messagePage ? m_message->text() : QString();
}

void FileDiffView::setLayoutKind(DiffModel::Layout layout)
{
    m_unified->setChecked(layout == DiffModel::Layout::Unified);
    m_sideBySide->setChecked(layout == DiffModel::Layout::SideBySide);
    if (layout == m_model->layout())
        return;
    m_model->setLayout(layout);
    m_lines->fit();
    emit layoutKindChanged();
}

void FileDiffView::focusSearch()
{
    m_search->setFocus(Qt::ShortcutFocusReason);
    m_search->selectAll();
}

bool FileDiffView::closeSearch()
{
    if (m_search->text().isEmpty() && !m_search->hasFocus())
        return false;
    m_search->clear();
    m_lines->setFocus(Qt::ShortcutFocusReason);
    return true;
}

void FileDiffView::search()
{
    m_model->find(m_search->text());
    if (m_model->matchCount() > 0)
        goToMatch(false);
    tellMatches();
}

void FileDiffView::goToMatch(bool backwards)
{
    const QModelIndex at = m_model->findNext(backwards);
    tellMatches();
    if (!at.isValid())
        return;
    m_lines->setCurrentIndex(at);
    m_lines->bringIntoView(at, at.data(DiffModel::CurrentMatchRole).toInt());
}

void FileDiffView::tellMatches()
{
    if (m_search->text().isEmpty())
        m_found->clear();
    else if (m_model->matchCount() == 0)
        m_found->setText(tr("not found"));
    else
        m_found->setText(tr("%1 of %2").arg(m_model->currentMatch() + 1).arg(m_model->matchCount()));
}

void FileDiffView::goToHunk(bool backwards)
{
    const int row = m_model->hunkAfter(m_lines->currentIndex().row(), backwards);
    if (row < 0) {
        emit fileWanted(backwards);
        return;
    }
    const QModelIndex at = m_model->index(row, 0);
    m_lines->setCurrentIndex(at);
    m_lines->scrollTo(at, QAbstractItemView::PositionAtTop);
}

} // namespace signalbox
