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

void StageTimes::paintEvent(QPaintEvent *)
{
    if (m_rows.isEmpty())
        return;
    const Tokens &t = tokens();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    QDateTime first = m_rows.first().startedAt;
    qint64 length = 1;
    int titleWide = 60;
    int figureWide = 40;
    for (const Row &row : std::as_const(m_rows)) {
        first = std::min(first, row.startedAt);
        titleWide = std::max(titleWide, textWidth(TextRole::Small, row.title));
        figureWide = std::max(figureWide, textWidth(TextRole::MonoSmall, durationText(tookOf(row))));
    }
    for (const Row &row : std::as_const(m_rows)) {
        const qint64 usual = row.usual ? row.usual->count() : 0;
        length = std::max(length, first.msecsTo(row.startedAt) + std::max(tookOf(row), usual));
    }
    titleWide = std::min({titleWide, mostTitle, width() / 3});
    const int left = edge + titleWide + space::l;
    const double room = std::max(20, width() - left - figureWide - space::m - edge);
    const auto wide = [&](qint64 milliseconds) { return room * double(milliseconds) / double(length); };
    int top = space::s;
    for (const Row &row : std::as_const(m_rows)) {
        const bool isChosen = row.id == m_chosen;
        paintText(&painter, QRect(edge, top, titleWide + 2, rowHeight), TextRole::Small, isChosen ? t.text : t.textSoft,
                  row.title);
        painter.setPen(Qt::NoPen);
        const double begin = left + wide(first.msecsTo(row.startedAt));
        if (row.usual) {
            painter.setBrush(t.line);
            painter.drawRoundedRect(QRectF(begin, top + 3, std::max(3.0, wide(row.usual->count())), rowHeight - 6), 3,
                                    3);
        }
        painter.setBrush(runStateTone(row.state).solid);
        painter.drawRoundedRect(QRectF(begin, top + 6, std::max(3.0, wide(tookOf(row))), rowHeight - 12), 3, 3);
        const QRect figure(width() - edge - figureWide, top, figureWide + 1, rowHeight);
        paintText(&painter, figure, TextRole::MonoSmall, isLong(row) ? t.warning.text : t.textSoft,
                  durationText(tookOf(row)), Qt::AlignRight | Qt::AlignVCenter);
        if (isLong(row))
            paintState(&painter, Health::Warning, QRectF(figure.left() - 13, top + 7, 10, 10));
        top += rowHeight;
    }
}

} // namespace signalbox
