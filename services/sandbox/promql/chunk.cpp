#include "services/sandbox/promql/chunk.h"

#include <algorithm>
#include <array>
#include <bit>

namespace signalbox::sandbox
{
namespace
{

// Classes of a time's second difference: a prefix of n ones and a zero (the last class has no zero), then so many bits.
constexpr std::array<int, 5> timeBits = {0, 8, 14, 20, 64};

class BitReader
{
public:
    explicit BitReader(const std::vector<std::uint8_t> &bytes)
        : m_bytes(bytes)
    {}
    bool bit()
    {
        const bool set = (m_bytes[m_position >> 3] >> (7 - (m_position & 7))) & 1;
        ++m_position;
        return set;
    }
    std::uint64_t bits(int count)
    {
        std::uint64_t value = 0;
        while (count > 0) {
            const int free = 8 - static_cast<int>(m_position & 7);
            const int taken = std::min(free, count);
            const unsigned byte = m_bytes[m_position >> 3];
            value = (value << taken) | ((byte >> (free - taken)) & ((1u << taken) - 1));
            m_position += static_cast<unsigned>(taken);
            count -= taken;
        }
        return value;
    }

private:
    const std::vector<std::uint8_t> &m_bytes;
    std::size_t m_position = 0;
};

} // namespace

void Chunk::writeBits(std::uint64_t bits, int count)
{
    while (count > 0) {
        if ((m_bits & 7) == 0)
            m_bytes.push_back(0);
        const int free = 8 - static_cast<int>(m_bits & 7);
        const int taken = std::min(free, count);
        const auto piece = static_cast<unsigned>((bits >> (count - taken)) & ((1u << taken) - 1));
        m_bytes.back() = static_cast<std::uint8_t>(m_bytes.back() | (piece << (free - taken)));
        m_bits += static_cast<std::uint32_t>(taken);
        count -= taken;
    }
}

void Chunk::writeTime(std::int64_t ms)
{
    const std::int64_t delta = ms - m_last;
    const std::int64_t second = delta - m_delta;
    m_delta = delta;
    std::size_t kind = 0;
    const auto fits = [second](int bits) {
        return bits == 64 || (bits == 0 ? second == 0 : second >= -(1LL << (bits - 1)) && second < (1LL << (bits - 1)));
    };
    while (!fits(timeBits[kind])) {
        writeBits(1, 1);
        ++kind;
    }
    if (kind + 1 < timeBits.size())
        writeBits(0, 1);
    writeBits(static_cast<std::uint64_t>(second), timeBits[kind]);
}

void Chunk::writeValue(double value)
{
    const auto bits = std::bit_cast<std::uint64_t>(value);
    const std::uint64_t change = bits ^ m_value;
    m_value = bits;
    if (change == 0) {
        writeBits(0, 1);
        return;
    }
    const int leading = std::min(std::countl_zero(change), 31);
    const int trailing = std::countr_zero(change);
    if (m_leading != 255 && leading >= m_leading && trailing >= m_trailing) {
        writeBits(0b10, 2);
        writeBits(change >> m_trailing, 64 - m_leading - m_trailing);
        return;
    }
    m_leading = static_cast<std::uint8_t>(leading);
    m_trailing = static_cast<std::uint8_t>(trailing);
    const int meaningful = 64 - leading - trailing;
    writeBits(0b11, 2);
    writeBits(static_cast<std::uint64_t>(leading), 5);
    writeBits(static_cast<std::uint64_t>(meaningful - 1), 6);
    writeBits(change >> trailing, meaningful);
}

void Chunk::append(std::int64_t ms, double value)
{
    if (m_count == 0) {
        m_first = ms;
        m_value = std::bit_cast<std::uint64_t>(value);
        writeBits(m_value, 64);
    } else {
        writeTime(ms);
        writeValue(value);
    }
    m_last = ms;
    ++m_count;
}

void Chunk::read(std::int64_t fromMs, std::int64_t toMs, std::vector<TimedValue> &samples) const
{
    if (m_count == 0 || m_last < fromMs || m_first > toMs)
        return;
    BitReader reader(m_bytes);
    std::int64_t time = m_first;
    std::int64_t delta = 0;
    std::uint64_t value = reader.bits(64);
    int leading = 0;
    int trailing = 0;
    for (std::uint32_t i = 0; i < m_count; ++i) {
        if (i > 0) {
            std::size_t kind = 0;
            while (kind + 1 < timeBits.size() && reader.bit())
                ++kind;
            const int width = timeBits[kind];
            const std::uint64_t raw = reader.bits(width);
            const bool isNegative = width > 0 && width < 64 && (raw >> (width - 1)) & 1;
            delta += static_cast<std::int64_t>(isNegative ? raw | (~0ULL << width) : raw);
            time += delta;
            if (reader.bit()) {
                if (reader.bit()) {
                    leading = static_cast<int>(reader.bits(5));
                    trailing = 64 - leading - static_cast<int>(reader.bits(6)) - 1;
                }
                value ^= reader.bits(64 - leading - trailing) << trailing;
            }
        }
        if (time > toMs)
            return;
        if (time >= fromMs)
            samples.push_back({time, std::bit_cast<double>(value)});
    }
}

} // namespace signalbox::sandbox
