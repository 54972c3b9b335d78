#include "services/sandbox/kube/refusal.h"

namespace signalbox::sandbox
{

std::string qualified(const std::string &resource, const std::string &group)
{
    return group.empty() ? resource : resource + '.' + group;
}

namespace
{

std::string quoted(const std::string &text)
{
    return '"' + text + '"';
}

Refusal about(int code, const char *reason, const std::string &group, const std::string &kind, const std::string &name,
              std::string message)
{
    Refusal refusal;
    refusal.code = code;
    refusal.reason = reason;
    refusal.message = std::move(message);
    refusal.group = group;
    refusal.kind = kind;
    refusal.name = name;
    return refusal;
}

} // namespace

Refusal notFound(const std::string &group, const std::string &resource, const std::string &name)
{
    return about(404, "NotFound", group, resource, name,
                 qualified(resource, group) + ' ' + quoted(name) + " not found");
}

Refusal alreadyExists(const std::string &group, const std::string &resource, const std::string &name)
{
    return about(409, "AlreadyExists", group, resource, name,
                 qualified(resource, group) + ' ' + quoted(name) + " already exists");
}

Refusal conflict(const std::string &group, const std::string &resource, const std::string &name, const std::string &why)
{
    return about(409, "Conflict", group, resource, name,
                 "Operation cannot be fulfilled on " + qualified(resource, group) + ' ' + quoted(name) + ": " + why);
}

Refusal staleVersion(const std::string &group, const std::string &resource, const std::string &name)
{
    return conflict(group, resource, name,
                    "the object has been modified; please apply your changes to the latest version and try again");
}

Refusal badRequest(std::string message)
{
    return about(400, "BadRequest", {}, {}, {}, std::move(message));
}

Refusal invalid(const std::string &group, const std::string &kind, const std::string &name,
                std::vector<Refusal::Cause> causes)
{
    std::string message = qualified(kind, group) + ' ' + quoted(name) + " is invalid";
    if (causes.size() == 1)
        message += ": " + causes[0].field + ": " + causes[0].message;
    for (std::size_t i = 0; causes.size() > 1 && i < causes.size(); ++i)
        message += (i == 0 ? ": [" : ", ") + causes[i].field + ": " + causes[i].message;
    if (causes.size() > 1)
        message += ']';
    Refusal refusal = about(422, "Invalid", group, kind, name, std::move(message));
    refusal.causes = std::move(causes);
    return refusal;
}

Refusal forbidden(const std::string &group, const std::string &resource, const std::string &name,
                  const std::string &why)
{
    const std::string what = qualified(resource, group) + (name.empty() ? std::string() : ' ' + quoted(name));
    return about(403, "Forbidden", group, resource, name, what + " is forbidden: " + why);
}

Refusal expired(std::string message)
{
    return about(410, "Expired", {}, {}, {}, std::move(message));
}

Refusal unexpected(std::string message)
{
    return about(500, "", {}, {}, {}, std::move(message));
}

Refusal::Cause invalidValue(std::string field, const std::string &value, const std::string &why)
{
    return {"FieldValueInvalid", "Invalid value: " + value + ": " + why, std::move(field)};
}

Refusal::Cause requiredValue(std::string field, const std::string &why)
{
    return {"FieldValueRequired", "Required value" + (why.empty() ? std::string() : ": " + why), std::move(field)};
}

Refusal::Cause duplicateValue(std::string field, const std::string &value)
{
    return {"FieldValueDuplicate", "Duplicate value: " + value, std::move(field)};
}

} // namespace signalbox::sandbox
