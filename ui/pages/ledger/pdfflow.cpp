#include "ui/pages/ledger/pdfflow.h"

#include "ui/pages/ledger/ledgerreporttext.h"

#include <QPageLayout>
#include <QPageSize>
#include <QTextOption>

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr double bodySize = 9;
constexpr double cellSize = 7.5;
constexpr double gap = 5; // between cells
constexpr double footHeight = 24;
constexpr double endless = 1e9;

// Between words, and within one only where it is wider than its place. (The flags of drawText() know no such thing:
// Qt::TextWrapAnywhere beside Qt::TextWordWrap breaks every line in the middle of a word.)
QTextOption wrapping()
{
    QTextOption option(Qt::AlignLeft | Qt::AlignTop);
    option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    return option;
}

// What has no width or turns the writing round would let a page say something else than the file.
QString printable(QString text)
{
    for (QChar &c : text) {
        if (!c.isPrint() && c != QLatin1Char('\n') && !c.isSurrogate())
            c = QLatin1Char(' ');
    }
    return text;
}

} // namespace

PdfFlow::PdfFlow(QIODevice &device, const QString &title, const QString &foot)
    : m_writer(&device)
    , m_foot(printable(foot))
{
    m_writer.setPdfVersion(QPagedPaintDevice::PdfVersion_1_6);
    m_writer.setTitle(printable(title));
    m_writer.setCreator(QStringLiteral("Signalbox " SIGNALBOX_VERSION));
    m_writer.setResolution(600);
    m_writer.setPageLayout(QPageLayout(QPageSize(QPageSize::A4), QPageLayout::Portrait, QMarginsF(16, 16, 16, 14),
                                       QPageLayout::Millimeter));
    m_dotsPerPoint = m_writer.resolution() / 72.0;
    m_isGood = m_painter.begin(&m_writer);
    m_width = m_writer.width();
    m_height = m_writer.height() - points(footHeight);
}

PdfFlow::~PdfFlow()
{
    if (!m_isGood)
        return;
    foot();
    m_painter.end();
}

QFont PdfFlow::font(double size, bool isStrong, bool isCode) const
{
    QFont made;
    // Not Inter, nor Noto Sans CJK: the glyphs that these put between or in place of digits cannot be found again by
    // who searches the file. Chinese text falls back by itself.
    made.setFamilies(
        isCode
            ? QStringList{QStringLiteral("DejaVu Sans Mono"), QStringLiteral("Consolas"), QStringLiteral("Menlo"),
                          QStringLiteral("Noto Sans Mono CJK SC"), QStringLiteral("monospace")}
            : QStringList{QStringLiteral("DejaVu Sans"), QStringLiteral("Segoe UI"), QStringLiteral("Helvetica Neue"),
                          QStringLiteral("Noto Sans Mono CJK SC"), QStringLiteral("sans-serif")});
    made.setPointSizeF(size);
    made.setWeight(isStrong ? QFont::DemiBold : QFont::Normal);
    return made;
}

double PdfFlow::heightOf(const QString &text, const QFont &font, double width)
{
    m_painter.setFont(font);
    return m_painter.boundingRect(QRectF(0, 0, width, endless), text, wrapping()).height();
}

void PdfFlow::draw(const QString &text, const QFont &font, double left, double width, double height)
{
    m_painter.setFont(font);
    m_painter.drawText(QRectF(left, m_top, width, height), text, wrapping());
}

void PdfFlow::foot()
{
    const double before = m_top;
    m_top = m_height + points(8);
    m_painter.setPen(QColor(90, 90, 90));
    draw(m_foot, font(7, false), 0, m_width * 0.85, points(footHeight));
    m_painter.setFont(font(7, false));
    m_painter.drawText(QRectF(0, m_top, m_width, points(10)), Qt::AlignRight | Qt::AlignTop,
                       LedgerReportText::tr("page %1").arg(m_page));
    m_painter.setPen(Qt::black);
    m_top = before;
}

void PdfFlow::newPage()
{
    foot();
    m_isGood = m_writer.newPage() && m_isGood;
    ++m_page;
    m_top = 0;
    if (!m_columns.isEmpty())
        head();
}

void PdfFlow::need(double height)
{
    if (m_top > 0 && m_top + height > m_height)
        newPage();
}

void PdfFlow::block(const QString &text, const QFont &font, double after)
{
    // Kept together where that costs no half page; one longer than a page goes on by its lines.
    const QStringList lines = printable(text).split(QLatin1Char('\n'));
    if (const double whole = heightOf(printable(text), font, m_width); whole < m_height / 2)
        need(whole);
    for (const QString &line : lines) {
        const double height = heightOf(line.isEmpty() ? QStringLiteral(" ") : line, font, m_width);
        need(height);
        draw(line, font, 0, m_width, height);
        m_top += height;
    }
    m_top += points(after);
}

void PdfFlow::title(const QString &text)
{
    block(text, font(19, true), 4);
}

void PdfFlow::heading(const QString &text)
{
    m_top += m_top > 0 ? points(10) : 0;
    need(points(60)); // not alone at the end of a page
    block(text, font(12.5, true), 4);
}

void PdfFlow::paragraph(const QString &text, bool isStrong)
{
    block(text, font(bodySize, isStrong), 3);
}

void PdfFlow::code(const QString &text)
{
    block(text, font(8, false, true), 3);
}

void PdfFlow::pair(const QString &name, const QString &value, bool isCode)
{
    const double left = points(112);
    const QFont valueFont = font(isCode ? 8 : bodySize, false, isCode);
    const QString shown = printable(value);
    const double height =
        std::max(heightOf(shown, valueFont, m_width - left), heightOf(name, font(bodySize, false), left));
    need(height);
    m_painter.setPen(QColor(80, 80, 80));
    draw(name, font(bodySize, false), 0, left - points(gap), height);
    m_painter.setPen(Qt::black);
    draw(shown, valueFont, left, m_width - left, height);
    m_top += height + points(2.5);
}

void PdfFlow::space(double size)
{
    m_top += points(size);
}

void PdfFlow::beginTable(const QList<Column> &columns)
{
    need(points(50));
    m_columns = columns;
    head();
}

void PdfFlow::endTable()
{
    m_columns.clear();
    m_top += points(6);
}

void PdfFlow::head()
{
    QStringList titles;
    for (const Column &column : m_columns)
        titles.append(column.title);
    m_painter.setPen(QColor(80, 80, 80));
    row(titles, true);
    m_painter.setPen(QPen(QColor(60, 60, 60), points(0.8)));
    m_painter.drawLine(QPointF(0, m_top), QPointF(m_width, m_top));
    m_painter.setPen(Qt::black);
    m_top += points(2);
}

void PdfFlow::row(const QStringList &cells, bool isStrong)
{
    double shares = 0;
    for (const Column &column : m_columns)
        shares += column.share;
    struct Cell
    {
        QString text;
        QFont font;
        double left = 0;
        double width = 0;
    };
    std::vector<Cell> laidOut;
    double height = 0;
    double left = 0;
    for (qsizetype i = 0; i < m_columns.size(); ++i) {
        const double whole = m_width * m_columns.at(i).share / shares;
        Cell cell{printable(cells.value(i)), font(cellSize, isStrong, m_columns.at(i).isCode && !isStrong), left,
                  whole - points(gap)};
        height = std::max(height, heightOf(cell.text, cell.font, cell.width));
        laidOut.push_back(std::move(cell));
        left += whole;
    }
    height = std::min(height, m_height - points(40)); // one that is longer than a page is cut at its end
    need(height + points(4));
    for (const Cell &cell : laidOut)
        draw(cell.text, cell.font, cell.left, cell.width, height);
    m_top += height + points(2);
    if (isStrong)
        return;
    const QPen before = m_painter.pen();
    m_painter.setPen(QPen(QColor(200, 200, 200), points(0.4)));
    m_painter.drawLine(QPointF(0, m_top), QPointF(m_width, m_top));
    m_painter.setPen(before);
    m_top += points(2);
}

} // namespace signalbox
