#pragma once

#include <stop_token>

namespace signalbox
{

// Aliases of ours, since std::stop_token is still experimental in libc++ (STYLE, "Errors").
using StopToken = std::stop_token;
using StopSource = std::stop_source;
template <typename Callback>
using StopCallback = std::stop_callback<Callback>;

} // namespace signalbox
