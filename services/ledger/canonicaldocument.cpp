#include "services/ledger/canonicaldocument.h"

#include <algorithm>
#include <cstring>

namespace signalbox
{
namespace
{

constexpr qint64 mostExact = qint64(1) << 53; // up to here every whole number is a double of its own

// The bytes of the UTF-8 character at `at`; 0: it is none. No overlong forms, no surrogates.
qsizetype characterSize(const unsigned char *at, const unsigned char *end)
{
    const unsigned char lead = at[0];
    const qsizetype size = lead >= 0xc2 && lead < 0xe0   ? 2
                           : (lead & 0xf0) == 0xe0       ? 3
                           : lead >= 0xf0 && lead < 0xf5 ? 4
                                                         : 0;
    if (size == 0 || end - at < size)
        return 0;
    for (qsizetype i = 1; i < size; ++i) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    }
    const bool isRefused = (lead == 0xe0 && at[1] < 0xa0) || (lead == 0xed && at[1] >= 0xa0) ||
                           (lead == 0xf0 && at[1] < 0x90) || (lead == 0xf4 && at[1] >= 0x90);
    return isRefused ? 0 : size;
}

} // namespace

class CanonicalDocument::Parser
{
public:
    Parser(QByteArrayView json, CanonicalDocument &document)
        : m_at(json.data())
        , m_end(json.data() + json.size())
        , m_values(document.m_values)
        , m_texts(document.m_texts)
    {}

    bool parse() { return value({}, 0) && m_at == m_end; }

private:
    bool take(char c)
    {
        if (m_at == m_end || *m_at != c)
            return false;
        ++m_at;
        return true;
    }

    bool word(const char *text, size_t size)
    {
        if (static_cast<size_t>(m_end - m_at) < size || std::memcmp(m_at, text, size) != 0)
            return false;
        m_at += size;
        return true;
    }

    bool value(QByteArrayView key, int depth)
    {
        if (m_at == m_end)
            return false;
        const size_t index = m_values.size();
        m_values.emplace_back();
        m_values[index].key = key;
        switch (*m_at) {
        case '{':
            return depth < mostDepth && object(index, depth + 1);
        case '[':
            return depth < mostDepth && array(index, depth + 1);
        case '"':
            m_values[index].kind = Kind::Text;
            return text(m_values[index].text);
        case 't':
        case 'f':
            m_values[index].kind = Kind::Flag;
            m_values[index].flag = *m_at == 't';
            return *m_at == 't' ? word("true", 4) : word("false", 5);
        case 'n':
            return word("null", 4);
        default:
            m_values[index].kind = Kind::Number;
            return number(m_values[index].number);
        }
    }

    bool object(size_t index, int depth)
    {
        m_values[index].kind = Kind::Object;
        ++m_at;
        QByteArrayView before;
        for (bool isFirst = true; !take('}'); isFirst = false) {
            QByteArrayView key;
            if ((!isFirst && !take(',')) || !plainKey(key) || !take(':'))
                return false;
            if (!isFirst && before.compare(key) >= 0) // twice, or not in order
                return false;
            before = key;
            if (!value(key, depth))
                return false;
        }
        return ends(index);
    }

    bool array(size_t index, int depth)
    {
        m_values[index].kind = Kind::Array;
        ++m_at;
        for (bool isFirst = true; !take(']'); isFirst = false) {
            if ((!isFirst && !take(',')) || !value({}, depth))
                return false;
        }
        return ends(index);
    }

    // A pointer once all are there: until then the vector moves.
    bool ends(size_t index)
    {
        m_values[index].number = static_cast<qint64>(m_values.size());
        return true;
    }

    bool plainKey(QByteArrayView &key)
    {
        if (!take('"'))
            return false;
        const char *begin = m_at;
        while (m_at != m_end && static_cast<unsigned char>(*m_at - 0x20) < 0x60 && *m_at != '"' && *m_at != '\\')
            ++m_at;
        key = QByteArrayView(begin, m_at);
        return take('"');
    }

    bool number(qint64 &value)
    {
        const bool isNegative = take('-');
        if (m_at == m_end || *m_at < '0' || *m_at > '9')
            return false;
        const bool beginsWithZero = *m_at == '0';
        const char *begin = m_at;
        for (; m_at != m_end && *m_at >= '0' && *m_at <= '9' && m_at - begin < 17; ++m_at)
            value = value * 10 + (*m_at - '0');
        if (value > mostExact || (beginsWithZero && (isNegative || m_at - begin > 1)))
            return false;
        if (isNegative)
            value = -value;
        return true; // what follows, a point perhaps, is nothing that may follow
    }

    bool text(QByteArrayView &text)
    {
        ++m_at;
        const char *begin = m_at;
        const qsizetype kept = m_texts.size();
        bool hasEscapes = false;
        for (;;) {
            while (m_at != m_end && static_cast<unsigned char>(*m_at - 0x20) < 0x60 && *m_at != '"' && *m_at != '\\')
                ++m_at;
            if (m_at == m_end)
                return false;
            if (*m_at == '"')
                break;
            if (*m_at == '\\') {
                m_texts.append(begin, m_at - begin);
                if (!escape())
                    return false;
                begin = m_at;
                hasEscapes = true;
                continue;
            }
            const qsizetype size = characterSize(reinterpret_cast<const unsigned char *>(m_at),
                                                 reinterpret_cast<const unsigned char *>(m_end));
            if (size == 0)
                return false;
            m_at += size;
        }
        text = QByteArrayView(begin, m_at);
        if (hasEscapes) {
            m_texts.append(begin, m_at - begin);
            text = QByteArrayView(m_texts.constData() + kept, m_texts.size() - kept);
        }
        ++m_at;
        return true;
    }

    // The one form that each has.
    bool escape()
    {
        static constexpr QByteArrayView letters = "\"\\bfnrt";
        static constexpr char meant[] = "\"\\\b\f\n\r\t";
        if (m_end - m_at < 2)
            return false;
        if (const qsizetype index = letters.indexOf(m_at[1]); index >= 0) {
            m_texts.append(meant[index]);
            m_at += 2;
            return true;
        }
        if (m_end - m_at < 6 || std::memcmp(m_at, "\\u00", 4) != 0 || (m_at[4] != '0' && m_at[4] != '1'))
            return false;
        const char low = m_at[5];
        const int digit = low >= '0' && low <= '9' ? low - '0' : low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
        const int code = (m_at[4] - '0') * 16 + digit;
        if (digit < 0 || code == '\b' || code == '\f' || code == '\n' || code == '\r' || code == '\t')
            return false;
        m_texts.append(static_cast<char>(code));
        m_at += 6;
        return true;
    }

    const char *m_at;
    const char *m_end;
    std::vector<Value> &m_values;
    QByteArray &m_texts;
};

const CanonicalDocument::Value *CanonicalDocument::Value::find(QByteArrayView name) const
{
    if (kind != Kind::Object)
        return nullptr;
    for (const Value *at = first(); at != end; at = at->next()) {
        if (at->key == name)
            return at;
    }
    return nullptr;
}

bool CanonicalDocument::parse(QByteArrayView json)
{
    m_values.clear();
    m_texts.resize(0);
    m_texts.reserve(json.size()); // views of it stay good: texts without their escapes are shorter than with them
    if (!Parser(json, *this).parse())
        return false;
    for (Value &value : m_values) {
        if (value.kind == Kind::Array || value.kind == Kind::Object)
            value.end = m_values.data() + value.number;
    }
    return true;
}

} // namespace signalbox
