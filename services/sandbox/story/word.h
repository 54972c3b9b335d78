#pragma once

#include <QString>

namespace signalbox::sandbox
{

// A fixed word of the story: a name, a kind, an address. Not translated.
inline QString word(const char *text)
{
    return QString::fromLatin1(text);
}

} // namespace signalbox::sandbox
