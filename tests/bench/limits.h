#pragma once

namespace signalbox::test
{

// The last word of a line whose figure has a limit: run.sh counts them, and nothing fails because of one.
constexpr const char *verdict(bool isMet)
{
    return isMet ? "met" : "MISSED";
}

} // namespace signalbox::test
