#pragma once

#include "models/domain/operation.h"

#include <nlohmann/json_fwd.hpp>

// The difference of two objects as lines people can read: YAML-like, unchanged parts left out but for the path that
// leads to a change, list elements matched by their name. Values of environment variables and arguments that look like
// secrets are never shown, not even when they differ (then a note says that they do).
namespace signalbox::kubernetes
{

// `root` is the first line: "spec.template". Empty: the same.
QList<DiffLine> jsonDiff(const nlohmann::json &before, const nlohmann::json &after, const QString &root = {});

// Is this the name of something not to be shown ("DB_PASSWORD", "api-token")?
bool looksSecret(const QString &name);

} // namespace signalbox::kubernetes
