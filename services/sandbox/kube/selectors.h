#pragma once

#include "services/sandbox/kube/objectstore.h"

#include <optional>
#include <string>
#include <vector>

namespace signalbox::sandbox
{

// labelSelector and fieldSelector of a request (k8s.io/apimachinery/pkg/labels, pkg/fields).
class Selection
{
public:
    // Nothing for a selector that cannot be read: `problem` says why, as a server does.
    static std::optional<Selection> parse(const ResourceType &type, const std::string &labels,
                                          const std::string &fields, std::string &problem);
    bool matches(const StoredObject &object) const;
    bool isEverything() const { return m_labels.empty() && m_fields.empty(); }

private:
    struct Requirement
    {
        enum class Kind { In, NotIn, Exists, Absent };
        std::string key;
        Kind kind = Kind::In;
        std::vector<std::string> values;
    };
    struct Field
    {
        std::string path;
        std::string value;
        bool isEqual = true;
    };
    static std::optional<Requirement> requirement(const std::string &text, std::string &problem);

    std::vector<Requirement> m_labels;
    std::vector<Field> m_fields;
};

// The text of a spec.selector ({"matchLabels":..., "matchExpressions":...} or a plain map) as a labelSelector.
std::string selectorText(const nlohmann::json &selector);

} // namespace signalbox::sandbox
