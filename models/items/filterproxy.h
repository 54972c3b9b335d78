#pragma once

#include <QSortFilterProxyModel>
#include <QStringList>

#include <functional>

namespace signalbox
{

// Keeps rows in which every typed word occurs (in column 0's FilterRole, without regard to case) and that `accepts`, if
// set, takes. Sorts by SortRole; numbers within texts count as numbers.
class FilterProxy : public QSortFilterProxyModel
{
    Q_OBJECT
public:
    explicit FilterProxy(QObject *parent = nullptr);

    void setWords(const QString &text);
    void setAccepts(std::function<bool(const QModelIndex &sourceRow)> accepts);

protected:
    bool filterAcceptsRow(int row, const QModelIndex &parent) const override;
    bool lessThan(const QModelIndex &left, const QModelIndex &right) const override;

private:
    QStringList m_words;
    std::function<bool(const QModelIndex &)> m_accepts;
};

// "web-2" before "web-10".
int compareNaturally(const QString &a, const QString &b);

} // namespace signalbox
