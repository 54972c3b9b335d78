#include "ui/widgets/difflines.h"

#include "models/items/roles.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/painting.h"

#include <QClipboard>
#include <QFontMetricsF>
#include <QGuiApplication>
#include <QHeaderView>
#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>
#include <QWheelEvent>

#include <algorithm>

namespace signalbox
{

namespace
{

using Kind = UnifiedLine::Kind;

constexpr int shownLetters = 2000; // of a line, from the first visible one on: minified files have megabytes in one

// The text with its tabs made spaces, and where each letter went.
class Expanded
{
public:
    explicit Expanded(const QString &source)
        : m_source(source)
        , m_hasTabs(source.contains(QLatin1Char('\t')))
    {
        if (!m_hasTabs) {
            text = source;
            return;
        }
        m_places.reserve(source.size() + 1);
        for (const QChar c : source) {
            m_places.append(text.size());
            if (c == QLatin1Char('\t'))
                text += QString(DiffModel::tabWidth - text.size() % DiffModel::tabWidth, QLatin1Char(' '));
            else
                text += c;
        }
        m_places.append(text.size());
    }
    qsizetype place(qsizetype letter) const
    {
        if (!m_hasTabs)
            return std::clamp<qsizetype>(letter, 0, text.size());
        return m_places[std::clamp<qsizetype>(letter, 0, m_source.size())];
    }

    QString text;

private:
    const QString &m_source;
    bool m_hasTabs;
    QList<qsizetype> m_places;
};

struct Look
{
    QColor ground;
    QColor part; // of what is not as it was within the line
    QColor text;
    QString sign;
};

QColor faded(QColor color, float alpha)
{
    color.setAlphaF(alpha);
    return color;
}

Look lookOf(int kind, const Tokens &t)
{
    switch (static_cast<Kind>(kind)) {
    case Kind::Added:
        return {faded(t.ok.text, 0.13F), faded(t.ok.text, 0.30F), t.text, QStringLiteral("+")};
    case Kind::Removed:
        return {faded(t.failing.text, 0.13F), faded(t.failing.text, 0.30F), t.text, QStringLiteral("\u2212")};
    case Kind::Hunk:
        return {t.raised, {}, t.accent.text, {}};
    case Kind::File:
        return {t.raised, {}, t.text, {}};
    case Kind::Note:
        return {{}, {}, t.textFaint, {}};
    case Kind::Context:
        break;
    }
    return {{}, {}, t.textSoft, {}};
}

} // namespace

DiffLines::DiffLines(QWidget *parent)
    : QTableView(parent)
{
    setObjectName(QStringLiteral("diffLines"));
    setShowGrid(false);
    setFrameShape(QFrame::NoFrame);
    setWordWrap(false);
    setCornerButtonEnabled(false);
    setTabKeyNavigation(false);
    setEditTriggers(NoEditTriggers);
    setSelectionMode(ContiguousSelection);
    setSelectionBehavior(SelectRows);
    setVerticalScrollMode(ScrollPerPixel);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    verticalHeader()->hide();
    verticalHeader()->setMinimumSectionSize(DiffLineDelegate::rowHeight);
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    verticalHeader()->setDefaultSectionSize(DiffLineDelegate::rowHeight);
    horizontalHeader()->hide();
    horizontalHeader()->setMinimumSectionSize(10);
    setItemDelegate(new DiffLineDelegate(this));
    setAccessibleName(tr("Difference"));
}

void DiffLines::setDiff(DiffModel *diff)
{
    m_diff = diff;
    setModel(diff);
    connect(diff, &QAbstractItemModel::modelReset, this, &DiffLines::fit);
    fit();
}

void DiffLines::setTextScroll(QScrollBar *bar)
{
    m_bar = bar;
    connect(bar, &QScrollBar::valueChanged, viewport(), qOverload<>(&QWidget::update));
}

int DiffLines::textOffset() const
{
    return m_bar ? m_bar->value() : 0;
}

bool DiffLines::isSideBySide() const
{
    return m_diff && m_diff->layout() == DiffModel::Layout::SideBySide;
}

int DiffLines::letterWidth() const
{
    return std::max(1, textWidth(TextRole::MonoSmall, QStringLiteral("m")));
}

int DiffLines::numberWidth() const
{
    const int digits = m_diff ? static_cast<int>(QString::number(m_diff->highestNumber()).size()) : 1;
    return letterWidth() * std::max(3, digits) + space::m;
}

void DiffLines::fit()
{
    if (!m_diff || !m_bar)
        return;
    const int numbers = numberWidth();
    const int room = std::max(80, viewport()->width() - 2 * numbers);
    const int text = isSideBySide() ? room / 2 : room;
    if (isSideBySide()) {
        setColumnWidth(DiffModel::LeftNumber, numbers);
        setColumnWidth(DiffModel::LeftText, text);
        setColumnWidth(DiffModel::RightNumber, numbers);
        setColumnWidth(DiffModel::RightText, room - text);
    } else {
        setColumnWidth(DiffModel::OldNumber, numbers);
        setColumnWidth(DiffModel::NewNumber, numbers);
        setColumnWidth(DiffModel::Text, text);
    }
    const int seen = text - DiffLineDelegate::signWidth - space::s;
    const qint64 wanted = std::min<qint64>(m_diff->longestLine() * letterWidth(), 10'000'000);
    m_bar->setPageStep(seen);
    m_bar->setSingleStep(letterWidth() * 4);
    m_bar->setRange(0, static_cast<int>(std::max<qint64>(0, wanted - seen)));
    m_bar->setVisible(m_bar->maximum() > 0);
}

void DiffLines::bringIntoView(const QModelIndex &index, qsizetype letter)
{
    scrollTo(index, PositionAtCenter);
    if (!m_bar || m_bar->maximum() == 0)
        return;
    const int x = static_cast<int>(std::min<qint64>(letter * letterWidth(), m_bar->maximum() + m_bar->pageStep()));
    if (x < m_bar->value() || x > m_bar->value() + m_bar->pageStep() - 20 * letterWidth())
        m_bar->setValue(std::max(0, x - m_bar->pageStep() / 3));
}

QString DiffLines::copyText() const
{
    if (!m_diff || !selectionModel())
        return {};
    QModelIndexList rows = selectionModel()->selectedRows();
    std::sort(rows.begin(), rows.end());
    int column = DiffModel::Text;
    if (isSideBySide())
        column =
            currentIndex().column() >= DiffModel::RightNumber ? int(DiffModel::RightText) : int(DiffModel::LeftText);
    QString text;
    for (const QModelIndex &row : std::as_const(rows)) {
        const QModelIndex cell = row.siblingAtColumn(column);
        const QVariant kind = cell.data(DiffModel::KindRole);
        if (!kind.isValid())
            continue;
        if (!isSideBySide()) {
            switch (static_cast<Kind>(kind.toInt())) {
            case Kind::Added:
                text += QLatin1Char('+');
                break;
            case Kind::Removed:
                text += QLatin1Char('-');
                break;
            case Kind::Context:
                text += QLatin1Char(' ');
                break;
            case Kind::File:
            case Kind::Hunk:
            case Kind::Note:
                break;
            }
        }
        text += cell.data().toString() + QLatin1Char('\n');
    }
    return text;
}

void DiffLines::resizeEvent(QResizeEvent *event)
{
    QTableView::resizeEvent(event);
    fit();
}

void DiffLines::changeEvent(QEvent *event)
{
    QTableView::changeEvent(event);
    if (event->type() == QEvent::StyleChange || event->type() == QEvent::FontChange)
        fit();
}

void DiffLines::keyPressEvent(QKeyEvent *event)
{
    if (event->matches(QKeySequence::Copy)) {
        const QString text = copyText();
        if (!text.isEmpty())
            QGuiApplication::clipboard()->setText(text);
        return;
    }
    if (m_bar && event->modifiers() == Qt::NoModifier &&
        (event->key() == Qt::Key_Left || event->key() == Qt::Key_Right) && m_bar->maximum() > 0) {
        m_bar->triggerAction(event->key() == Qt::Key_Left ? QAbstractSlider::SliderSingleStepSub
                                                          : QAbstractSlider::SliderSingleStepAdd);
        return;
    }
    // Letters and digits belong to the shell, Esc to the page.
    const bool isLetter = !event->text().isEmpty() && event->text().at(0).isPrint() && event->key() != Qt::Key_Space;
    if (isLetter || event->key() == Qt::Key_Escape) {
        event->ignore();
        return;
    }
    QTableView::keyPressEvent(event);
}

void DiffLines::wheelEvent(QWheelEvent *event)
{
    const int across =
        event->modifiers().testFlag(Qt::ShiftModifier) ? event->angleDelta().y() : event->angleDelta().x();
    if (m_bar && across != 0) {
        m_bar->setValue(m_bar->value() - across / 2);
        event->accept();
        return;
    }
    QTableView::wheelEvent(event);
}

DiffLineDelegate::DiffLineDelegate(DiffLines *lines)
    : QStyledItemDelegate(lines)
    , m_lines(lines)
{}

QSize DiffLineDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const
{
    return {80, rowHeight};
}

void DiffLineDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const Tokens &t = tokens();
    painter->save();
    const QVariant kind = index.data(DiffModel::KindRole);
    const auto *model = static_cast<const DiffModel *>(index.model());
    const bool isSide = model->layout() == DiffModel::Layout::SideBySide;
    const bool isNumber = isSide ? index.column() == DiffModel::LeftNumber || index.column() == DiffModel::RightNumber
                                 : index.column() != DiffModel::Text;
    if (!kind.isValid()) {
        painter->fillRect(option.rect, t.well); // nothing stands on this side
    } else {
        const Look look = lookOf(kind.toInt(), t);
        if (look.ground.isValid())
            painter->fillRect(option.rect, look.ground);
        if (isNumber) {
            const QRect room = option.rect.adjusted(0, 0, -space::s + 2, 0);
            signalbox::paintText(painter, room, TextRole::MonoSmall, t.textFaint, index.data().toString(),
                                 Qt::AlignRight | Qt::AlignVCenter);
        } else {
            paintText(painter, option.rect, index, kind.toInt());
        }
    }
    if (option.state.testFlag(QStyle::State_Selected))
        painter->fillRect(option.rect, faded(t.focus, 0.16F));
    if (m_lines->hasFocus() && m_lines->currentIndex().row() == index.row())
        painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), t.focus);
    if (isSide && index.column() == DiffModel::RightNumber)
        painter->fillRect(QRect(option.rect.left(), option.rect.top(), 1, option.rect.height()), t.line);
    painter->restore();
}

void DiffLineDelegate::paintText(QPainter *painter, const QRect &area, const QModelIndex &index, int kind) const
{
    const Tokens &t = tokens();
    const Look look = lookOf(kind, t);
    painter->save();
    const QFont mono = font(TextRole::MonoSmall);
    const QFontMetricsF metrics(mono);
    painter->setFont(mono);
    painter->setPen(look.text);
    if (!look.sign.isEmpty())
        painter->drawText(QRect(area.left(), area.top(), signWidth, area.height()), Qt::AlignCenter, look.sign);
    const QString source = index.data().toString();
    const Expanded whole(source);
    // Only what can be seen is measured and drawn: letters have one width, but for those of other scripts.
    const double letter = metrics.horizontalAdvance(QLatin1Char('m'));
    const bool isLong = whole.text.size() > shownLetters;
    const int offset = m_lines->textOffset();
    const qsizetype first = isLong ? std::clamp<qsizetype>(qsizetype(offset / letter) - 1, 0, whole.text.size()) : 0;
    const QString shown = isLong ? whole.text.mid(first, shownLetters) : whole.text;
    const double left = area.left() + signWidth - offset + (isLong ? first * letter : 0.0);
    const auto at = [&](qsizetype place) {
        return left + metrics.horizontalAdvance(shown.left(std::clamp<qsizetype>(place - first, 0, shown.size())));
    };
    painter->setClipRect(area.adjusted(signWidth, 0, 0, 0), Qt::IntersectClip);
    const auto fill = [&](qsizetype start, qsizetype length, const QColor &color) {
        const double from = at(whole.place(start));
        painter->fillRect(QRectF(from, area.top() + 1, at(whole.place(start + length)) - from, area.height() - 2),
                          color);
    };
    const QVariantList changed = index.data(DiffModel::ChangedRole).toList();
    for (qsizetype i = 0; i + 1 < changed.size(); i += 2)
        fill(changed[i].toInt(), changed[i + 1].toInt(), look.part);
    const QVariantList matches = index.data(DiffModel::MatchesRole).toList();
    const QVariant current = index.data(DiffModel::CurrentMatchRole);
    for (qsizetype i = 0; i + 1 < matches.size(); i += 2) {
        const bool isCurrent = current.isValid() && current.toInt() == matches[i].toInt();
        fill(matches[i].toInt(), matches[i + 1].toInt(), faded(t.warning.text, isCurrent ? 0.6F : 0.28F));
    }
    painter->setPen(look.text);
    painter->drawText(QPointF(left, area.top() + (area.height() - metrics.height()) / 2 + metrics.ascent()), shown);
    painter->restore();
}

} // namespace signalbox
