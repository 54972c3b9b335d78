#include "ui/pages/promotions/gatedelegate.h"

#include "models/items/gatesmodel.h"
#include "models/items/roles.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/painting.h"
#include "ui/widgets/timetext.h"

#include <QPainter>

namespace signalbox
{

namespace
{

constexpr int gateHeight = 76;
constexpr int gateMargin = 14;

QString gateMark(const GateRow &row)
{
    if (!row.isLive)
        return GateDelegate::tr("not live");
    if (!row.gate.mayDecide)
        return {};
    return *row.gate.mayDecide ? GateDelegate::tr("you may") : GateDelegate::tr("others");
}

} // namespace

int GateDelegate::rowHeight()
{
    return gateHeight;
}

QSize GateDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const
{
    return {200, gateHeight};
}

void GateDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const Tokens &t = tokens();
    const auto row = index.data(GatesModel::GateRole).value<GateRow>();
    painter->save();
    const QRect area = option.rect.adjusted(gateMargin, 0, -gateMargin, -1);
    const bool isShown = !m_shown.isEmpty() && index.data(IdRole).toString() == m_shown;
    const bool isCurrent = option.state.testFlag(QStyle::State_HasFocus);
    if (isShown)
        painter->fillRect(option.rect, t.selected);
    else if (isCurrent || option.state.testFlag(QStyle::State_MouseOver))
        painter->fillRect(option.rect, t.raised);
    if (isShown || isCurrent)
        painter->fillRect(QRect(option.rect.left(), option.rect.top(), 3, option.rect.height() - 1),
                          isCurrent ? t.focus : t.accent.solid);
    const QString mark = gateMark(row);
    int right = area.right();
    if (!mark.isEmpty()) {
        const QSize badge = badgeSize(mark);
        const bool isMine = row.isLive && row.gate.mayDecide.value_or(false);
        paintBadge(painter, QPoint(area.right() - badge.width(), area.top() + 10), mark,
                   tone(isMine ? ToneName::Warning : ToneName::Neutral));
        right -= badge.width() + space::s;
    }
    paintText(painter, QRect(area.left(), area.top() + 9, right - area.left(), 20), TextRole::BodyStrong, t.text,
              row.application);
    paintText(painter, QRect(area.left(), area.top() + 29, area.width(), 19), TextRole::Body, t.textSoft,
              gatePlaceText(row));
    paintText(painter, QRect(area.left(), area.top() + 49, area.width(), 18), TextRole::Small, t.textFaint,
              QStringLiteral("%1 · %2 · %3")
                  .arg(ageText(row.gate.since, AgeTicker::now()), row.gate.vendor, gateDecidersText(row.gate)));
    painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), t.hairline);
    painter->restore();
}

} // namespace signalbox
