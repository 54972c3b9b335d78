#pragma once

#include "models/policy/promotionboard.h"

#include <QAbstractListModel>

namespace signalbox
{

// The inbox: what waits for this operator, what waits for others or for time, what was decided lately; a heading before
// each. Filtered and sorted here, since headings have to follow. Rows keep their place while the board changes.
class PromotionsModel : public QAbstractListModel
{
    Q_OBJECT
public:
    enum class Order { Oldest, Application, Riskiest };
    Q_ENUM(Order)
    enum Role {
        HeadingRole = Qt::UserRole + 340, // bool: the row is a heading
        CountRole,                        // int, of a heading: the cards below it
        CardRole,                         // policy::PromotionCard
        MineRole,                         // bool: waits for this operator
        DecidedRole,                      // bool: no longer open
    };

    using QAbstractListModel::QAbstractListModel;

    void show(const policy::PromotionBoard &board);
    void setWords(const QString &text); // all of them have to occur
    void setOrder(Order order);
    Order order() const { return m_order; }
    int rowOf(const QString &id) const; // -1: none, or filtered out
    int firstCard() const;              // -1: none
    int shownCards() const;

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;

private:
    struct Row
    {
        QString heading; // empty: a card
        int count = 0;
        policy::PromotionCard card;
        bool isMine = false;
        bool isDecided = false;
        bool operator==(const Row &) const = default;
    };
    void rebuild();
    void append(QList<Row> &rows, const QString &heading, QList<policy::PromotionCard> cards, bool isMine,
                bool isDecided) const;
    bool accepts(const policy::PromotionCard &card) const;
    void apply(const QList<Row> &rows);
    static QString keyOf(const Row &row);

    QList<policy::PromotionCard> m_open;
    QList<policy::PromotionCard> m_decided;
    QList<Row> m_rows;
    QStringList m_words;
    Order m_order = Order::Oldest;
};

Health healthOf(const policy::PromotionCard &card);
QString versionOf(const policy::PromotionCard &card); // version, else the short digest or commit
QString spokenCard(const policy::PromotionCard &card);

} // namespace signalbox

Q_DECLARE_METATYPE(signalbox::policy::PromotionCard)
