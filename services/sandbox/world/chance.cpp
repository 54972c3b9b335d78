#include "services/sandbox/world/chance.h"

namespace signalbox::sandbox
{

// splitmix64 (Vigna), public domain
std::uint64_t mixed(std::uint64_t value)
{
    value += 0x9e3779b97f4a7c15ULL;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
    return value ^ (value >> 31);
}

// FNV-1a
std::uint64_t hashOf(std::string_view text, std::uint64_t seed)
{
    std::uint64_t hash = 0xcbf29ce484222325ULL ^ mixed(seed);
    for (const char c : text) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 0x100000001b3ULL;
    }
    return mixed(hash);
}

double chance(std::uint64_t seed, std::string_view what, std::uint64_t number)
{
    return static_cast<double>(mixed(hashOf(what, seed) ^ mixed(number)) >> 11) * 0x1.0p-53;
}

std::string safeName(std::uint64_t value, int length)
{
    static constexpr std::string_view alphabet = "bcdfghjklmnpqrstvwxz2456789"; // k8s.io/apimachinery/pkg/util/rand
    std::string name;
    for (int i = 0; i < length; ++i) {
        value = mixed(value);
        name += alphabet[value % alphabet.size()];
    }
    return name;
}

} // namespace signalbox::sandbox
