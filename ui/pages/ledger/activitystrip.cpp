#include "ui/pages/ledger/activitystrip.h"

#include "models/stores/ledgertable.h"
#include "ui/pages/ledger/ledgercells.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/painting.h"

#include <QAccessible>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>

namespace signalbox
{

namespace
{

QString counted(int entries)
{
    return entries == 1 ? ActivityStrip::tr("1 entry") : ActivityStrip::tr("%1 entries").arg(entries);
}

constexpr int side = 14;
constexpr int below = 20; // for the dates

} // namespace

ActivityStrip::ActivityStrip(QWidget *parent)
    : QWidget(parent)
    , m_bins(binCount)
{
    setObjectName(QStringLiteral("ledgerTimeline"));
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    tell();
}

void ActivityStrip::show(const LedgerTable &table, const std::vector<quint32> &rows)
{
    std::fill(m_bins.begin(), m_bins.end(), Bin{});
    m_total = static_cast<int>(rows.size());
    m_most = 0;
    if (!rows.empty()) {
        // Dates may go back in what is not to be trusted.
        m_from = m_to = table.at(rows.front());
        for (const quint32 row : rows) {
            m_from = std::min(m_from, table.at(row));
            m_to = std::max(m_to, table.at(row));
        }
        m_to = std::max(m_to + 1, m_from + binCount * 1000LL);
        for (const quint32 row : rows) {
            const auto bin = static_cast<size_t>((table.at(row) - m_from) * binCount / (m_to - m_from));
            Bin &one = m_bins[std::min<size_t>(bin, binCount - 1)];
            ++one.all;
            one.bad += table.proof(row) == LedgerProof::Bad ? 1 : 0;
            m_most = std::max(m_most, one.all);
        }
    }
    tell();
    update();
}

void ActivityStrip::setChosen(const QDateTime &from, const QDateTime &to)
{
    m_isChosen = from.isValid() || to.isValid();
}

QString ActivityStrip::text() const
{
    if (m_total == 0)
        return tr("No entries in this time");
    int bad = 0;
    for (const Bin &bin : m_bins)
        bad += bin.bad;
    const QString span = tr("%1 from %2 to %3")
                             .arg(counted(m_total), dateText(QDateTime::fromMSecsSinceEpoch(m_from, Qt::UTC)),
                                  dateText(QDateTime::fromMSecsSinceEpoch(m_to - 1, Qt::UTC)));
    return bad == 0 ? span : tr("%1, %2 of them not to be trusted").arg(span).arg(bad);
}

void ActivityStrip::tell()
{
    setAccessibleName(tr("Time line"));
    const QString told = m_cursor >= 0 ? binText(m_cursor) : text();
    if (told == accessibleDescription())
        return;
    setAccessibleDescription(told);
    if (QAccessible::isActive()) {
        QAccessibleEvent event(this, QAccessible::DescriptionChanged);
        QAccessible::updateAccessibility(&event);
    }
}

QRect ActivityStrip::plot() const
{
    return rect().adjusted(side, 6, -side, -below);
}

int ActivityStrip::binAt(int x) const
{
    const QRect area = plot();
    return std::clamp((x - area.left()) * binCount / std::max(1, area.width()), 0, binCount - 1);
}

double ActivityStrip::xOf(int bin) const
{
    const QRect area = plot();
    return area.left() + static_cast<double>(area.width()) * bin / binCount;
}

QDateTime ActivityStrip::timeOf(int bin) const
{
    return QDateTime::fromMSecsSinceEpoch(m_from + (m_to - m_from) * bin / binCount, Qt::UTC);
}

QString ActivityStrip::binText(int bin) const
{
    const Bin &one = m_bins[static_cast<size_t>(bin)];
    const QString when = tr("%1 to %2").arg(dateText(timeOf(bin)), dateText(timeOf(bin + 1)));
    return one.bad > 0 ? tr("%1: %2, %3 not to be trusted").arg(when, counted(one.all)).arg(one.bad)
                       : QStringLiteral("%1: %2").arg(when, counted(one.all));
}

void ActivityStrip::paintEvent(QPaintEvent *)
{
    const Tokens &t = tokens();
    QPainter painter(this);
    const QRect area = plot();
    painter.fillRect(QRect(area.left(), area.bottom() + 1, area.width(), 1), t.line);
    if (m_total == 0) {
        paintText(&painter, area, TextRole::Small, t.textSoft, text());
        return;
    }
    if (m_anchor >= 0 && m_cursor >= 0) {
        const double left = xOf(std::min(m_anchor, m_cursor));
        painter.fillRect(QRectF(left, area.top(), xOf(std::max(m_anchor, m_cursor) + 1) - left, area.height()),
                         t.raised);
    }
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    for (int i = 0; i < binCount; ++i) {
        const Bin &bin = m_bins[static_cast<size_t>(i)];
        if (bin.all == 0)
            continue;
        const double height = std::max(3.0, static_cast<double>(area.height()) * bin.all / m_most);
        const QRectF bar(xOf(i) + 1, area.bottom() + 1 - height, xOf(i + 1) - xOf(i) - 2, height);
        painter.setBrush(t.accent.solid);
        painter.drawRoundedRect(bar, 1.5, 1.5);
        if (bin.bad == 0)
            continue;
        // Not by its colour alone: it stands above the bar as a sign.
        painter.setBrush(t.failing.text);
        const double middle = bar.center().x();
        const double top = std::max<double>(area.top() - 4, bar.top() - 8);
        const QPointF cross[] = {{middle - 3, top}, {middle + 3, top + 6}, {middle + 3, top}, {middle - 3, top + 6}};
        painter.setPen(QPen(t.failing.text, 1.8));
        painter.drawLine(cross[0], cross[1]);
        painter.drawLine(cross[2], cross[3]);
        painter.setPen(Qt::NoPen);
    }
    painter.setRenderHint(QPainter::Antialiasing, false);
    if (hasFocus() && m_cursor >= 0)
        paintFocusRing(
            &painter,
            QRectF(xOf(m_cursor) - 1, area.top() - 2, xOf(m_cursor + 1) - xOf(m_cursor) + 2, area.height() + 4), 2);
    const QRect dates(area.left(), area.bottom() + 3, area.width(), below - 4);
    paintText(&painter, dates, TextRole::Caption, t.textFaint, dateText(timeOf(0)));
    paintText(&painter, dates, TextRole::Caption, t.textFaint, dateText(timeOf(binCount)),
              Qt::AlignRight | Qt::AlignVCenter);
    if (hasFocus() && m_cursor < 0)
        paintFocusRing(&painter, QRectF(rect()).adjusted(4, 2, -4, -2), radius::small);
}

void ActivityStrip::choose()
{
    const int first = std::min(m_anchor, m_cursor);
    const int last = std::max(m_anchor, m_cursor);
    m_anchor = m_cursor = -1;
    if (first >= 0 && m_total > 0)
        emit chosen(timeOf(first), timeOf(last + 1));
}

void ActivityStrip::keyPressEvent(QKeyEvent *event)
{
    const int step = event->key() == Qt::Key_Left ? -1 : event->key() == Qt::Key_Right ? 1 : 0;
    if (step != 0 && m_total > 0) {
        m_cursor = m_cursor < 0 ? (step > 0 ? 0 : binCount - 1) : std::clamp(m_cursor + step, 0, binCount - 1);
        if (m_anchor < 0 || !event->modifiers().testFlag(Qt::ShiftModifier))
            m_anchor = m_cursor;
    } else if ((event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) && m_cursor >= 0) {
        choose();
    } else if (event->key() == Qt::Key_Escape && (m_cursor >= 0 || m_isChosen)) {
        m_anchor = m_cursor = -1;
        if (m_isChosen)
            emit chosen({}, {});
    } else {
        QWidget::keyPressEvent(event);
        return;
    }
    tell();
    update();
}

void ActivityStrip::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton || m_total == 0)
        return;
    m_isDragging = true;
    m_anchor = m_cursor = binAt(event->pos().x());
    update();
}

void ActivityStrip::mouseMoveEvent(QMouseEvent *event)
{
    if (!m_isDragging)
        return;
    m_cursor = binAt(event->pos().x());
    update();
}

void ActivityStrip::mouseReleaseEvent(QMouseEvent *)
{
    if (!std::exchange(m_isDragging, false))
        return;
    choose();
    update();
}

bool ActivityStrip::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip && m_total > 0) {
        const auto *help = static_cast<QHelpEvent *>(event);
        QToolTip::showText(help->globalPos(), binText(binAt(help->pos().x())), this);
        return true;
    }
    return QWidget::event(event);
}

} // namespace signalbox
