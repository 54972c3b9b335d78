#include "ui/delegates/celldelegate.h"

#include "models/domain/health.h"
#include "models/items/roles.h"
#include "ui/theme/icons.h"
#include "ui/widgets/painting.h"
#include "ui/widgets/tableview.h"
#include "ui/widgets/timetext.h"

#include <QAbstractItemView>
#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include <optional>

namespace signalbox
{

namespace
{

std::optional<Health> healthOf(const QModelIndex &index)
{
    const QVariant value = index.data(HealthRole);
    if (!value.isValid())
        return std::nullopt;
    return static_cast<Health>(value.toInt());
}

} // namespace

CellDelegate::CellDelegate(Style style, QObject *parent)
    : QStyledItemDelegate(parent)
    , m_style(style)
{}

void CellDelegate::paintGround(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const Tokens &t = tokens();
    const auto *table = qobject_cast<const TableView *>(option.widget);
    const bool isSelected = option.state.testFlag(QStyle::State_Selected);
    const bool isHovered = table != nullptr && table->hoveredRow() == index.row();
    if (isSelected)
        painter->fillRect(option.rect, t.selected);
    else if (isHovered)
        painter->fillRect(option.rect, t.raised);
    painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), t.hairline);
    const auto *view = qobject_cast<const QAbstractItemView *>(option.widget);
    if (view == nullptr || !isSelected)
        return;
    const bool isCurrent = view->currentIndex() == index;
    const bool byCell = table != nullptr && table->selectsCells();
    if (!byCell && index.column() == 0)
        painter->fillRect(QRect(option.rect.left(), option.rect.top(), 3, option.rect.height() - 1),
                          view->hasFocus() ? t.focus : t.accent.solid);
    if (view->hasFocus() && isCurrent && byCell)
        paintFocusRing(painter, QRectF(option.rect).adjusted(1, 1, -1, -2), radius::small);
}

void CellDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    painter->save();
    paintGround(painter, option, index);
    paintCell(painter, option.rect.adjusted(margin, 0, -margin, -1), option, index);
    painter->restore();
}

void CellDelegate::paintCell(QPainter *painter, const QRect &area, const QStyleOptionViewItem &,
                             const QModelIndex &index) const
{
    const Tokens &t = tokens();
    const QString text = index.data().toString();
    const bool isDimmed = index.data(DimmedRole).toBool();
    switch (m_style) {
    case Style::Name: {
        QRect room = area;
        if (const std::optional<Health> health = healthOf(index)) {
            paintState(painter, *health, QRectF(area.left(), area.top(), 10, area.height()));
            room.setLeft(area.left() + 20);
        }
        const QString second = index.data(SecondLineRole).toString();
        if (second.isEmpty()) {
            paintText(painter, room, TextRole::BodyStrong, isDimmed ? t.textSoft : t.text, text);
            return;
        }
        const int middle = area.center().y();
        paintText(painter, QRect(room.left(), middle - 18, room.width(), 18), TextRole::BodyStrong, t.text, text);
        paintText(painter, QRect(room.left(), middle, room.width(), 17), TextRole::Small, t.textFaint, second);
        return;
    }
    case Style::Plain:
        paintText(painter, area, TextRole::Body, isDimmed ? t.textSoft : t.text, text);
        return;
    case Style::Soft:
        paintText(painter, area, TextRole::Body, t.textSoft, text);
        return;
    case Style::Figure:
        paintText(painter, area, TextRole::MonoSmall, isDimmed ? t.textSoft : t.text, text);
        return;
    case Style::Badge: {
        if (text.isEmpty())
            return;
        const QSize wanted = badgeSize(text);
        paintBadge(painter, {area.left(), area.center().y() - wanted.height() / 2}, text,
                   stateTone(healthOf(index).value_or(Health::Unknown)));
        return;
    }
    case Style::Time:
        paintText(painter, area, TextRole::MonoSmall, t.textFaint, clockText(index.data(TimeRole).toDateTime()));
        return;
    case Style::Age:
        paintText(painter, area, TextRole::Small, t.textSoft,
                  ageText(index.data(TimeRole).toDateTime(), AgeTicker::now()), Qt::AlignRight | Qt::AlignVCenter);
        return;
    }
}

int CellDelegate::wantedWidth(const QModelIndex &index) const
{
    const QString text = index.data().toString();
    switch (m_style) {
    case Style::Name:
        return std::max(textWidth(TextRole::BodyStrong, text),
                        textWidth(TextRole::Small, index.data(SecondLineRole).toString())) +
               (healthOf(index) ? 20 : 0);
    case Style::Figure:
        return textWidth(TextRole::MonoSmall, text);
    case Style::Badge:
        return badgeSize(text).width();
    case Style::Time:
        return textWidth(TextRole::MonoSmall, QStringLiteral("00:00:00"));
    case Style::Age:
        return textWidth(TextRole::Small, QStringLiteral("000 d"));
    case Style::Plain:
    case Style::Soft:
        break;
    }
    return textWidth(TextRole::Body, text);
}

QSize CellDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &index) const
{
    return {wantedWidth(index) + 2 * margin, size::row};
}

bool CellDelegate::helpEvent(QHelpEvent *event, QAbstractItemView *view, const QStyleOptionViewItem &option,
                             const QModelIndex &index)
{
    if (event->type() != QEvent::ToolTip)
        return QStyledItemDelegate::helpEvent(event, view, option, index);
    QString tip = index.data(Qt::ToolTipRole).toString();
    const QDateTime time = index.data(TimeRole).toDateTime();
    if (time.isValid())
        tip += (tip.isEmpty() ? QString() : QStringLiteral("\n")) + timeToolTip(time);
    if (tip.isEmpty() && wantedWidth(index) > option.rect.width() - 2 * margin)
        tip = index.data().toString();
    if (tip.isEmpty())
        QToolTip::hideText();
    else
        QToolTip::showText(event->globalPos(), tip, view);
    return true;
}

} // namespace signalbox
