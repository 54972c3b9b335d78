#include "services/ledger/canonicaljson.h"

#include <nlohmann/json.hpp>

#include <QString>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

namespace signalbox
{
namespace
{

using Json = nlohmann::json;

// Strict UTF-8 to UTF-16: no overlong forms, no surrogates, nothing cut off.
std::optional<std::u16string> utf16(const std::string &text)
{
    std::u16string units;
    units.reserve(text.size());
    for (size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const int more = lead < 0x80                   ? 0
                         : lead >= 0xc2 && lead < 0xe0 ? 1
                         : (lead & 0xf0) == 0xe0       ? 2
                         : lead >= 0xf0 && lead < 0xf5 ? 3
                                                       : -1;
        if (more < 0 || i + static_cast<size_t>(more) >= text.size())
            return std::nullopt;
        char32_t point = more == 0 ? lead : lead & (0x3f >> more);
        for (int k = 1; k <= more; ++k) {
            const auto next = static_cast<unsigned char>(text[i + static_cast<size_t>(k)]);
            if ((next & 0xc0) != 0x80)
                return std::nullopt;
            point = (point << 6) | (next & 0x3f);
        }
        const bool isOverlong = (more == 2 && point < 0x800) || (more == 3 && point < 0x10000);
        if (isOverlong || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
            return std::nullopt;
        if (point < 0x10000) {
            units.push_back(static_cast<char16_t>(point));
        } else {
            units.push_back(static_cast<char16_t>(0xd800 + ((point - 0x10000) >> 10)));
            units.push_back(static_cast<char16_t>(0xdc00 + ((point - 0x10000) & 0x3ff)));
        }
        i += static_cast<size_t>(more) + 1;
    }
    return units;
}

// Most texts are. They are UTF-8, and sort by bytes as by UTF-16.
bool isAscii(const std::string &text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool isPlain(char c) // stands for itself
{
    return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
}

class Writer
{
public:
    std::optional<Error> write(const Json &value)
    {
        switch (value.type()) {
        case Json::value_t::null:
            m_out += "null";
            return std::nullopt;
        case Json::value_t::boolean:
            m_out += value.get<bool>() ? "true" : "false";
            return std::nullopt;
        case Json::value_t::number_integer:
        case Json::value_t::number_unsigned:
        case Json::value_t::number_float:
            return writeNumber(value);
        case Json::value_t::string:
            return writeText(value.get_ref<const std::string &>());
        case Json::value_t::array:
            return writeArray(value);
        case Json::value_t::object:
            return writeObject(value);
        case Json::value_t::binary:
        case Json::value_t::discarded:
            break;
        }
        return invalid(QStringLiteral("a value that JSON does not have"));
    }
    const std::string &text() const { return m_out; }

private:
    static Error invalid(const QString &what)
    {
        return {ErrorKind::Invalid, QStringLiteral("No canonical JSON (RFC 8785) for %1.").arg(what), {}};
    }

    std::optional<Error> writeNumber(const Json &value)
    {
        constexpr qint64 exact = qint64(1) << 53; // up to here every whole number is a double of its own
        const double number = value.get<double>();
        if (!std::isfinite(number))
            return invalid(QStringLiteral("a number that is not finite"));
        const bool isTooBig = (value.is_number_unsigned() && value.get<quint64>() > quint64(exact)) ||
                              (value.type() == Json::value_t::number_integer &&
                               (value.get<qint64>() > exact || value.get<qint64>() < -exact));
        if (isTooBig)
            return invalid(
                QStringLiteral("the whole number %1, which a double cannot be trusted with; write it as text")
                    .arg(QString::fromStdString(value.dump())));
        const QByteArray printed = ecmaScriptNumber(number);
        m_out.append(printed.constData(), static_cast<size_t>(printed.size()));
        return std::nullopt;
    }

    std::optional<Error> writeText(const std::string &text)
    {
        if (!isAscii(text) && !utf16(text))
            return invalid(QStringLiteral("text that is not UTF-8"));
        m_out += '"';
        for (auto at = text.begin(); at != text.end();) {
            const auto end = std::find_if_not(at, text.end(), isPlain);
            m_out.append(at, end);
            at = end;
            if (at != text.end())
                writeCharacter(*at++);
        }
        m_out += '"';
        return std::nullopt;
    }

    void writeCharacter(char c)
    {
        static constexpr char digits[] = "0123456789abcdef";
        switch (c) {
        case '"':
            m_out += "\\\"";
            return;
        case '\\':
            m_out += "\\\\";
            return;
        case '\b':
            m_out += "\\b";
            return;
        case '\t':
            m_out += "\\t";
            return;
        case '\n':
            m_out += "\\n";
            return;
        case '\f':
            m_out += "\\f";
            return;
        case '\r':
            m_out += "\\r";
            return;
        default:
            break;
        }
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20) {
            m_out += "\\u00";
            m_out += digits[byte >> 4];
            m_out += digits[byte & 15];
        } else {
            m_out += c;
        }
    }

    std::optional<Error> writeArray(const Json &value)
    {
        m_out += '[';
        bool isFirst = true;
        for (const Json &item : value) {
            if (!std::exchange(isFirst, false))
                m_out += ',';
            if (auto error = write(item))
                return error;
        }
        m_out += ']';
        return std::nullopt;
    }

    std::optional<Error> writeObject(const Json &value)
    {
        struct Member
        {
            std::u16string order;
            const std::string *key;
            const Json *value;
        };
        std::vector<Member> members;
        bool isSorted = true; // by bytes it is: a std::map
        for (auto item = value.begin(); item != value.end(); ++item) {
            if (isAscii(item.key())) {
                members.push_back({{}, &item.key(), &item.value()});
                continue;
            }
            isSorted = false;
            auto order = utf16(item.key());
            if (!order)
                return invalid(QStringLiteral("a key that is not UTF-8"));
            members.push_back({std::move(*order), &item.key(), &item.value()});
        }
        if (!isSorted) {
            for (Member &member : members)
                member.order = *utf16(*member.key);
            std::sort(members.begin(), members.end(),
                      [](const Member &a, const Member &b) { return a.order < b.order; });
        }
        m_out += '{';
        bool isFirst = true;
        for (const Member &member : members) {
            if (!std::exchange(isFirst, false))
                m_out += ',';
            if (auto error = writeText(*member.key))
                return error;
            m_out += ':';
            if (auto error = write(*member.value))
                return error;
        }
        m_out += '}';
        return std::nullopt;
    }

    std::string m_out;
};

} // namespace

// ECMA-262, Number::toString: the shortest digits that read back as the same double, k of them, and the decimal point
// after the n-th.
QByteArray ecmaScriptNumber(double value)
{
    if (value == 0)
        return "0"; // -0 as well
    char buffer[64];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, std::abs(value), std::chars_format::scientific).ptr;
    const QByteArray printed(buffer, end - buffer); // d.ddde+XX
    const qsizetype mark = printed.indexOf('e');
    QByteArray digits = printed.left(mark);
    digits.replace(".", "");
    const int n = printed.mid(mark + 1).toInt() + 1;
    const int k = static_cast<int>(digits.size());

    QByteArray out = value < 0 ? "-" : "";
    if (k <= n && n <= 21) {
        out += digits + QByteArray(n - k, '0');
    } else if (0 < n && n <= 21) {
        out += digits.left(n) + '.' + digits.mid(n);
    } else if (-6 < n && n <= 0) {
        out += "0." + QByteArray(-n, '0') + digits;
    } else {
        out += digits.left(1);
        if (k > 1)
            out += '.' + digits.mid(1);
        out += n - 1 < 0 ? "e-" : "e+";
        out += QByteArray::number(std::abs(n - 1));
    }
    return out;
}

Result<QByteArray> canonicalJson(const nlohmann::json &value)
{
    Writer writer;
    if (auto error = writer.write(value))
        return *error;
    return QByteArray::fromStdString(writer.text());
}

} // namespace signalbox
