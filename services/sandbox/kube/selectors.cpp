#include "services/sandbox/kube/selectors.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace signalbox::sandbox
{

using Json = nlohmann::json;

namespace
{

std::string trimmed(const std::string &text)
{
    const auto first = text.find_first_not_of(" \t");
    return first == std::string::npos ? std::string() : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// At commas that stand outside of parentheses.
std::vector<std::string> split(const std::string &text)
{
    std::vector<std::string> parts;
    std::string part;
    int depth = 0;
    for (const char c : text) {
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        if (c == ',' && depth == 0) {
            parts.push_back(trimmed(part));
            part.clear();
        } else {
            part += c;
        }
    }
    parts.push_back(trimmed(part));
    return parts;
}

bool isName(const std::string &text)
{
    const auto isInner = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.';
    };
    const auto isEdge = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
    return !text.empty() && text.size() <= 63 && isEdge(text.front()) && isEdge(text.back()) &&
           std::all_of(text.begin(), text.end(), isInner);
}

bool isKey(const std::string &text)
{
    const auto slash = text.find('/');
    if (slash == std::string::npos)
        return isName(text);
    const std::string prefix = text.substr(0, slash);
    return !prefix.empty() && prefix.size() <= 253 && isName(text.substr(slash + 1)) &&
           prefix.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.") == std::string::npos;
}

std::set<std::string> fieldsOf(const ResourceType &type)
{
    std::set<std::string> known = {"metadata.name", "metadata.namespace"};
    if (!type.group.empty())
        return known;
    if (type.kind == "Pod") {
        known.insert({"spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName",
                      "status.phase", "status.podIP", "status.nominatedNodeName"});
    } else if (type.kind == "Event") {
        known.insert({"involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
                      "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath",
                      "reason", "reportingComponent", "source", "type"});
    } else if (type.kind == "Node") {
        known.insert("spec.unschedulable");
    } else if (type.kind == "Namespace") {
        known.insert("status.phase");
    } else if (type.kind == "Secret") {
        known.insert("type");
    }
    return known;
}

std::string fieldText(const Json &tree, const std::string &path)
{
    const Json *at = &tree;
    std::size_t start = 0;
    while (start <= path.size()) {
        const std::size_t end = std::min(path.find('.', start), path.size());
        const auto found = at->is_object() ? at->find(path.substr(start, end - start)) : at->end();
        if (!at->is_object() || found == at->end())
            return path == "spec.unschedulable" ? "false" : "";
        at = &*found;
        start = end + 1;
    }
    if (path == "source" && at->is_object())
        return at->value("component", std::string());
    return at->is_string() ? at->get<std::string>() : at->dump();
}

} // namespace

std::optional<Selection::Requirement> Selection::requirement(const std::string &text, std::string &problem)
{
    Requirement made;
    const auto bad = [&](const std::string &why) {
        problem = "unable to parse requirement: " + why;
        return std::optional<Requirement>();
    };
    if (text.empty())
        return bad("found '', expected: identifier");
    if (text.front() == '!' && text.find('=') == std::string::npos) {
        made.kind = Requirement::Kind::Absent;
        made.key = trimmed(text.substr(1));
        return isKey(made.key) ? std::optional(made) : bad("invalid label key \"" + made.key + '"');
    }
    const std::size_t equals = text.find('=');
    const std::size_t open = text.find('(');
    if (equals != std::string::npos && open == std::string::npos) {
        const bool isNot = equals > 0 && text[equals - 1] == '!';
        made.kind = isNot ? Requirement::Kind::NotIn : Requirement::Kind::In;
        made.key = trimmed(text.substr(0, isNot ? equals - 1 : equals));
        const bool isDouble = !isNot && equals + 1 < text.size() && text[equals + 1] == '=';
        made.values = {trimmed(text.substr(equals + (isDouble ? 2 : 1)))};
    } else if (open != std::string::npos) {
        if (text.back() != ')')
            return bad("found '', expected: ',' or ')'");
        const std::string head = trimmed(text.substr(0, open));
        const std::size_t space = head.find(' ');
        const std::string verb = space == std::string::npos ? std::string() : trimmed(head.substr(space));
        if (verb != "in" && verb != "notin")
            return bad("found '" + verb + "', expected: in, notin, =, ==, !=, gt, lt");
        made.key = head.substr(0, space);
        made.kind = verb == "in" ? Requirement::Kind::In : Requirement::Kind::NotIn;
        made.values = split(text.substr(open + 1, text.size() - open - 2));
    } else {
        made.kind = Requirement::Kind::Exists;
        made.key = text;
        if (text.find(' ') != std::string::npos)
            return bad("found '" + text.substr(text.find(' ') + 1) + "', expected: in, notin, =, ==, !=, gt, lt");
    }
    if (!isKey(made.key))
        return bad("invalid label key \"" + made.key + '"');
    for (const std::string &value : made.values) {
        if (!value.empty() && !isName(value))
            return bad("invalid label value: \"" + value + '"');
    }
    return made;
}

std::optional<Selection> Selection::parse(const ResourceType &type, const std::string &labels,
                                          const std::string &fields, std::string &problem)
{
    Selection selection;
    if (!trimmed(labels).empty()) {
        for (const std::string &part : split(labels)) {
            const auto made = requirement(part, problem);
            if (!made)
                return {};
            selection.m_labels.push_back(*made);
        }
    }
    if (trimmed(fields).empty())
        return selection;
    const std::set<std::string> known = fieldsOf(type);
    for (const std::string &part : split(fields)) {
        if (part.empty())
            continue;
        const std::size_t equals = part.find('=');
        if (equals == std::string::npos || equals == 0) {
            problem = "invalid selector: '" + part + "'; can't understand '" + part + "'";
            return {};
        }
        Field field;
        field.isEqual = part[equals - 1] != '!';
        field.path = part.substr(0, field.isEqual ? equals : equals - 1);
        const bool isDouble = field.isEqual && equals + 1 < part.size() && part[equals + 1] == '=';
        field.value = part.substr(equals + (isDouble ? 2 : 1));
        if (!known.contains(field.path)) {
            problem = "field label not supported: " + field.path;
            return {};
        }
        selection.m_fields.push_back(field);
    }
    return selection;
}

bool Selection::matches(const StoredObject &object) const
{
    for (const Requirement &one : m_labels) {
        const auto at = std::find_if(object.labels.begin(), object.labels.end(),
                                     [&](const auto &label) { return label.first == one.key; });
        const bool isThere = at != object.labels.end();
        const bool isListed =
            isThere && std::find(one.values.begin(), one.values.end(), at->second) != one.values.end();
        const bool isMet = one.kind == Requirement::Kind::In       ? isListed
                           : one.kind == Requirement::Kind::NotIn  ? !isListed
                           : one.kind == Requirement::Kind::Exists ? isThere
                                                                   : !isThere;
        if (!isMet)
            return false;
    }
    Json tree;
    for (const Field &field : m_fields) {
        std::string value;
        if (field.path == "metadata.name") {
            value = object.name;
        } else if (field.path == "metadata.namespace") {
            value = object.ns;
        } else {
            if (tree.is_null())
                tree = object.tree();
            value = fieldText(tree, field.path);
        }
        if ((value == field.value) != field.isEqual)
            return false;
    }
    return true;
}

std::string selectorText(const Json &selector)
{
    if (!selector.is_object())
        return {};
    const bool isPlain = !selector.contains("matchLabels") && !selector.contains("matchExpressions");
    std::string text;
    const auto add = [&text](const std::string &part) { text += (text.empty() ? "" : ",") + part; };
    const Json &labels = isPlain ? selector : selector.value("matchLabels", Json::object());
    for (const auto &[key, value] : labels.items()) {
        if (value.is_string())
            add(key + '=' + value.get<std::string>());
    }
    if (isPlain)
        return text;
    for (const Json &expression : selector.value("matchExpressions", Json::array())) {
        const std::string key = expression.value("key", std::string());
        const std::string verb = expression.value("operator", std::string());
        std::string values;
        for (const Json &value : expression.value("values", Json::array()))
            values += (values.empty() ? "" : ",") + (value.is_string() ? value.get<std::string>() : value.dump());
        if (verb == "Exists")
            add(key);
        else if (verb == "DoesNotExist")
            add('!' + key);
        else
            add(key + (verb == "NotIn" ? " notin (" : " in (") + values + ')');
    }
    return text;
}

} // namespace signalbox::sandbox
