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
        , m_start(m_root)
    {}
    // A schema within a document, whose $refs look into all of it.
    JsonSchema(Json document, const std::string &pointer)
        : m_root(std::move(document))
        , m_start(m_root.at(Json::json_pointer(pointer)))
    {}

    // Empty: valid. Else the first complaint.
    std::string complaint(const Json &value) const { return check(value, m_start, "$"); }

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
            else if (keyword == "anyOf" || keyword == "oneOf")
                found = checkChoice(value, rule, keyword == "oneOf", path);
            else if (keyword == "minItems")
                found = value.size() >= rule.get<std::size_t>() ? "" : path + " has too few items";
            else if (keyword == "maxItems")
                found = value.size() <= rule.get<std::size_t>() ? "" : path + " has too many items";
            else if (keyword[0] != '$' && keyword != "title" && keyword != "description" && keyword != "example" &&
                     keyword != "format")
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
               (type == "integer" && value.is_number_integer()) || (type == "number" && value.is_number());
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
    // `false`, or a schema for those that are not named.
    std::string checkAdditional(const Json &value, const Json &schema, const std::string &path) const
    {
        const Json &rule = schema.at("additionalProperties");
        for (const auto &item : value.items()) {
            if (schema.contains("properties") && schema.at("properties").contains(item.key()))
                continue;
            if (rule.is_boolean())
                return rule.get<bool>() ? "" : path + " has " + item.key();
            if (const std::string found = check(item.value(), rule, path + "." + item.key()); !found.empty())
                return found;
        }
        return {};
    }
    std::string checkChoice(const Json &value, const Json &choices, bool onlyOne, const std::string &path) const
    {
        int fitting = 0;
        std::string complaints;
        for (const Json &choice : choices) {
            const std::string found = check(value, choice, path);
            fitting += found.empty() ? 1 : 0;
            complaints += found.empty() ? "" : "; " + found;
        }
        if (fitting == 0)
            return path + " fits none of the choices" + complaints;
        return onlyOne && fitting > 1 ? path + " fits more than one of the choices" : "";
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
    Json m_start;
};

} // namespace signalbox::test
