#pragma once

#include "services/sandbox/promql/labelset.h"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace signalbox::sandbox
{

// A text with {{ $labels.NAME }}, {{ $value }} and {{ $value | humanize }} and its kin in it.
class AlertTemplate
{
public:
    // Nothing: `error` says what cannot be read.
    static std::optional<AlertTemplate> parse(std::string_view text, std::string *error);
    std::string expanded(const LabelSet &labels, double value) const;

private:
    enum class Format { Plain, Humanize, Percentage, Duration };
    struct Label
    {
        std::string name;
    };
    using Part = std::variant<std::string, Label, Format>;
    static std::optional<Part> reference(std::string_view inside);
    std::vector<Part> m_parts;
};

// As Prometheus' template functions of these names write a number.
std::string humanized(double value);           // 1.235k
std::string humanizedPercentage(double value); // 12.35%
std::string humanizedDuration(double seconds); // 1h 2m 3s

} // namespace signalbox::sandbox
