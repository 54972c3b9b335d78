#include "ui/pages/pipelines/stagetimes.h"

#include "ui/theme/icons.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/painting.h"
#include "ui/widgets/runsign.h"
#include "ui/widgets/timetext.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <utility>

namespace signalbox
{

namespace
{

constexpr int edge = 14;
constexpr int mostTitle = 150;
constexpr qint64 leastGap = 60'000;
constexpr double muchLonger = 1.25; // times of one stage scatter; from here on it is said

qint64 tookOf(const StageTimes::Row &row)
{
    const QDateTime end = row.finishedAt.isValid() ? row.finishedAt : AgeTicker::now();
    return std::max<qint64>(0, row.startedAt.msecsTo(end));
}

bool isLong(const StageTimes::Row &row)
{
    return row.usual && double(tookOf(row)) > muchLonger * double(row.usual->count()) &&
           tookOf(row) - row.usual->count() > 2000;
}

} // namespace

StageTimes::StageTimes(QWidget *parent)
    : QWidget(parent)
{
    setAccessibleName(tr("Stage times"));
    connect(&AgeTicker::ticker(), &AgeTicker::ticked, this, [this] {
        if (!isVisible() ||
            std::none_of(m_rows.cbegin(), m_rows.cend(), [](const Row &row) { return !row.finishedAt.isValid(); }))
            return;
        update();
        describe();
    });
}

void StageTimes::setRows(const QList<Row> &rows)
{
    if (rows == m_rows)
        return;
    const bool isTaller = rows.size() != m_rows.size();
    m_rows = rows;
    describe();
    if (isTaller)
        updateGeometry();
    update();
}

// Of what goes on the words are old after a second.
void StageTimes::describe()
{
    QStringList words;
    for (const Row &row : std::as_const(m_rows))
        words << spoken(row);
    const QString description = words.join(QStringLiteral(". "));
    if (description == accessibleDescription())
        return;
    setAccessibleDescription(description);
}

void StageTimes::setChosen(const QString &id)
{
    if (id == m_chosen)
        return;
    m_chosen = id;
    update();
}

QString StageTimes::spoken(const Row &row) const
{
    QStringList words{row.title, runStateLabel(row.state), durationText(tookOf(row))};
    if (row.usual)
        words << tr("usually %1").arg(durationText(row.usual->count()));
    return words.join(QStringLiteral(", "));
}

QSize StageTimes::sizeHint() const
{
    return {360, int(m_rows.size()) * rowHeight + 2 * space::s};
}

QSize StageTimes::minimumSizeHint() const
{
    return {200, sizeHint().height()};
}

int StageTimes::rowAt(const QPoint &point) const
{
    const int row = (point.y() - space::s) / rowHeight;
    return point.y() >= space::s && row < m_rows.size() ? row : -1;
}

bool StageTimes::event(QEvent *event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto *help = static_cast<QHelpEvent *>(event);
    const int row = rowAt(help->pos());
    if (row >= 0)
        QToolTip::showText(help->globalPos(),
                           spoken(m_rows[row]) + QLatin1Char('\n') + timeToolTip(m_rows[row].startedAt), this);
    else
        QToolTip::hideText();
    return true;
}

void StageTimes::mouseReleaseEvent(QMouseEvent *event)
{
    const int row = event->button() == Qt::LeftButton ? rowAt(event->position().toPoint()) : -1;
    if (row >= 0)
        emit activated(m_rows[row].id);
}

double StageTimes::Scale::at(qint64 milliseconds) const
{
    double pixels = 0;
    qint64 still = 0;
    for (const Gap &gap : gaps) {
        if (milliseconds < gap.to)
            break;
        still += gap.to - gap.from;
        pixels += gapWide;
    }
    return left + pixels + room * double(milliseconds - still) / double(worked);
}

// A wait of hours between stages of minutes would leave of each a line.
StageTimes::Scale StageTimes::scale() const
{
    Scale made;
    made.first = m_rows.first().startedAt;
    made.titleWide = 60;
    made.figureWide = 40;
    for (const Row &row : m_rows) {
        made.first = std::min(made.first, row.startedAt);
        made.titleWide = std::max(made.titleWide, textWidth(TextRole::Small, row.title));
        made.figureWide = std::max(made.figureWide, textWidth(TextRole::MonoSmall, durationText(tookOf(row))));
    }
    QList<Gap> spans; // at work
    for (const Row &row : m_rows) {
        const qint64 from = made.first.msecsTo(row.startedAt);
        spans.append({from, from + std::max<qint64>(tookOf(row), row.usual ? row.usual->count() : 0)});
    }
    std::sort(spans.begin(), spans.end(), [](const Gap &a, const Gap &b) { return a.from < b.from; });
    qint64 worked = 0;
    qint64 end = 0;
    QList<Gap> still;
    for (const Gap &span : std::as_const(spans)) {
        if (span.from > end)
            still.append({end, span.from});
        worked += std::max<qint64>(0, span.to - std::max(span.from, end));
        end = std::max(end, span.to);
    }
    for (const Gap &gap : std::as_const(still)) {
        if (gap.to - gap.from >= leastGap && gap.to - gap.from > worked / 2)
            made.gaps.append(gap);
        else
            worked += gap.to - gap.from;
    }
    made.worked = std::max<qint64>(1, worked);
    made.titleWide = std::min({made.titleWide, mostTitle, width() / 3});
    made.left = edge + made.titleWide + space::l;
    made.room =
        std::max(20.0, width() - made.left - made.figureWide - space::m - edge - double(made.gaps.size()) * gapWide);
    return made;
}

QRectF StageTimes::barAt(const Scale &scale, int row) const
{
    const Row &one = m_rows[row];
    const double wide = scale.room * double(tookOf(one)) / double(scale.worked);
    return {scale.at(scale.first.msecsTo(one.startedAt)), double(space::s + row * rowHeight + 6), std::max(3.0, wide),
            double(rowHeight - 12)};
}

QRectF StageTimes::barOf(int row) const
{
    return barAt(scale(), row);
}

void StageTimes::paintEvent(QPaintEvent *)
{
    if (m_rows.isEmpty())
        return;
    const Tokens &t = tokens();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Scale scale = this->scale();
    for (int i = 0; i < m_rows.size(); ++i) {
        const Row &row = m_rows[i];
        const int top = space::s + i * rowHeight;
        const bool isChosen = row.id == m_chosen;
        paintText(&painter, QRect(edge, top, scale.titleWide + 2, rowHeight), TextRole::Small,
                  isChosen ? t.text : t.textSoft, row.title);
        painter.setPen(Qt::NoPen);
        const QRectF bar = barAt(scale, i);
        if (row.usual) {
            const double wide = scale.room * double(row.usual->count()) / double(scale.worked);
            painter.setBrush(t.line);
            painter.drawRoundedRect(QRectF(bar.left(), top + 3, std::max(3.0, wide), rowHeight - 6), 3, 3);
        }
        painter.setBrush(runStateTone(row.state).solid);
        painter.drawRoundedRect(bar, 3, 3);
        // Before the stage that ended a time in which nothing ran, in place of its length.
        const qint64 from = scale.first.msecsTo(row.startedAt);
        painter.setBrush(t.textFaint);
        for (const Gap &gap : scale.gaps) {
            for (int dot = 0; gap.to == from && dot < 3; ++dot)
                painter.drawEllipse(QPointF(bar.left() - gapWide + 4 + 4 * dot, top + rowHeight / 2.0), 1.2, 1.2);
        }
        const QRect figure(width() - edge - scale.figureWide, top, scale.figureWide + 1, rowHeight);
        paintText(&painter, figure, TextRole::MonoSmall, isLong(row) ? t.warning.text : t.textSoft,
                  durationText(tookOf(row)), Qt::AlignRight | Qt::AlignVCenter);
        if (isLong(row))
            paintState(&painter, Health::Warning, QRectF(figure.left() - 13, top + 7, 10, 10));
    }
}

} // namespace signalbox
