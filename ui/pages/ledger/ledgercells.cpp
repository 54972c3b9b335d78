#include "ui/pages/ledger/ledgercells.h"

#include "models/items/roles.h"
#include "ui/widgets/painting.h"
#include "ui/widgets/timetext.h"

#include <QCoreApplication>
#include <QLocale>
#include <QPainter>

#include <algorithm>

namespace signalbox
{

QString dateText(const QDateTime &time)
{
    //: A date, in the format of QDateTime::toString().
    const QString format = QCoreApplication::translate("Time", "d MMM yyyy");
    return QLocale().toString(time.toTimeZone(displayZone()).date(), format);
}

LedgerTimeDelegate::LedgerTimeDelegate(QObject *parent)
    : CellDelegate(Style::Time, parent)
{}

void LedgerTimeDelegate::paintCell(QPainter *painter, const QRect &area, const QStyleOptionViewItem &,
                                   const QModelIndex &index) const
{
    const Tokens &t = tokens();
    const QDateTime time = index.data(TimeRole).toDateTime();
    const int middle = area.center().y();
    paintText(painter, QRect(area.left(), middle - 18, area.width(), 18), TextRole::Mono, t.text, clockText(time));
    paintText(painter, QRect(area.left(), middle, area.width(), 17), TextRole::Small, t.textFaint, dateText(time));
}

int LedgerTimeDelegate::wantedWidth(const QModelIndex &) const
{
    const QDateTime longest(QDate(2028, 12, 28), QTime(12, 0), displayZone());
    return std::max(textWidth(TextRole::Mono, QStringLiteral("00:00:00")),
                    textWidth(TextRole::Small, dateText(longest)));
}

QString counted(qsizetype count)
{
    return QLocale(QLocale::English).toString(static_cast<qlonglong>(count));
}

} // namespace signalbox
