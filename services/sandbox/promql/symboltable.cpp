#include "services/sandbox/promql/symboltable.h"

namespace signalbox::sandbox
{

std::uint32_t SymbolTable::acquire(std::string_view text)
{
    if (const auto it = m_index.find(text); it != m_index.end()) {
        ++m_entries[it->second].uses;
        return it->second;
    }
    std::uint32_t symbol = static_cast<std::uint32_t>(m_entries.size());
    if (m_free.empty()) {
        m_entries.push_back({std::string(text), 1});
    } else {
        symbol = m_free.back();
        m_free.pop_back();
        m_entries[symbol] = {std::string(text), 1};
    }
    m_index.emplace(m_entries[symbol].text, symbol);
    return symbol;
}

void SymbolTable::release(std::uint32_t symbol)
{
    Entry &entry = m_entries[symbol];
    if (--entry.uses > 0)
        return;
    m_index.erase(entry.text);
    std::string().swap(entry.text); // an assignment would keep its memory
    m_free.push_back(symbol);
}

std::uint32_t SymbolTable::find(std::string_view text) const
{
    const auto it = m_index.find(text);
    return it == m_index.end() ? none : it->second;
}

std::size_t SymbolTable::bytes() const
{
    std::size_t sum = m_entries.size() * (sizeof(Entry) + 56);
    for (const Entry &entry : m_entries)
        sum += entry.text.size() > 15 ? entry.text.capacity() : 0;
    return sum;
}

} // namespace signalbox::sandbox
