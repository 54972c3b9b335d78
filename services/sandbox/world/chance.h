#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// Chance that comes out the same at every start: numbers made of a seed and of what they are for, never of a
// generator's state, so that nothing depends on the order in which the world asks.
namespace signalbox::sandbox
{

std::uint64_t mixed(std::uint64_t value);
std::uint64_t hashOf(std::string_view text, std::uint64_t seed = 0);
// 0 <= x < 1
double chance(std::uint64_t seed, std::string_view what, std::uint64_t number = 0);
// `length` letters of the alphabet that Kubernetes makes names of (no vowels, nothing that looks like another).
std::string safeName(std::uint64_t value, int length);

} // namespace signalbox::sandbox
