#pragma once

#include "ui/delegates/celldelegate.h"

namespace signalbox
{

// Clock time above the date, both in the display zone.
class LedgerTimeDelegate : public CellDelegate
{
    Q_OBJECT
public:
    explicit LedgerTimeDelegate(QObject *parent = nullptr);
    int wantedWidth(const QModelIndex &index) const override; // room for any day

protected:
    void paintCell(QPainter *painter, const QRect &area, const QStyleOptionViewItem &option,
                   const QModelIndex &index) const override;
};

// "21 Nov 2026", in the display zone.
QString dateText(const QDateTime &time);

QString counted(qsizetype count); // "12,345"

} // namespace signalbox
