#include "ui/delegates/releasedelegate.h"

#include "models/domain/health.h"
#include "models/items/releasesmodel.h"
#include "models/items/roles.h"
#include "ui/theme/icons.h"
#include "ui/widgets/painting.h"
#include "ui/widgets/timetext.h"

#include <QPainter>

#include <algorithm>

namespace signalbox
{

namespace
{
constexpr int wayBackWidth = 30; // an arrow and the light of the way back, and the space before the age
constexpr int aheadWidth = 38;   // how far it is ahead of the next environment, at the end; more where it is much
} // namespace

ReleaseDelegate::ReleaseDelegate(QObject *parent)
    : CellDelegate(Style::Plain, parent)
{}

void ReleaseDelegate::paintCell(QPainter *painter, const QRect &area, const QStyleOptionViewItem &,
                                const QModelIndex &index) const
{
    const QString version = index.data().toString();
    const QString key = index.data(ReleasesModel::KeyRole).toString();
    if (key.isEmpty()) {
        paintText(painter, area, TextRole::Small, tokens().textFaint, index.data(ReleasesModel::AbsentRole).toString());
        return;
    }
    const Tokens &t = tokens();
    const auto health = static_cast<Health>(index.data(HealthRole).toInt());
    const QString reason = index.data(ReleasesModel::ReasonRole).toString();
    QList<TrafficShare> shares;
    for (const QVariant &entry : index.data(ReleasesModel::SharesRole).toList())
        shares.append({entry.toList().value(0).toString(), entry.toList().value(1).toDouble()});
    if (index.data(ReleasesModel::StaleRole).toBool())
        painter->setOpacity(0.55);

    const int reasonHeight = reason.isEmpty() ? 0 : 17;
    const int barHeight = shares.isEmpty() ? 0 : 13;
    int top = area.center().y() - (19 + reasonHeight + barHeight) / 2 + 1;
    paintState(painter, health, QRectF(area.left(), top, 10, 19));
    const QString age = ageText(index.data(TimeRole).toDateTime(), AgeTicker::now());
    const int ageWidth = textWidth(TextRole::Small, age);
    const QVariant wayBack = index.data(ReleasesModel::WayBackRole);
    const int lightWidth = wayBack.isValid() ? wayBackWidth : 0;
    const QString ahead = index.data(ReleasesModel::AheadRole).toString();
    const int aheadTaken =
        ahead.isEmpty() ? 0 : std::max(aheadWidth, textWidth(TextRole::Small, ahead) + int(space::m));
    const int right = area.right() - aheadTaken;
    const int left = area.left() + 24;
    const int room = right - ageWidth - lightWidth - space::s - left;
    const QString hash = index.data(HashRole).toString();
    const int hashWidth = textWidth(TextRole::MonoSmall, hash);
    const int wanted = textWidth(TextRole::BodyStrong, version);
    // The version is what counts: the hash goes before the version is cut.
    const bool showsHash = !hash.isEmpty() && wanted + space::s + hashWidth <= room;
    const int used =
        paintText(painter, QRect(left, top, std::min(wanted + 1, room), 19), TextRole::BodyStrong, t.text, version);
    if (showsHash)
        paintText(painter, QRect(left + used + space::s, top, hashWidth + 1, 19), TextRole::MonoSmall, t.textFaint,
                  hash);
    paintText(painter, QRect(right - ageWidth, top, ageWidth + 1, 19), TextRole::Small, t.textFaint, age,
              Qt::AlignRight | Qt::AlignVCenter);
    if (!ahead.isEmpty())
        paintText(painter, QRect(right, top, aheadTaken + 1, 19), TextRole::Small, t.textSoft, ahead,
                  Qt::AlignRight | Qt::AlignVCenter);
    if (wayBack.isValid()) {
        const qreal light = right - ageWidth - lightWidth;
        paintIcon(painter, QStringLiteral("rollback"), QRectF(light, top + 4, 12, 12), t.textFaint);
        paintState(painter, static_cast<Health>(wayBack.toInt()), QRectF(light + 14, top, 9, 19));
    }
    top += 19;
    if (!reason.isEmpty()) {
        paintText(painter, QRect(area.left(), top, area.width(), 16), TextRole::Small, stateTone(health).text, reason);
        top += 17;
    }
    if (!shares.isEmpty())
        paintTrafficBar(painter, QRectF(area.left(), top + 6, area.width(), 6), shares);
}

ApplicationDelegate::ApplicationDelegate(QObject *parent)
    : CellDelegate(Style::Name, parent)
{}

void ApplicationDelegate::paintCell(QPainter *painter, const QRect &area, const QStyleOptionViewItem &option,
                                    const QModelIndex &index) const
{
    if (index.data(ReleasesModel::HeadingRole).toBool()) {
        paintText(painter, area, TextRole::Caption, tokens().textSoft, index.data().toString());
        return;
    }
    CellDelegate::paintCell(painter, area, option, index);
}

ReleasesHeader::ReleasesHeader(QWidget *parent)
    : QHeaderView(Qt::Horizontal, parent)
{
    setFixedHeight(size::tableHeader);
    setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    setHighlightSections(false);
    setMinimumSectionSize(40);
}

void ReleasesHeader::paintSection(QPainter *painter, const QRect &rect, int logicalIndex) const
{
    painter->save();
    QHeaderView::paintSection(painter, rect, logicalIndex);
    painter->restore();
    const QString title = model()->headerData(logicalIndex, Qt::Horizontal).toString();
    int left = rect.left() + 14 + textWidth(TextRole::Small, title) + space::m;
    const QStringList tracks =
        model()->headerData(logicalIndex, Qt::Horizontal, ReleasesModel::TracksRole).toStringList();
    for (const QString &track : tracks) {
        const QString name = track.toUpper();
        if (left + badgeSize(name).width() > rect.right())
            return;
        left = paintBadge(painter, {left, rect.center().y() - 8}, name, trackTone(track)).right() + space::s;
    }
}

namespace
{

constexpr int twoLines = 40; // rows of this height have room for them

} // namespace

EventDelegate::EventDelegate(QObject *parent)
    : CellDelegate(Style::Plain, parent)
{}

void EventDelegate::paintCell(QPainter *painter, const QRect &area, const QStyleOptionViewItem &,
                              const QModelIndex &index) const
{
    paintState(painter, static_cast<Health>(index.data(HealthRole).toInt()),
               QRectF(area.left(), area.top(), 10, area.height()));
    const QRect room = area.adjusted(23, 0, 0, 0);
    const QString text = index.data().toString();
    if (room.height() < twoLines || textWidth(TextRole::Small, text) <= room.width()) {
        paintText(painter, room, TextRole::Small, tokens().text, text);
        return;
    }
    // As many words as fit above, the rest below.
    qsizetype end = 0;
    for (qsizetype at = text.indexOf(u' '); at > 0; at = text.indexOf(u' ', at + 1)) {
        if (textWidth(TextRole::Small, text.left(at)) > room.width())
            break;
        end = at;
    }
    if (end == 0)
        end = text.size();
    const int middle = room.center().y();
    paintText(painter, QRect(room.left(), middle - 17, room.width(), 18), TextRole::Small, tokens().text,
              text.left(end));
    paintText(painter, QRect(room.left(), middle + 1, room.width(), 18), TextRole::Small, tokens().text,
              text.mid(end).trimmed());
}

} // namespace signalbox
