#pragma once

#include "models/domain/result.h"

#include <nlohmann/json_fwd.hpp>

#include <QByteArray>

namespace signalbox
{

// RFC 8785 (JSON Canonicalization Scheme): one byte string per value, so that it can be hashed and signed. No white
// space, keys by UTF-16 code units, numbers as ECMAScript prints doubles, the shortest escapes. Invalid for what the
// RFC excludes: NaN, infinities, text that is not UTF-8, whole numbers that a double cannot hold exactly (send those as
// text).
Result<QByteArray> canonicalJson(const nlohmann::json &value);

// A double as ECMAScript's Number.prototype.toString prints it; finite ones only.
QByteArray ecmaScriptNumber(double value);

} // namespace signalbox
