#pragma once

#include <nlohmann/json.hpp>

#include <regex>
#include <string>

namespace signalbox::test
{

// As much of JSON Schema as our own schemas use; an unknown keyword is a complaint, so that none is quietly skipped.
class JsonSchema
{
public:
    using Json = nlohmann::json;
    explicit JsonSchema(Json schema)
        : m_root(std::move(schema))
    {}

    // Empty: valid. Else the first complaint.
    std::string complaint(const Json &value) const { return check(value, m_root, "$"); }

private:
    std::string check(const Json &value, const Json &schema, const std::string &path) const
    {
        for (const auto &[keyword, rule] : schema.items()) {
            std::string found;
            if (keyword == "$ref")
                found = check(value, m_root.at(Json::json_pointer(rule.get<std::string>().substr(1))), path);
            else if (keyword == "type")
                found = isOfType(value, rule) ? "" : path + " is not " + rule.get<std::string>();
            else if (keyword == "const")
                found = value == rule ? "" : path + " is not " + rule.dump();
            else if (keyword == "enum")
                found = std::find(rule.begin(), rule.end(), value) != rule.end() ? "" : path + " is none of the names";
            else if (keyword == "pattern")
                found = std::regex_search(value.get<std::string>(), std::regex(rule.get<std::string>()))
                            ? ""
                            : path + " does not match";
            else if (keyword == "required")
                found = checkRequired(value, rule, path);
            else if (keyword == "properties")
                found = checkProperties(value, rule, path);
            else if (keyword == "additionalProperties")
                found = checkAdditional(value, schema, path);
            else if (keyword == "items")
                found = checkItems(value, rule, path);
            else if (keyword[0] != '$' && keyword != "title" && keyword != "description")
                found = "the schema uses " + keyword;
            if (!found.empty())
                return found;
        }
        return {};
    }
    static bool isOfType(const Json &value, const std::string &type)
    {
        return (type == "object" && value.is_object()) || (type == "array" && value.is_array()) ||
               (type == "string" && value.is_string()) || (type == "boolean" && value.is_boolean()) ||
               (type == "integer" && value.is_number_integer());
    }
    static std::string checkRequired(const Json &value, const Json &names, const std::string &path)
    {
        for (const Json &name : names) {
            if (!value.contains(name.get<std::string>()))
                return path + " lacks " + name.get<std::string>();
        }
        return {};
    }
    std::string checkProperties(const Json &value, const Json &properties, const std::string &path) const
    {
        for (const auto &[name, schema] : properties.items()) {
            if (!value.contains(name))
                continue;
            const std::string found = check(value.at(name), schema, path + "." + name);
            if (!found.empty())
                return found;
        }
        return {};
    }
    static std::string checkAdditional(const Json &value, const Json &schema, const std::string &path)
    {
        for (const auto &item : value.items()) {
            if (!schema.at("properties").contains(item.key()))
                return path + " has " + item.key();
        }
        return {};
    }
    std::string checkItems(const Json &value, const Json &schema, const std::string &path) const
    {
        for (const Json &item : value) {
            const std::string found = check(item, schema, path + "[]");
            if (!found.empty())
                return found;
        }
        return {};
    }

    Json m_root;
};

} // namespace signalbox::test
