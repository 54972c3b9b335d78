#include "ui/pages/changes/changerows.h"

#include "models/items/changedfilesmodel.h"
#include "models/items/commitsmodel.h"
#include "models/items/roles.h"
#include "models/policy/records.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/painting.h"
#include "ui/widgets/timetext.h"

#include <QClipboard>
#include <QFontMetrics>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QPainter>

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr int margin = 14;
constexpr int hashWidth = 72;
constexpr int narrowRow = 270; // below that a subject has no room beside the hash

void paintGround(QPainter *painter, const QStyleOptionViewItem &option)
{
    const Tokens &t = tokens();
    const bool isSelected = option.state.testFlag(QStyle::State_Selected);
    if (isSelected)
        painter->fillRect(option.rect, t.selected);
    else if (option.state.testFlag(QStyle::State_MouseOver))
        painter->fillRect(option.rect, t.raised);
    painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), t.hairline);
    if (isSelected) {
        const auto *view = qobject_cast<const QWidget *>(option.widget);
        painter->fillRect(QRect(option.rect.left(), option.rect.top(), 3, option.rect.height() - 1),
                          view && view->hasFocus() ? t.focus : t.accent.solid);
    }
}

// "+214 −88" with each half in its tone, ending at the right edge; the width it took.
int paintCounts(QPainter *painter, const QRect &area, int added, int removed)
{
    const Tokens &t = tokens();
    const QString plus = QStringLiteral("+%1").arg(added);
    const QString minus = QStringLiteral("\u2212%1").arg(removed);
    const int minusWidth = textWidth(TextRole::MonoSmall, minus);
    const int plusWidth = textWidth(TextRole::MonoSmall, plus);
    QRect right(area.right() - minusWidth, area.top(), minusWidth + 1, area.height());
    paintText(painter, right, TextRole::MonoSmall, removed > 0 ? t.failing.text : t.textFaint, minus);
    right.setRect(right.left() - space::s - plusWidth, area.top(), plusWidth + 1, area.height());
    paintText(painter, right, TextRole::MonoSmall, added > 0 ? t.ok.text : t.textFaint, plus);
    return area.right() - right.left();
}

} // namespace

void CommitDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const auto commit = index.data(CommitsModel::CommitRole).value<ChangeCommit>();
    const bool isMissing = index.data(CommitsModel::MissingRole).toBool();
    const Tokens &t = tokens();
    painter->save();
    paintGround(painter, option);
    const QRect area = option.rect.adjusted(margin, 0, -margin, -1);
    const int middle = area.center().y();
    const QRect top(area.left(), middle - 19, area.width(), 19);
    // Where there is little room the hash stands below: what was done is read first.
    const bool isNarrow = area.width() < narrowRow;
    const int aside = isNarrow ? 0 : hashWidth;
    QRect below(area.left() + aside, middle, area.width() - aside, 18);
    const QString hash = policy::shortCommit(commit.id);
    paintText(painter, isNarrow ? below : QRect(top.left(), top.top(), hashWidth, top.height()), TextRole::MonoSmall,
              t.textSoft, hash);
    if (isNarrow)
        below.setLeft(below.left() + textWidth(TextRole::MonoSmall, hash) + space::s);

    int taken = 0;
    if (commit.lines && !commit.isMerge()) {
        taken = paintCounts(painter, top, commit.lines->added, commit.lines->removed);
        const QString files = tr("%n file(s)", nullptr, commit.lines->files);
        paintText(painter, below, TextRole::Small, t.textFaint, files, Qt::AlignRight | Qt::AlignVCenter);
    } else if (!commit.lines) {
        const QString dots = QStringLiteral("\u2026");
        taken = paintText(painter, top, TextRole::MonoSmall, t.textFaint, dots, Qt::AlignRight | Qt::AlignVCenter);
    }
    const bool isVoid = isMissing || !commit.revertedBy.isEmpty();
    const QRect subject(area.left() + aside, top.top(), area.width() - aside - taken - space::m, top.height());
    paintText(painter, subject, TextRole::BodyStrong, isVoid || commit.isMerge() ? t.textSoft : t.text, commit.subject);

    QRect rest = below;
    if (commit.lines && !commit.isMerge())
        rest.setRight(rest.right() - textWidth(TextRole::Small, tr("%n file(s)", nullptr, commit.lines->files)) -
                      space::s);
    for (const QString &mark : commitMarks(commit, isMissing)) {
        const QSize needs = badgeSize(mark);
        if (needs.width() > rest.width())
            break;
        const Tone &tone = isMissing ? t.failing : commit.isMerge() ? t.neutral : t.warning;
        rest.setLeft(
            paintBadge(painter, QPoint(rest.left(), rest.center().y() - needs.height() / 2), mark, tone).right() +
            space::s);
    }
    QStringList words{commit.authorName, ageText(commit.committedAt, AgeTicker::now())};
    for (const IssueReference &issue : commit.issues.mid(0, 3))
        words << issue.text;
    paintText(painter, rest, TextRole::Small, t.textSoft, words.join(QStringLiteral(" · ")));
    painter->restore();
}

QSize CommitDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const
{
    return {220, rowHeight};
}

void ChangedFileDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const auto file = index.data(ChangedFilesModel::FileRole).value<FileChange>();
    const Tokens &t = tokens();
    painter->save();
    paintGround(painter, option);
    QRect area = option.rect.adjusted(margin, 0, -margin, -1);
    const Tone &tone = file.status == FileChange::Status::Added     ? t.ok
                       : file.status == FileChange::Status::Removed ? t.failing
                       : file.status == FileChange::Status::Renamed ? t.accent
                                                                    : t.neutral;
    paintText(painter, QRect(area.left(), area.top(), 18, area.height()), TextRole::MonoSmall, tone.text,
              fileStatusSign(file.status));
    area.setLeft(area.left() + 22);
    int taken = 0;
    if (file.isBinary)
        taken = paintText(painter, area, TextRole::Small, t.textFaint, tr("binary"), Qt::AlignRight | Qt::AlignVCenter);
    else
        taken = paintCounts(painter, area, file.added, file.removed);
    const int room = area.width() - taken - space::m;
    const QFont textFont = font(TextRole::MonoSmall);
    const QFontMetrics metrics(textFont);
    painter->setFont(textFont);
    painter->setPen(t.text);
    painter->drawText(QRect(area.left(), area.top(), std::max(0, room), area.height()),
                      int(Qt::AlignLeft | Qt::AlignVCenter) | int(Qt::TextSingleLine),
                      metrics.elidedText(file.path, Qt::ElideLeft, room));
    painter->restore();
}

QSize ChangedFileDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const
{
    return {220, rowHeight};
}

RowList::RowList(QWidget *parent)
    : QListView(parent)
{
    setFrameShape(QFrame::NoFrame);
    setVerticalScrollMode(ScrollPerPixel);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setUniformItemSizes(true);
    setMouseTracking(true);
    setEditTriggers(NoEditTriggers);
    connect(this, &QListView::doubleClicked, this, &RowList::opened);
}

void RowList::keyPressEvent(QKeyEvent *event)
{
    if (event->matches(QKeySequence::Copy)) {
        const QString text = currentIndex().data(CopyRole).toString();
        if (!text.isEmpty())
            QGuiApplication::clipboard()->setText(text);
        return;
    }
    if ((event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) && currentIndex().isValid()) {
        if (!event->isAutoRepeat()) // a key still held from the button before opens nothing
            emit opened(currentIndex());
        return;
    }
    const bool isLetter = !event->text().isEmpty() && event->text().at(0).isPrint() && event->key() != Qt::Key_Space;
    if (isLetter || event->key() == Qt::Key_Escape) {
        event->ignore();
        return;
    }
    QListView::keyPressEvent(event);
}

void RowList::focusInEvent(QFocusEvent *event)
{
    QListView::focusInEvent(event);
    if (!currentIndex().isValid() && model() && model()->rowCount() > 0)
        setCurrentIndex(model()->index(0, 0));
}

} // namespace signalbox
