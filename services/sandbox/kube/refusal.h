#pragma once

#include <string>
#include <utility>
#include <vector>

namespace signalbox::sandbox
{

// Why a request was not done, in the terms of a Kubernetes Status object (k8s.io/apimachinery/pkg/api/errors).
struct Refusal
{
    struct Cause
    {
        std::string reason;  // "FieldValueInvalid"
        std::string message; // "Invalid value: -1: must be greater than or equal to 0"
        std::string field;   // "spec.replicas"
    };

    int code = 500;
    std::string reason; // "NotFound", "Conflict", "Invalid" ...; may be empty
    std::string message;
    // details of the Status; an empty name and kind leave them out
    std::string group;
    std::string kind; // the resource for NotFound and Conflict, the kind for Invalid
    std::string name;
    std::vector<Cause> causes;
    int retryAfterSeconds = 0;
};

// The sentences of a real server. `resource` is the plural, `kind` the kind.
Refusal notFound(const std::string &group, const std::string &resource, const std::string &name);
Refusal alreadyExists(const std::string &group, const std::string &resource, const std::string &name);
Refusal conflict(const std::string &group, const std::string &resource, const std::string &name,
                 const std::string &why);
// The object was modified: read it again.
Refusal staleVersion(const std::string &group, const std::string &resource, const std::string &name);
Refusal badRequest(std::string message);
// 422 with one sentence for each cause.
Refusal invalid(const std::string &group, const std::string &kind, const std::string &name,
                std::vector<Refusal::Cause> causes);
Refusal forbidden(const std::string &group, const std::string &resource, const std::string &name,
                  const std::string &why);
Refusal expired(std::string message); // 410
// 500 without a reason: what a real server says of some mistakes that it does not expect.
Refusal unexpected(std::string message);

// The causes of `invalid`.
Refusal::Cause invalidValue(std::string field, const std::string &value, const std::string &why);
Refusal::Cause requiredValue(std::string field, const std::string &why = {});
Refusal::Cause duplicateValue(std::string field, const std::string &value);

// "deployments.apps", "pods"
std::string qualified(const std::string &resource, const std::string &group);

} // namespace signalbox::sandbox
