#include "ui/pages/rollback/choicelist.h"

#include "ui/theme/icons.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/painting.h"
#include "ui/widgets/timetext.h"

#include <QAbstractItemView>
#include <QPainter>

namespace signalbox
{

namespace
{

constexpr int rowHeight = 64;
constexpr int lineHeight = 18; // of what speaks for or against it
constexpr int mostLines = 2;
constexpr int timeline = 34; // width of the column with the dots

bool isBad(const RollbackChoice &choice)
{
    return choice.readiness == Health::Warning || choice.readiness == Health::Failing;
}

QString wordsOf(const RollbackChoice &choice)
{
    QString words = choice.text; // the hash stands above
    words.remove(QStringLiteral(" (%1)").arg(choice.hash)).remove(QStringLiteral(" (%1)").arg(choice.hash.left(10)));
    return words;
}

// For its words, in a row of this width; beside the sign of one that is bad.
int roomForWords(const RollbackChoice &choice, int rowWidth)
{
    return rowWidth - 2 * space::s - timeline - space::s - space::m - (isBad(choice) ? size::sign + space::xs : 0);
}

// Fact by fact, so that none is torn apart; what does not fit in the last line is cut there.
QStringList linesOf(const QString &words, int room)
{
    const QString between = QStringLiteral(" · ");
    QStringList lines{QString()};
    for (const QString &fact : words.split(between)) {
        QString &last = lines.last();
        const QString longer = last.isEmpty() ? fact : last + between + fact;
        if (last.isEmpty() || lines.size() == mostLines || textWidth(TextRole::Small, longer) <= room)
            last = longer;
        else
            lines.append(fact);
    }
    return lines;
}

QString spoken(const RollbackChoice &choice)
{
    QStringList words{choice.version, choice.hash};
    if (choice.isLive)
        words << ChoiceDelegate::tr("live");
    if (isBad(choice) && choice.isLive)
        words << healthLabel(choice.readiness);
    if (choice.isSuggested)
        words << ChoiceDelegate::tr("suggested");
    words << choice.text << ageText(choice.since, AgeTicker::now());
    words.removeAll(QString());
    return words.join(QStringLiteral(", "));
}

} // namespace

void ChoiceModel::apply(const QList<RollbackChoice> &choices)
{
    bool same = choices.size() == m_choices.size();
    for (qsizetype i = 0; same && i < choices.size(); ++i)
        same = choices[i].id == m_choices[i].id;
    if (!same) {
        beginResetModel();
        m_choices = choices;
        endResetModel();
        return;
    }
    for (int row = 0; row < m_choices.size(); ++row) {
        if (m_choices[row] == choices[row])
            continue;
        m_choices[row] = choices[row];
        emit dataChanged(index(row), index(row));
    }
}

int ChoiceModel::rowOf(const QString &id) const
{
    for (int row = 0; row < m_choices.size(); ++row) {
        if (m_choices[row].id == id)
            return row;
    }
    return -1;
}

int ChoiceModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_choices.size());
}

QVariant ChoiceModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const RollbackChoice &choice = m_choices[index.row()];
    switch (role) {
    case ChoiceRole:
        return QVariant::fromValue(choice);
    case Qt::DisplayRole:
        return QStringLiteral("%1 %2").arg(choice.version, choice.hash);
    case Qt::AccessibleTextRole:
        return spoken(choice);
    case Qt::ToolTipRole:
        return QStringLiteral("%1\n%2").arg(choice.text, timeToolTip(choice.since));
    default:
        return {};
    }
}

void ChoiceDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const auto choice = index.data(ChoiceModel::ChoiceRole).value<RollbackChoice>();
    const Tokens &t = tokens();
    const bool isChosen = option.state.testFlag(QStyle::State_Selected);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const QRect row = option.rect.adjusted(space::s, 2, -space::s, -2);
    const bool isLiveAndWell = choice.isLive && choice.readiness == Health::Ok;
    const Tone &tone = choice.isSuggested && (isLiveAndWell || !choice.isLive) ? t.green
                       : isLiveAndWell                                         ? t.accent
                       : choice.isLive                                         ? stateTone(choice.readiness)
                                                                               : t.neutral;
    if (isChosen) {
        paintRoundedFrame(painter, QRectF(row), radius::panel, t.raised, choice.isSuggested ? t.green.text : t.outline);
        if (option.state.testFlag(QStyle::State_HasFocus))
            paintFocusRing(painter, QRectF(row), radius::panel);
    } else if (option.state.testFlag(QStyle::State_MouseOver)) {
        paintRoundedFrame(painter, QRectF(row), radius::panel, t.raised, t.raised);
    }

    const QPointF dot(row.left() + space::xl, row.center().y());
    painter->setPen(QPen(t.outline, 1.5));
    painter->drawLine(QPointF(dot.x(), row.top() + 6), QPointF(dot.x(), row.bottom() - 6));
    const bool isSolid = choice.isLive || choice.isSuggested || isChosen;
    painter->setPen(QPen(choice.readiness == Health::Ok || choice.readiness == Health::Unknown
                             ? tone.text
                             : stateTone(choice.readiness).text,
                         2));
    painter->setBrush(isSolid ? painter->pen().color() : t.panel);
    painter->drawEllipse(dot, 6, 6);

    const int left = row.left() + timeline + space::s;
    const QString age = ageText(choice.since, AgeTicker::now());
    const int ageWidth = textWidth(TextRole::Body, age) + space::s;
    QRect top(left, row.top() + 8, row.right() - ageWidth - left - space::s, 20);
    paintText(painter, QRect(row.right() - ageWidth - space::s, top.top(), ageWidth, 20), TextRole::Body, t.textSoft,
              age, Qt::AlignRight | Qt::AlignVCenter);
    top.setLeft(top.left() + paintText(painter, top, TextRole::BodyStrong, t.text, choice.version) + space::s);
    // What the badges say matters more than the end of the hash.
    int badges = choice.isLive ? badgeSize(tr("LIVE")).width() + space::s : 0;
    badges += choice.isSuggested ? badgeSize(tr("SUGGESTED")).width() + space::s : 0;
    const auto fits = [&](int letters) {
        return textWidth(TextRole::MonoSmall, choice.hash.left(letters)) + space::s + badges <= top.width();
    };
    const QString hash = choice.hash.left(fits(10) ? 10 : fits(7) || badges == 0 ? 7 : 0);
    if (!hash.isEmpty())
        top.setLeft(top.left() + paintText(painter, top, TextRole::MonoSmall, t.textSoft, hash) + space::s);
    const auto badge = [&](const QString &text, const Tone &of) {
        const QSize needs = badgeSize(text);
        if (top.width() >= needs.width())
            top.setLeft(
                paintBadge(painter, QPoint(top.left(), top.center().y() - needs.height() / 2), text, of).right() +
                space::s);
    };
    if (choice.isLive)
        badge(tr("LIVE"), choice.readiness == Health::Failing ? t.failing : t.accent);
    if (choice.isSuggested)
        badge(tr("SUGGESTED"), t.green);
    const QColor second = choice.readiness == Health::Failing   ? t.failing.text
                          : choice.readiness == Health::Warning ? t.warning.text
                                                                : t.textSoft;
    QRect below(left, top.bottom() + 2, row.right() - left - space::m, lineHeight);
    if (isBad(choice)) { // never by the colour alone
        paintState(painter, choice.readiness,
                   QRectF(below.left(), below.center().y() + 0.5 - size::sign / 2.0, size::sign, size::sign));
        below.setLeft(below.left() + size::sign + space::xs);
    }
    for (const QString &line : linesOf(wordsOf(choice), roomForWords(choice, option.rect.width()))) {
        paintText(painter, below, TextRole::Small, second, line);
        below.translate(0, lineHeight);
    }
    painter->restore();
}

QSize ChoiceDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const auto choice = index.data(ChoiceModel::ChoiceRole).value<RollbackChoice>();
    const auto *view = qobject_cast<const QAbstractItemView *>(option.widget);
    const int width = view ? view->viewport()->width() : option.rect.width();
    const auto lines = static_cast<int>(linesOf(wordsOf(choice), roomForWords(choice, width)).size());
    return {200, rowHeight + (lines - 1) * lineHeight};
}

} // namespace signalbox
