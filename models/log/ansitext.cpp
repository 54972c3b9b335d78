#include "models/log/ansitext.h"

#include <algorithm>
#include <optional>

namespace signalbox::ansi
{

namespace
{

constexpr char16_t escape = 0x1b;
constexpr char16_t bell = 0x07;

bool isControl(QChar c)
{
    return (c < QChar(0x20) && c != QLatin1Char('\t')) || (c >= QChar(0x7f) && c < QChar(0xa0));
}

// The numbers of a sequence, split at ';' and ':'; one left out is 0.
QList<int> numbersOf(QStringView parameters)
{
    QList<int> numbers{0};
    for (const QChar c : parameters) {
        if (c == QLatin1Char(';') || c == QLatin1Char(':'))
            numbers.append(0);
        else if (c.isDigit() && numbers.last() < 1000)
            numbers.last() = numbers.last() * 10 + c.digitValue();
    }
    return numbers;
}

// 38;5;N or 38;2;R;G;B from `at` on (also with ':', which may leave a colour space before R). What it took is passed.
std::optional<std::int32_t> extendedColor(const QList<int> &numbers, qsizetype &at, bool hasColons)
{
    const auto number = [&numbers](qsizetype i) { return i < numbers.size() ? numbers[i] : 0; };
    const int kind = number(at + 1);
    if (kind == 5) {
        at += 2;
        return number(at) <= 255 ? std::optional<std::int32_t>(number(at)) : std::nullopt;
    }
    if (kind != 2)
        return std::nullopt;
    const qsizetype first = at + (hasColons && numbers.size() - at > 5 ? 3 : 2);
    at = first + 2;
    const int red = number(first);
    const int green = number(first + 1);
    const int blue = number(first + 2);
    if (std::max({red, green, blue}) > 255)
        return std::nullopt;
    return Style::rgb + (red << 16) + (green << 8) + blue;
}

void apply(QStringView parameters, Style &style)
{
    const bool hasColons = parameters.contains(QLatin1Char(':'));
    const QList<int> numbers = numbersOf(parameters);
    for (qsizetype i = 0; i < numbers.size(); ++i) {
        const int number = numbers[i];
        if (number == 0)
            style = {};
        else if (number == 1)
            style.isBold = true;
        else if (number == 2)
            style.isFaint = true;
        else if (number == 3)
            style.isItalic = true;
        else if (number == 4)
            style.isUnderlined = !hasColons || i + 1 >= numbers.size() || numbers[++i] != 0; // 4:0 is none
        else if (number == 22)
            style.isBold = style.isFaint = false;
        else if (number == 23)
            style.isItalic = false;
        else if (number == 24)
            style.isUnderlined = false;
        else if (number >= 30 && number <= 37)
            style.color = number - 30;
        else if (number >= 90 && number <= 97)
            style.color = number - 90 + 8;
        else if (number == 39)
            style.color = Style::usual;
        else if (number == 38)
            style.color = extendedColor(numbers, i, hasColons).value_or(style.color);
        else if (number == 48 || number == 58)
            (void)extendedColor(numbers, i, hasColons); // a ground, a line's colour: passed
    }
}

class Reader
{
public:
    Reader(const QString &line, Style &style)
        : m_line(line)
        , m_style(style)
    {}

    Text read()
    {
        while (m_at < m_line.size()) {
            const QChar c = m_line[m_at];
            if (c == QChar(escape))
                readSequence();
            else if (c == QChar(0x9b)) // CSI in one character
                readControl(m_at + 1);
            else if (c == QLatin1Char('\r'))
                readReturn();
            else if (isControl(c))
                ++m_at;
            else
                put(c);
        }
        return std::move(m_read);
    }

private:
    void put(QChar c)
    {
        if (m_style != Style()) {
            QList<Span> &spans = m_read.spans;
            const auto at = static_cast<int>(m_read.text.size());
            if (!spans.isEmpty() && spans.last().style == m_style && spans.last().from + spans.last().length == at)
                ++spans.last().length;
            else
                spans.append({at, 1, m_style});
        }
        m_read.text.append(c);
        ++m_at;
    }

    // What comes after it is written over what was; at the end of the line there is nothing to write.
    void readReturn()
    {
        ++m_at;
        if (m_at < m_line.size() && m_line[m_at] != QLatin1Char('\r')) {
            m_read.text.clear();
            m_read.spans.clear();
        }
    }

    void readSequence()
    {
        const QChar kind = m_at + 1 < m_line.size() ? m_line[m_at + 1] : QChar();
        if (kind == QLatin1Char('['))
            return readControl(m_at + 2);
        if (QStringLiteral("]PX^_").contains(kind) && !kind.isNull())
            return readString();
        m_at += 1;
        while (m_at < m_line.size() && m_line[m_at] >= QChar(0x20) && m_line[m_at] <= QChar(0x2f))
            ++m_at; // ESC ( B
        m_at = std::min(m_at + 1, m_line.size());
    }

    void readControl(qsizetype first)
    {
        qsizetype end = first;
        while (end < m_line.size() && m_line[end] >= QChar(0x20) && m_line[end] <= QChar(0x3f))
            ++end;
        const QStringView parameters = QStringView(m_line).mid(first, end - first);
        const bool isWhole = end < m_line.size() && m_line[end] >= QChar(0x40) && m_line[end] <= QChar(0x7e);
        const bool isOurs = std::all_of(parameters.begin(), parameters.end(), [](QChar c) {
            return c.isDigit() || c == QLatin1Char(';') || c == QLatin1Char(':');
        });
        if (isWhole && isOurs && m_line[end] == QLatin1Char('m'))
            apply(parameters, m_style);
        m_at = isWhole ? end + 1 : end;
    }

    // A title, a link: up to BEL or ESC \.
    void readString()
    {
        for (m_at += 2; m_at < m_line.size(); ++m_at) {
            if (m_line[m_at] == QChar(bell)) {
                ++m_at;
                return;
            }
            if (m_line[m_at] == QChar(escape)) {
                m_at = std::min(m_at + 2, m_line.size());
                return;
            }
        }
    }

    const QString &m_line;
    Style &m_style;
    Text m_read;
    qsizetype m_at = 0;
};

} // namespace

Text read(const QString &line, Style &style)
{
    const bool isPlain = style == Style() && std::none_of(line.begin(), line.end(), isControl);
    if (isPlain)
        return {line, {}};
    return Reader(line, style).read();
}

} // namespace signalbox::ansi
