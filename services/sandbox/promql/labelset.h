#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace signalbox::sandbox
{

// A series' labels: sorted by name, each name once, no empty value (Prometheus takes an empty value for "no label").
// The metric's name is the label __name__.
using LabelSet = std::vector<std::pair<std::string, std::string>>;

inline constexpr std::string_view metricNameLabel = "__name__";

// Sorts, drops empty values and, of a name that comes twice, all but the last.
LabelSet labelSet(LabelSet labels);
// The value of a label; empty: it is not there.
std::string_view labelValue(const LabelSet &labels, std::string_view name);
// Letters, digits and _, no digit first.
bool isLabelName(std::string_view name);
// {a="b", c="d"} as Prometheus prints it in errors.
std::string labelText(const LabelSet &labels);

} // namespace signalbox::sandbox
