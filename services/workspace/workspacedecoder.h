#pragma once

#include "services/workspace/workspace.h"

namespace signalbox
{

class YamlDocument;

// Reads a workspace. All mistakes are told at once, one sentence a line (file, line, path, expected, found), in one
// Error of kind Invalid. Keys that are not known are warnings: a later version may know them.
Result<Workspace> decodeWorkspace(const YamlDocument &document);

} // namespace signalbox
