#pragma once

#include "models/domain/result.h"
#include "models/policy/policy.h"

namespace signalbox
{
class YamlDocument;
}

namespace signalbox::policy
{

// Reads policy.yaml (resources/policy.schema.json). All mistakes are told at once, one sentence a line (file, line,
// path, expected, found), in one Error of kind Invalid. A key that is not known is one: to pass over a rule that a
// later version wrote would let through what it forbids.
Result<Policy> decodePolicy(const YamlDocument &document);
Result<Policy> parsePolicy(const QByteArray &bytes, const QString &file);

} // namespace signalbox::policy
