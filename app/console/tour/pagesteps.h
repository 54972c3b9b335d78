#pragma once

#include "app/console/tour/script.h"

#include <QAbstractItemView>

namespace signalbox
{

// What the steps of several parts of the tour do and look for alike.

// Null: there is none.
const PageEntry *pageNamed(const QList<PageEntry> &pages, const QString &id);
// Goes there as an operator does: by the page's number, where it has one.
TourStep::Act byItsKey(const PageEntry &entry);
// No doubt once nothing on screen is being read.
TourOperator::Doubt allIsRead(const TourOperator &who);

// The first of the list that `isMeant`; invalid: none, or there is no list.
template <typename IsMeant>
QModelIndex rowWhere(const QAbstractItemView *list, IsMeant isMeant)
{
    const QAbstractItemModel *model = list == nullptr ? nullptr : list->model();
    for (int row = 0; model != nullptr && row < model->rowCount(); ++row) {
        const QModelIndex index = model->index(row, 0);
        if (isMeant(index))
            return index;
    }
    return {};
}

} // namespace signalbox
