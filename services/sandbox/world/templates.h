#pragma once

#include "services/sandbox/world/json.h"

// Pod templates as the controllers compare and name them.
namespace signalbox::sandbox
{

// The same for templates that mean the same: without the label that a ReplicaSet adds.
std::string templateKey(const Json &podTemplate);
// What names the ReplicaSet or ControllerRevision of a template ("5d9c8b7f64").
std::string templateHash(const Json &podTemplate);

// "25%" or 3 of a total, as k8s.io/apimachinery/pkg/util/intstr does.
int scaledValue(const Json &value, int total, bool roundsUp, int otherwise);

// ownerReferences with one controller.
Json ownedBy(const Json &owner);
// A pod made of a template: labels, annotations, owner, spec, Pending.
Json podOf(const Json &podTemplate, const Json &owner, const std::string &name, const std::string &generateName);

// Sets status.conditions[type]; lastTransitionTime moves with the status only, lastUpdateTime (Deployments have it)
// with every call. Empty reasons and messages are left out.
void setCondition(Json &status, const std::string &type, bool isTrue, const std::string &reason,
                  const std::string &message, const std::string &now, bool hasUpdateTime);
const Json *conditionOf(const Json &status, const std::string &type); // null: none

} // namespace signalbox::sandbox
