#pragma once

#include <optional>
#include <string>

namespace signalbox::sandbox
{

// The JSON of an object that was sent as application/vnd.kubernetes.protobuf. Newer kubectls send what they write
// through typed clients in that form, without falling back to JSON: reviews (`auth can-i`, `auth whoami`), and what
// `kubectl create namespace|configmap` makes. Other kinds: nothing, they are answered with 415.
//
// Sources: k8s.io/apimachinery/pkg/runtime/generated.proto (Unknown),
// k8s.io/api/{authorization,core}/v1/generated.proto.
std::optional<std::string> jsonOfProtobuf(const std::string &body);

} // namespace signalbox::sandbox
