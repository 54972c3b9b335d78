#include "models/items/promotionsmodel.h"

#include "models/items/filterproxy.h"
#include "models/items/roles.h"

#include <QSet>

#include <algorithm>

namespace signalbox
{

using policy::PromotionBoard;
using policy::PromotionCard;

Health healthOf(const PromotionCard &card)
{
    switch (card.state) {
    case PromotionCard::State::Waiting:
        return Health::Waiting;
    case PromotionCard::State::Blocked:
        return Health::Warning;
    case PromotionCard::State::Ready:
    case PromotionCard::State::Done:
        return Health::Ok;
    case PromotionCard::State::UnderWay:
        return Health::InProgress;
    case PromotionCard::State::Rejected:
    case PromotionCard::State::Ended:
        return Health::Failing;
    case PromotionCard::State::Replaced:
        break;
    }
    return Health::NotStarted;
}

QString versionOf(const PromotionCard &card)
{
    if (!card.request.version.isEmpty())
        return card.request.version;
    const policy::Subject &subject = card.request.subject;
    return subject.digest.isEmpty() ? policy::shortCommit(subject.commit) : policy::shortDigest(subject.digest);
}

QString spokenCard(const PromotionCard &card)
{
    QStringList words{PromotionsModel::tr("%1 %2 to %3")
                          .arg(card.request.subject.application, versionOf(card), card.request.subject.environment),
                      policy::cardStateLabel(card.state)};
    if (card.approvalsAsked() > 0)
        words << PromotionsModel::tr("%1 of %2 approvals").arg(card.approvalsGiven()).arg(card.approvalsAsked());
    words << PromotionsModel::tr("asked for by %1").arg(card.requester);
    if (!card.isLive())
        words << PromotionsModel::tr("not live");
    else if (card.waitsForOperator())
        words << PromotionsModel::tr("waits for you");
    return words.join(QStringLiteral(", "));
}

void PromotionsModel::show(const PromotionBoard &board)
{
    m_open = board.open;
    m_decided = board.decided;
    rebuild();
}

void PromotionsModel::setWords(const QString &text)
{
    m_words = text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    rebuild();
}

void PromotionsModel::setOrder(Order order)
{
    m_order = order;
    rebuild();
}

bool PromotionsModel::accepts(const PromotionCard &card) const
{
    if (m_words.isEmpty())
        return true;
    const QString text = QStringList{card.id,
                                     card.request.subject.application,
                                     card.request.subject.environment,
                                     versionOf(card),
                                     card.requester,
                                     card.request.subject.digest,
                                     card.request.subject.commit,
                                     policy::cardStateLabel(card.state),
                                     card.request.reason}
                             .join(QLatin1Char(' '));
    return std::all_of(m_words.cbegin(), m_words.cend(),
                       [&text](const QString &word) { return text.contains(word, Qt::CaseInsensitive); });
}

void PromotionsModel::append(QList<Row> &rows, const QString &heading, QList<PromotionCard> cards, bool isMine,
                             bool isDecided) const
{
    cards.removeIf([this](const PromotionCard &card) { return !accepts(card); });
    if (cards.isEmpty())
        return;
    if (!isDecided && m_order == Order::Application)
        std::stable_sort(cards.begin(), cards.end(), [](const PromotionCard &a, const PromotionCard &b) {
            return compareNaturally(a.request.subject.application, b.request.subject.application) < 0;
        });
    else if (!isDecided && m_order == Order::Riskiest)
        std::stable_sort(cards.begin(), cards.end(), [](const PromotionCard &a, const PromotionCard &b) {
            return a.risk.probability.value_or(-1) > b.risk.probability.value_or(-1);
        });
    else if (!isDecided)
        std::stable_sort(cards.begin(), cards.end(),
                         [](const PromotionCard &a, const PromotionCard &b) { return a.requestedAt < b.requestedAt; });
    Row head;
    head.heading = heading;
    head.count = static_cast<int>(cards.size());
    rows.append(head);
    for (const PromotionCard &card : std::as_const(cards))
        rows.append({{}, 0, card, isMine, isDecided});
}

void PromotionsModel::rebuild()
{
    QList<PromotionCard> mine;
    QList<PromotionCard> others;
    for (const PromotionCard &card : std::as_const(m_open))
        (card.waitsForOperator() ? mine : others).append(card);
    QList<Row> rows;
    append(rows, tr("Waiting for you"), mine, true, false);
    append(rows, mine.isEmpty() ? tr("Open") : tr("Waiting for others"), others, false, false);
    append(rows, tr("Recently decided"), m_decided, false, true);
    apply(rows);
}

QString PromotionsModel::keyOf(const Row &row)
{
    return row.heading.isEmpty() ? row.card.id : QLatin1Char(' ') + row.heading;
}

// The fewest signals: the selection stays on its card.
void PromotionsModel::apply(const QList<Row> &rows)
{
    const auto indexOf = [](const QList<Row> &list, const QString &key, qsizetype from) -> qsizetype {
        for (qsizetype i = from; i < list.size(); ++i) {
            if (keyOf(list[i]) == key)
                return i;
        }
        return -1;
    };
    const auto keysOf = [](const QList<Row> &list) {
        QSet<QString> keys;
        keys.reserve(list.size());
        for (const Row &row : list)
            keys.insert(keyOf(row));
        return keys;
    };
    const QSet<QString> wanted = keysOf(rows);
    for (qsizetype i = m_rows.size() - 1; i >= 0; --i) {
        if (wanted.contains(keyOf(m_rows.at(i))))
            continue;
        beginRemoveRows({}, int(i), int(i));
        m_rows.removeAt(i);
        endRemoveRows();
    }
    const QSet<QString> known = keysOf(m_rows);
    for (qsizetype i = 0; i < rows.size(); ++i) {
        if (i < m_rows.size() && keyOf(m_rows[i]) == keyOf(rows[i])) {
            if (m_rows[i] == rows[i])
                continue;
            m_rows[i] = rows[i];
            emit dataChanged(index(int(i)), index(int(i)));
            continue;
        }
        const qsizetype from = known.contains(keyOf(rows[i])) ? indexOf(m_rows, keyOf(rows[i]), i) : -1;
        if (from < 0) {
            qsizetype end = i + 1; // neighbours come together
            while (end < rows.size() && !known.contains(keyOf(rows[end])))
                ++end;
            beginInsertRows({}, int(i), int(end) - 1);
            m_rows.insert(i, end - i, Row());
            std::copy(rows.cbegin() + i, rows.cbegin() + end, m_rows.begin() + i);
            endInsertRows();
            i = end - 1;
            continue;
        }
        beginMoveRows({}, int(from), int(from), {}, int(i));
        m_rows.move(from, i);
        endMoveRows();
        if (!(m_rows[i] == rows[i])) {
            m_rows[i] = rows[i];
            emit dataChanged(index(int(i)), index(int(i)));
        }
    }
}

int PromotionsModel::rowOf(const QString &id) const
{
    for (int i = 0; i < m_rows.size(); ++i) {
        if (m_rows[i].heading.isEmpty() && m_rows[i].card.id == id)
            return i;
    }
    return -1;
}

int PromotionsModel::firstCard() const
{
    for (int i = 0; i < m_rows.size(); ++i) {
        if (m_rows[i].heading.isEmpty())
            return i;
    }
    return -1;
}

int PromotionsModel::shownCards() const
{
    return static_cast<int>(
        std::count_if(m_rows.cbegin(), m_rows.cend(), [](const Row &row) { return row.heading.isEmpty(); }));
}

int PromotionsModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

Qt::ItemFlags PromotionsModel::flags(const QModelIndex &index) const
{
    if (index.isValid() && !m_rows[index.row()].heading.isEmpty())
        return Qt::NoItemFlags;
    return QAbstractListModel::flags(index);
}

QVariant PromotionsModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Row &row = m_rows[index.row()];
    const bool isHeading = !row.heading.isEmpty();
    switch (role) {
    case HeadingRole:
        return isHeading;
    case CountRole:
        return row.count;
    case Qt::DisplayRole:
        return isHeading ? row.heading
                         : QStringLiteral("%1 %2 \u2192 %3")
                               .arg(row.card.request.subject.application, versionOf(row.card),
                                    row.card.request.subject.environment);
    case Qt::AccessibleTextRole:
        return isHeading ? QStringLiteral("%1, %2").arg(row.heading).arg(row.count) : spokenCard(row.card);
    default:
        break;
    }
    if (isHeading)
        return {};
    switch (role) {
    case CardRole:
        return QVariant::fromValue(row.card);
    case MineRole:
        return row.isMine;
    case DecidedRole:
        return row.isDecided;
    case IdRole:
        return row.card.id;
    case CopyRole:
        return QStringLiteral("%1 %2").arg(row.card.id, data(index, Qt::DisplayRole).toString());
    case HealthRole:
        return static_cast<int>(healthOf(row.card));
    case Qt::ToolTipRole:
        return row.card.decision.text;
    default:
        return {};
    }
}

} // namespace signalbox
