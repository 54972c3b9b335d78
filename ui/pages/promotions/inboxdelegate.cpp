#include "ui/pages/promotions/inboxdelegate.h"

#include "models/items/promotionsmodel.h"
#include "ui/theme/icons.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/painting.h"
#include "ui/widgets/timetext.h"

#include <QPainter>

namespace signalbox
{

using policy::PromotionCard;

namespace
{

constexpr int headingHeight = 38;
constexpr int openHeight = 76;
constexpr int decidedHeight = 50;
constexpr int margin = 14;

struct Mark
{
    QString text;
    ToneName tone = ToneName::Neutral;
};

// What stands in the corner of an open one.
Mark markOf(const PromotionCard &card, bool isMine)
{
    if (!card.isLive())
        return {InboxDelegate::tr("not live"), ToneName::Neutral};
    switch (card.state) {
    case PromotionCard::State::Ready:
        return {InboxDelegate::tr("ready"), ToneName::Ok};
    case PromotionCard::State::UnderWay:
        return {InboxDelegate::tr("under way"), ToneName::Progress};
    case PromotionCard::State::Rejected:
        return {InboxDelegate::tr("rejected"), ToneName::Failing};
    default:
        break;
    }
    if (card.approvalsAsked() == 0)
        return {policy::cardStateLabel(card.state), isMine ? ToneName::Warning : ToneName::Neutral};
    return {InboxDelegate::tr("%1 of %2").arg(card.approvalsGiven()).arg(card.approvalsAsked()),
            isMine ? ToneName::Warning : ToneName::Neutral};
}

// Who decided what, in a line.
QString verdictOf(const PromotionCard &card)
{
    const policy::Standing &standing = card.decision.standing;
    if (!standing.vetoes.isEmpty()) {
        const policy::Voice &veto = standing.vetoes.first();
        return veto.words.isEmpty() ? InboxDelegate::tr("rejected by %1").arg(veto.who)
                                    : InboxDelegate::tr("rejected by %1: %2").arg(veto.who, veto.words);
    }
    if (card.state == PromotionCard::State::Ended && card.outcome)
        return card.outcome->message;
    QStringList who;
    for (const policy::Voice &voice : standing.approvals)
        who << voice.who;
    return who.isEmpty() ? policy::cardStateLabel(card.state)
                         : InboxDelegate::tr("%1, approved by %2")
                               .arg(policy::cardStateLabel(card.state), who.join(InboxDelegate::tr(" and ")));
}

QDateTime decidedAt(const PromotionCard &card)
{
    return card.endedAt.isValid() ? card.endedAt : card.requestedAt;
}

} // namespace

QSize InboxDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &index) const
{
    if (index.data(PromotionsModel::HeadingRole).toBool())
        return {200, headingHeight};
    return {200, index.data(PromotionsModel::DecidedRole).toBool() ? decidedHeight : openHeight};
}

void InboxDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const Tokens &t = tokens();
    painter->save();
    const QRect area = option.rect.adjusted(margin, 0, -margin, -1);
    const bool isSelected = option.state.testFlag(QStyle::State_Selected);
    if (index.data(PromotionsModel::HeadingRole).toBool()) {
        paintHeading(painter, area, index);
    } else {
        if (isSelected)
            painter->fillRect(option.rect, t.selected);
        else if (option.state.testFlag(QStyle::State_MouseOver))
            painter->fillRect(option.rect, t.raised);
        if (isSelected) {
            const auto *view = qobject_cast<const QWidget *>(option.widget);
            painter->fillRect(QRect(option.rect.left(), option.rect.top(), 3, option.rect.height() - 1),
                              view && view->hasFocus() ? t.focus : t.accent.solid);
        }
        if (index.data(PromotionsModel::DecidedRole).toBool())
            paintDecided(painter, area, index);
        else
            paintOpen(painter, area, index);
    }
    painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), t.hairline);
    painter->restore();
}

void InboxDelegate::paintHeading(QPainter *painter, const QRect &area, const QModelIndex &index) const
{
    const int used = paintText(painter, area, TextRole::BodyStrong, tokens().text, index.data().toString());
    paintText(painter, area.adjusted(used + space::s, 0, 0, 0), TextRole::Body, tokens().textSoft,
              index.data(PromotionsModel::CountRole).toString());
}

void InboxDelegate::paintOpen(QPainter *painter, const QRect &area, const QModelIndex &index) const
{
    const Tokens &t = tokens();
    const auto card = index.data(PromotionsModel::CardRole).value<PromotionCard>();
    const Mark mark = markOf(card, index.data(PromotionsModel::MineRole).toBool());
    const QSize badge = badgeSize(mark.text);
    paintBadge(painter, QPoint(area.right() - badge.width(), area.top() + 10), mark.text, tone(mark.tone));
    paintText(painter, QRect(area.left(), area.top() + 9, area.width() - badge.width() - space::s, 20),
              TextRole::BodyStrong, t.text, card.request.subject.application);
    paintText(painter, QRect(area.left(), area.top() + 29, area.width(), 19), TextRole::Body, t.textSoft,
              QStringLiteral("%1 \u2192 %2").arg(versionOf(card), card.request.subject.environment));
    paintText(painter, QRect(area.left(), area.top() + 49, area.width(), 18), TextRole::Small, t.textFaint,
              tr("asked by %1 · %2").arg(card.requester, agoText(card.requestedAt, AgeTicker::now())));
}

void InboxDelegate::paintDecided(QPainter *painter, const QRect &area, const QModelIndex &index) const
{
    const Tokens &t = tokens();
    const auto card = index.data(PromotionsModel::CardRole).value<PromotionCard>();
    paintState(painter, healthOf(card), QRectF(area.left(), area.top() + 8, 10, 18));
    const int left = area.left() + 18;
    paintText(painter, QRect(left, area.top() + 7, area.right() - left, 19), TextRole::Body, t.text,
              QStringLiteral("%1 %2 \u2192 %3")
                  .arg(card.request.subject.application, versionOf(card), card.request.subject.environment));
    paintText(painter, QRect(left, area.top() + 26, area.right() - left, 17), TextRole::Small, t.textSoft,
              QStringLiteral("%1 · %2").arg(verdictOf(card), ageText(decidedAt(card), AgeTicker::now())));
}

} // namespace signalbox
