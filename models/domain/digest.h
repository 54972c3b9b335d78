#pragma once

#include <QString>

// What names an artifact or a commit for ever.
namespace signalbox
{

bool isDigest(const QString &text);   // "sha256:" or "sha512:" and as many digits, in small letters
bool isCommitId(const QString &text); // 40 digits (SHA-1) or 64 (SHA-256), in small letters

} // namespace signalbox
