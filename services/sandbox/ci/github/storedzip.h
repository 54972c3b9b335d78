#pragma once

#include <string>
#include <utility>
#include <vector>

namespace signalbox::sandbox::ci::github
{

// A ZIP archive whose files are stored as they are (PKWARE's APPNOTE.TXT, 4.3: local headers, the central directory and
// its end). Names are UTF-8, with "/" between folders. For archives below 4 GB and 65,536 files.
std::string storedZip(const std::vector<std::pair<std::string, std::string>> &files); // name, content

} // namespace signalbox::sandbox::ci::github
