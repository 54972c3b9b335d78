#include "ui/pages/drills/drilllist.h"

#include "ui/theme/icons.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/painting.h"

#include <QPainter>

namespace signalbox
{

namespace
{

constexpr int rowHeight = 62;

QString attemptsText(const DrillRow &row)
{
    if (row.isUnderWay)
        return DrillDelegate::tr("under way");
    if (row.attempts == 0)
        return DrillDelegate::tr("not tried yet");
    const QString last = row.last ? drillVerdictText(row.last->verdict) : QString();
    return row.attempts == 1 ? DrillDelegate::tr("1 attempt · %1").arg(last)
                             : DrillDelegate::tr("%1 attempts · last one %2").arg(row.attempts).arg(last);
}

Health signOf(const DrillRow &row)
{
    if (row.isUnderWay)
        return Health::InProgress;
    return row.last ? healthOf(row.last->verdict) : Health::NotStarted;
}

} // namespace

Health healthOf(DrillVerdict verdict)
{
    switch (verdict) {
    case DrillVerdict::Passed:
        return Health::Ok;
    case DrillVerdict::Mistaken:
        return Health::Warning;
    case DrillVerdict::Failed:
        return Health::Failing;
    case DrillVerdict::Abandoned:
        break;
    }
    return Health::Unknown;
}

void DrillListModel::apply(const QList<DrillRow> &rows)
{
    bool isSame = rows.size() == m_rows.size();
    for (qsizetype i = 0; isSame && i < rows.size(); ++i)
        isSame = rows[i].info.name == m_rows[i].info.name;
    if (!isSame) {
        beginResetModel();
        m_rows = rows;
        endResetModel();
        return;
    }
    for (int row = 0; row < m_rows.size(); ++row) {
        if (m_rows[row] == rows[row])
            continue;
        m_rows[row] = rows[row];
        emit dataChanged(index(row), index(row));
    }
}

int DrillListModel::rowOf(const QString &drill) const
{
    for (int row = 0; row < m_rows.size(); ++row) {
        if (m_rows[row].info.name == drill)
            return row;
    }
    return -1;
}

int DrillListModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant DrillListModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const DrillRow &row = m_rows[index.row()];
    switch (role) {
    case RowRole:
        return QVariant::fromValue(row);
    case Qt::DisplayRole:
        return row.info.title;
    case Qt::AccessibleTextRole: {
        QStringList words{row.info.title, row.info.application, attemptsText(row)};
        if (row.best && row.best->restoreMs)
            words << tr("best %1").arg(drillClockText(*row.best->restoreMs));
        return words.join(QStringLiteral(", "));
    }
    default:
        return {};
    }
}

void DrillDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const auto row = index.data(DrillListModel::RowRole).value<DrillRow>();
    const Tokens &t = tokens();
    const bool isChosen = option.state.testFlag(QStyle::State_Selected);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const QRect frame = option.rect.adjusted(space::s, 2, -space::s, -2);
    if (isChosen) {
        paintRoundedFrame(painter, QRectF(frame), radius::panel, t.raised, t.accent.solid);
        if (option.state.testFlag(QStyle::State_HasFocus))
            paintFocusRing(painter, QRectF(frame), radius::panel);
    } else if (option.state.testFlag(QStyle::State_MouseOver)) {
        paintRoundedFrame(painter, QRectF(frame), radius::panel, t.raised, t.raised);
    }
    const int left = frame.left() + space::m;
    paintState(painter, signOf(row), QRectF(left, frame.top() + 15, size::sign, size::sign));
    QRect top(left + space::xl, frame.top() + 9, frame.width() - space::xl - 2 * space::m, 20);
    if (row.best && row.best->restoreMs) {
        const QString best = drillClockText(*row.best->restoreMs);
        const int width = textWidth(TextRole::Mono, best);
        paintText(painter, top, TextRole::Mono, t.text, best, Qt::AlignRight | Qt::AlignVCenter);
        top.setRight(top.right() - width - space::s);
    }
    paintText(painter, top, TextRole::BodyStrong, t.text, row.info.title);
    const QRect below(left + space::xl, frame.top() + 30, frame.width() - space::xl - 2 * space::m, 18);
    const int used =
        paintText(painter, below, TextRole::Small, t.textSoft, row.info.application + QStringLiteral(" · "));
    paintText(painter, below.adjusted(used, 0, 0, 0), TextRole::Small, t.textSoft, attemptsText(row));
    painter->restore();
}

QSize DrillDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const
{
    return {240, rowHeight};
}

} // namespace signalbox
