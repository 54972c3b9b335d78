#pragma once

#include <QDateTime>

#include <optional>
#include <string_view>

// Small values as Kubernetes writes them. Pure, thread-safe, without allocation.
namespace signalbox::kubernetes
{

// RFC 3339 with or without a fraction, "Z" or an offset; invalid where it is none.
QDateTime parseTime(std::string_view text);

// resource.Quantity ("100m", "128Mi", "1.5", "12e3", "250n"); none where it is none.
// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
std::optional<double> parseQuantity(std::string_view text);

} // namespace signalbox::kubernetes
