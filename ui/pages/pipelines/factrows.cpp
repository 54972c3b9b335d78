#include "ui/pages/pipelines/factrows.h"

#include "models/items/roles.h"
#include "ui/theme/icons.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/painting.h"

#include <QPainter>

namespace signalbox
{

namespace
{

constexpr int oneLine = 28;
constexpr int twoLines = 44;

QString spokenFact(const FactRow &row)
{
    QStringList words{row.title};
    if (row.sign)
        words << healthLabel(*row.sign);
    for (const FactRow::Mark &mark : row.marks)
        words << mark.word;
    words << row.figure << row.detail;
    words.removeAll(QString());
    return words.join(QStringLiteral(", "));
}

} // namespace

QVariant FactsModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const FactRow &one = row(index.row());
    switch (role) {
    case RowRole:
        return QVariant::fromValue(one);
    case Qt::DisplayRole:
        return one.title;
    case Qt::AccessibleTextRole:
        return spokenFact(one);
    case Qt::ToolTipRole:
        return one.detail.isEmpty() ? one.title : one.title + QLatin1Char('\n') + one.detail;
    case IdRole:
        return one.key;
    case SecondLineRole:
        return one.detail;
    case CopyRole:
        return QStringList{one.title, one.text.isEmpty() ? one.detail : one.text}.join(QLatin1Char('\n')).trimmed();
    default:
        return {};
    }
}

QSize FactDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &index) const
{
    return {160, index.data(SecondLineRole).toString().isEmpty() ? oneLine : twoLines};
}

void FactDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const Tokens &t = tokens();
    const auto row = index.data(FactsModel::RowRole).value<FactRow>();
    painter->save();
    const auto *view = qobject_cast<const QWidget *>(option.widget);
    if (option.state.testFlag(QStyle::State_Selected) && view && view->hasFocus()) {
        painter->fillRect(option.rect, t.selected);
        painter->fillRect(QRect(option.rect.topLeft(), QSize(3, option.rect.height())), t.focus);
    } else if (option.state.testFlag(QStyle::State_MouseOver)) {
        painter->fillRect(option.rect, t.raised);
    }
    const QRect area = option.rect.adjusted(14, 0, -14, 0);
    const bool isTall = !row.detail.isEmpty();
    const QRect top(area.left(), area.top() + (isTall ? 4 : 0), area.width(), isTall ? 19 : area.height());
    int left = area.left();
    if (row.sign) {
        paintState(painter, *row.sign, QRectF(left, top.center().y() - 7, 10, 15));
        left += 18;
    }
    int right = area.right() + 1;
    if (!row.figure.isEmpty())
        right -=
            paintText(painter, top, TextRole::MonoSmall, t.textSoft, row.figure, Qt::AlignRight | Qt::AlignVCenter) +
            space::s;
    for (const FactRow::Mark &mark : row.marks) {
        const QSize needs = badgeSize(mark.word);
        right -= needs.width();
        paintBadge(painter, QPoint(right, top.center().y() - needs.height() / 2), mark.word, stateTone(mark.health));
        right -= space::xs;
    }
    // The end of a name tells more than its beginning: packages lead.
    const QFont textFont = font(TextRole::Small);
    painter->setFont(textFont);
    painter->setPen(t.text);
    const QRect words(left, top.top(), std::max(0, right - left - space::xs), top.height());
    painter->drawText(words, int(Qt::AlignLeft | Qt::AlignVCenter) | int(Qt::TextSingleLine),
                      QFontMetrics(textFont).elidedText(row.title, Qt::ElideMiddle, words.width()));
    if (isTall)
        paintText(painter, QRect(left, top.bottom(), area.right() - left, 18), TextRole::Small, t.textSoft,
                  row.detail.section(QLatin1Char('\n'), 0, 0));
    painter->restore();
}

} // namespace signalbox
