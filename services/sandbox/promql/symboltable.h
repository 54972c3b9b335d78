#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace signalbox::sandbox
{

// Texts kept once, counted by use, named by a number. Not thread-safe.
class SymbolTable
{
public:
    static constexpr std::uint32_t none = 0xffffffff;

    std::uint32_t acquire(std::string_view text);
    void release(std::uint32_t symbol);
    std::uint32_t find(std::string_view text) const; // none: nobody uses it
    const std::string &text(std::uint32_t symbol) const { return m_entries[symbol].text; }
    std::size_t size() const { return m_entries.size(); } // numbers are below this
    std::size_t bytes() const;

private:
    struct Entry
    {
        std::string text;
        std::uint32_t uses = 0;
    };
    std::deque<Entry> m_entries; // a deque: the index looks at the texts
    std::vector<std::uint32_t> m_free;
    std::unordered_map<std::string_view, std::uint32_t> m_index;
};

} // namespace signalbox::sandbox
