#pragma once

#include "ui/delegates/celldelegate.h"

#include <QHeaderView>

namespace signalbox
{

// A release in one environment: sign, version, hash, age; below it the reason, and the traffic bar where a router says
// how it is split. Also draws the headings of teams.
class ReleaseDelegate : public CellDelegate
{
    Q_OBJECT
public:
    explicit ReleaseDelegate(QObject *parent = nullptr);

protected:
    void paintCell(QPainter *painter, const QRect &area, const QStyleOptionViewItem &option,
                   const QModelIndex &index) const override;
};

// The application's name with its team below, or the heading of a team.
class ApplicationDelegate : public CellDelegate
{
    Q_OBJECT
public:
    explicit ApplicationDelegate(QObject *parent = nullptr);

protected:
    void paintCell(QPainter *painter, const QRect &area, const QStyleOptionViewItem &option,
                   const QModelIndex &index) const override;
};

// Names the tracks whose colours stand in the column below.
class ReleasesHeader : public QHeaderView
{
    Q_OBJECT
public:
    explicit ReleasesHeader(QWidget *parent = nullptr);

protected:
    void paintSection(QPainter *painter, const QRect &rect, int logicalIndex) const override;
};

// Time, sign and message in one line, as events are read.
class EventDelegate : public CellDelegate // one line, or two where the row is tall enough
{
    Q_OBJECT
public:
    explicit EventDelegate(QObject *parent = nullptr);

protected:
    void paintCell(QPainter *painter, const QRect &area, const QStyleOptionViewItem &option,
                   const QModelIndex &index) const override;
};

} // namespace signalbox
