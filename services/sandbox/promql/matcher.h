#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace re2
{
class RE2;
}

namespace signalbox::sandbox
{

// One condition on a label. A label that is not there has the empty value. Regular expressions are RE2's, which are
// Go's too (linear time, no back references), and must match the whole value.
class Matcher
{
public:
    enum class Kind { Equal, NotEqual, Regex, NotRegex };

    // Nothing: `error` says in Go's words what is wrong with the expression.
    static std::optional<Matcher> make(Kind kind, std::string name, std::string value, std::string *error);

    Kind kind() const { return m_kind; }
    const std::string &name() const { return m_name; }
    const std::string &value() const { return m_value; }
    bool matches(std::string_view value) const;
    bool matchesEmpty() const { return matches({}); }
    std::string text() const; // name="value"

private:
    Matcher() = default;
    Kind m_kind = Kind::Equal;
    std::string m_name;
    std::string m_value;
    std::shared_ptr<const re2::RE2> m_pattern;
};

// ^(?:expression)$; null: `error` says what is wrong with it.
std::shared_ptr<const re2::RE2> anchoredPattern(std::string_view expression, std::string *error);

} // namespace signalbox::sandbox
