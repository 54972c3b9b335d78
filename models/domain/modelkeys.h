#pragma once

// How the template of a pod says which model it serves: annotations, else labels. Kubernetes has no standard for it;
// these are ours.
namespace signalbox
{

inline constexpr char modelNameKey[] = "signalbox/model-name";
inline constexpr char modelVersionKey[] = "signalbox/model-version";

} // namespace signalbox
