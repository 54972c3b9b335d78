#include "services/sandbox/ci/github/storedzip.h"

#include <array>
#include <cstdint>

namespace signalbox::sandbox::ci::github
{

namespace
{

constexpr std::uint16_t version = 20; // 2.0: folders
constexpr std::uint16_t namesAreUtf8 = 1u << 11;
constexpr std::uint16_t firstDay = (1u << 5) | 1; // 1980-01-01: it says nothing of when a job ran

void put(std::string &to, std::uint32_t value, int bytes) // little endian
{
    for (int i = 0; i < bytes; ++i)
        to += static_cast<char>((value >> (8 * i)) & 0xff);
}

// CRC-32 as ISO 3309 has it (APPNOTE 4.4.7).
std::uint32_t checksum(const std::string &content)
{
    static const std::array<std::uint32_t, 256> table = [] {
        std::array<std::uint32_t, 256> made{};
        for (std::uint32_t i = 0; i < made.size(); ++i) {
            std::uint32_t value = i;
            for (int bit = 0; bit < 8; ++bit)
                value = (value & 1) != 0 ? 0xedb88320u ^ (value >> 1) : value >> 1;
            made[i] = value;
        }
        return made;
    }();
    std::uint32_t sum = 0xffffffffu;
    for (const char c : content)
        sum = table[(sum ^ static_cast<unsigned char>(c)) & 0xff] ^ (sum >> 8);
    return sum ^ 0xffffffffu;
}

// What a local header and an entry of the central directory have in common.
std::string commonFields(const std::string &name, const std::string &content)
{
    std::string fields;
    put(fields, version, 2);
    put(fields, namesAreUtf8, 2);
    put(fields, 0, 2); // stored
    put(fields, 0, 2); // midnight
    put(fields, firstDay, 2);
    put(fields, checksum(content), 4);
    put(fields, static_cast<std::uint32_t>(content.size()), 4); // stored, and as it was
    put(fields, static_cast<std::uint32_t>(content.size()), 4);
    put(fields, static_cast<std::uint32_t>(name.size()), 2);
    put(fields, 0, 2); // nothing extra
    return fields;
}

} // namespace

std::string storedZip(const std::vector<std::pair<std::string, std::string>> &files)
{
    std::string archive;
    std::string directory;
    for (const auto &[name, content] : files) {
        const auto offset = static_cast<std::uint32_t>(archive.size());
        const std::string fields = commonFields(name, content);
        archive += "PK\x03\x04" + fields + name + content;
        directory += "PK\x01\x02";
        put(directory, version, 2); // made by
        directory += fields;
        put(directory, 0, 2); // no comment
        put(directory, 0, 2); // first disk
        put(directory, 0, 2); // internal and external attributes
        put(directory, 0, 4);
        put(directory, offset, 4);
        directory += name;
    }
    const auto begin = static_cast<std::uint32_t>(archive.size());
    archive += directory + "PK\x05\x06";
    put(archive, 0, 4); // one disk
    put(archive, static_cast<std::uint32_t>(files.size()), 2);
    put(archive, static_cast<std::uint32_t>(files.size()), 2);
    put(archive, static_cast<std::uint32_t>(directory.size()), 4);
    put(archive, begin, 4);
    put(archive, 0, 2); // no comment
    return archive;
}

} // namespace signalbox::sandbox::ci::github
