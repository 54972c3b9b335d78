#pragma once

#include "models/domain/health.h"
#include "models/items/keyedrows.h"

#include <QStyledItemDelegate>
#include <QUrl>

#include <optional>

namespace signalbox
{

// A line of a short list beside the graph: a test, an artifact, an annotation.
struct FactRow
{
    struct Mark
    {
        QString word; // "new", "flaky"
        Health health = Health::NotStarted;
        bool operator==(const Mark &) const = default;
    };
    QString key;
    std::optional<Health> sign;
    QString title;
    QString detail; // below it; empty: the row is one line high
    QString figure; // at the right: "11.2 s", "4.1 MB"
    QList<Mark> marks;
    QString text; // all there is to read, when it is opened; empty: nothing more
    QUrl page;    // of the vendor, likewise
    QString id() const { return key; }
    bool operator==(const FactRow &) const = default;
};

class FactsModel : public KeyedRows<FactRow>
{
    Q_OBJECT
public:
    enum Role { RowRole = Qt::UserRole + 380 };
    using KeyedRows::KeyedRows;
    using KeyedRows::setRows;

    int columnCount(const QModelIndex &parent = {}) const override { return parent.isValid() ? 0 : 1; }
    QVariant data(const QModelIndex &index, int role) const override;
};

class FactDelegate : public QStyledItemDelegate
{
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
};

} // namespace signalbox

Q_DECLARE_METATYPE(signalbox::FactRow)
