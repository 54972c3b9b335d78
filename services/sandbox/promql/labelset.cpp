#include "services/sandbox/promql/labelset.h"

#include "services/sandbox/promql/gotext.h"

#include <algorithm>

namespace signalbox::sandbox
{

LabelSet labelSet(LabelSet labels)
{
    std::stable_sort(labels.begin(), labels.end(), [](const auto &a, const auto &b) { return a.first < b.first; });
    LabelSet unique;
    unique.reserve(labels.size());
    for (auto &label : labels) {
        if (!unique.empty() && unique.back().first == label.first)
            unique.back() = std::move(label);
        else
            unique.push_back(std::move(label));
    }
    std::erase_if(unique, [](const auto &label) { return label.second.empty(); });
    return unique;
}

std::string_view labelValue(const LabelSet &labels, std::string_view name)
{
    const auto it = std::lower_bound(labels.begin(), labels.end(), name,
                                     [](const auto &label, std::string_view wanted) { return label.first < wanted; });
    return it != labels.end() && it->first == name ? std::string_view(it->second) : std::string_view();
}

std::string labelText(const LabelSet &labels)
{
    std::string text = "{";
    for (const auto &[name, value] : labels) {
        if (text.size() > 1)
            text += ", ";
        text += name + '=' + goQuoted(value);
    }
    return text + '}';
}

bool isLabelName(std::string_view name)
{
    return !name.empty() && !(name[0] >= '0' && name[0] <= '9') && std::all_of(name.begin(), name.end(), [](char c) {
        return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    });
}

} // namespace signalbox::sandbox
