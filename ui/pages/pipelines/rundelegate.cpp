#include "ui/pages/pipelines/rundelegate.h"

#include "models/items/runsmodel.h"
#include "ui/theme/icons.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/painting.h"
#include "ui/widgets/runsign.h"
#include "ui/widgets/timetext.h"

#include <QPainter>

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr int runHeight = 55;
constexpr int headingHeight = 34;
constexpr int sideMargin = 16;

QString runAge(const Run &run, const QDateTime &now)
{
    switch (run.state) {
    case RunState::Running:
    case RunState::Waiting:
    case RunState::Queued:
    case RunState::NotStarted:
        return runStateLabel(run.state);
    default:
        break;
    }
    const QDateTime &since = run.finishedAt.isValid() ? run.finishedAt : run.createdAt;
    const QString age = ageText(since, now);
    return !since.isValid() || since.secsTo(now) < 60 ? age : RunDelegate::tr("%1 ago").arg(age);
}

void paintRun(QPainter *painter, const QRect &area, const RunRow &row)
{
    const Tokens &t = tokens();
    const Run &run = row.run;
    const QDateTime now = row.staleFrom.isValid() ? row.staleFrom : AgeTicker::now();
    const bool isStale = row.staleFrom.isValid();
    paintRunState(painter, run.state, QRectF(area.left() + 2, area.top() + 9, 11, 18));
    const int left = area.left() + 20;
    const QRect top(left, area.top() + 8, area.right() - left, 20);
    const QRect below(left, area.top() + 28, area.right() - left, 18);

    int taken = 0;
    if (const auto took = duration(run, now))
        taken = paintText(painter, top, TextRole::MonoSmall, t.textSoft, durationText(took->count()),
                          Qt::AlignRight | Qt::AlignVCenter) +
                space::m;
    const QString number = run.number.isEmpty() ? QString() : QLatin1Char('#') + run.number;
    const int numberWide = std::min(textWidth(TextRole::Body, number), top.width() / 3);
    const int used = paintText(painter, top.adjusted(0, 0, -taken - numberWide - space::s, 0), TextRole::BodyStrong,
                               isStale ? t.textSoft : t.text, row.pipeline);
    paintText(painter, QRect(top.left() + used + space::s, top.top(), numberWide + 2, top.height()), TextRole::Body,
              t.textSoft, number);

    const QString trigger = triggerText(run.trigger);
    QStringList words{runAge(run, AgeTicker::now())};
    if (!trigger.isEmpty())
        words << trigger;
    const QString told = words.join(QStringLiteral(" · "));
    const int branchWide =
        std::min(textWidth(TextRole::MonoSmall, runWhere(run)),
                 std::max(below.width() * 2 / 5, below.width() - textWidth(TextRole::Small, told) - space::m));
    paintText(painter, QRect(below.left(), below.top(), branchWide, below.height()), TextRole::MonoSmall,
              isStale ? t.textSoft : t.text, runWhere(run));
    const QRect rest = below.adjusted(branchWide + space::m, 0, 0, 0);
    paintText(painter, rest, TextRole::Small, t.textSoft, told, Qt::AlignRight | Qt::AlignVCenter);
}

} // namespace

QSize RunDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &index) const
{
    const bool isRun = index.data(RunsModel::KindRole).toInt() == static_cast<int>(RunRow::Kind::Run);
    return {220, isRun ? runHeight : headingHeight};
}

void RunDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const Tokens &t = tokens();
    const auto row = index.data(RunsModel::RowRole).value<RunRow>();
    painter->save();
    const QRect area = option.rect.adjusted(sideMargin, 0, -14, -1);
    if (row.kind == RunRow::Kind::Heading) {
        const int used = paintText(painter, area, TextRole::BodyStrong, t.text, row.heading);
        paintText(painter, area.adjusted(used + space::s, 0, 0, 0), TextRole::Small, t.textSoft,
                  QString::number(row.count));
    } else {
        const bool isSelected = option.state.testFlag(QStyle::State_Selected);
        if (isSelected)
            painter->fillRect(option.rect, t.selected);
        else if (option.state.testFlag(QStyle::State_MouseOver))
            painter->fillRect(option.rect, t.raised);
        if (isSelected) {
            const auto *view = qobject_cast<const QWidget *>(option.widget);
            painter->fillRect(QRect(option.rect.left(), option.rect.top(), 3, option.rect.height() - 1),
                              view && view->hasFocus() ? t.focus : t.accent.solid);
        }
        if (row.kind == RunRow::Kind::More)
            paintText(painter, area, TextRole::Small, t.accent.text, index.data().toString(), Qt::AlignCenter);
        else
            paintRun(painter, area, row);
    }
    painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), t.hairline);
    painter->restore();
}

} // namespace signalbox
