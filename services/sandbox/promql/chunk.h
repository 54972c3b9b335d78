#pragma once

#include "services/sandbox/promql/samplestore.h"

#include <cstdint>
#include <vector>

namespace signalbox::sandbox
{

// Up to `capacity` samples of one series, compressed. Times are kept as differences of differences (a steady scrape
// costs one bit), values as XOR against the one before (an unchanged value costs one bit).
class Chunk
{
public:
    static constexpr std::uint32_t capacity = 120;

    bool isFull() const { return m_count >= capacity; }
    std::uint32_t count() const { return m_count; }
    std::int64_t firstMs() const { return m_first; }
    std::int64_t lastMs() const { return m_last; }
    std::size_t bytes() const { return m_bytes.capacity(); }

    // `ms` must be after lastMs().
    void append(std::int64_t ms, double value);
    // Gives back what append() reserved ahead.
    void shrink() { m_bytes.shrink_to_fit(); }
    // Appends the samples of [fromMs, toMs].
    void read(std::int64_t fromMs, std::int64_t toMs, std::vector<TimedValue> &samples) const;

private:
    void writeBits(std::uint64_t bits, int count);
    void writeTime(std::int64_t ms);
    void writeValue(double value);

    std::vector<std::uint8_t> m_bytes;
    std::int64_t m_first = 0;
    std::int64_t m_last = 0;
    std::int64_t m_delta = 0;
    std::uint64_t m_value = 0; // bits of the last one
    std::uint32_t m_bits = 0;  // written
    std::uint16_t m_count = 0;
    std::uint8_t m_leading = 255; // of the window of meaningful bits; 255: none yet
    std::uint8_t m_trailing = 0;
};

} // namespace signalbox::sandbox
