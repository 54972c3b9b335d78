#pragma once

#include "services/sandbox/world/json.h"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace signalbox::sandbox
{

// Reads one object of a document and remembers which of its words were asked for: finish() throws for the others, as
// everything here does, with the place.
class JsonReader
{
public:
    JsonReader(const Json &tree, std::string place)
        : m_tree(tree)
        , m_place(std::move(place))
    {
        if (!tree.is_object())
            throw std::runtime_error(m_place + ": expected an object");
    }

    template <typename T>
    T take(const char *word)
    {
        m_known.push_back(word);
        if (!m_tree.contains(word))
            throw std::runtime_error(m_place + ": \"" + word + "\" is missing");
        return m_tree.at(word).get<T>();
    }
    template <typename T>
    void takeIfThere(const char *word, T &value)
    {
        m_known.push_back(word);
        if (m_tree.contains(word))
            value = m_tree.at(word).get<T>();
    }
    const Json *child(const char *word)
    {
        m_known.push_back(word);
        return m_tree.contains(word) ? &m_tree.at(word) : nullptr;
    }
    const std::string &place() const { return m_place; }
    void finish(const std::vector<std::string> &also = {}) const
    {
        for (auto it = m_tree.begin(); it != m_tree.end(); ++it) {
            if (std::find(m_known.begin(), m_known.end(), it.key()) == m_known.end() &&
                std::find(also.begin(), also.end(), it.key()) == also.end())
                throw std::runtime_error(m_place + ": unknown word \"" + it.key() + '"');
        }
    }

private:
    const Json &m_tree;
    std::string m_place;
    std::vector<std::string> m_known;
};

template <typename T>
T oneOf(const std::string &word, const std::map<std::string, T> &values, const std::string &place)
{
    const auto found = values.find(word);
    if (found == values.end())
        throw std::runtime_error(place + ": \"" + word + "\" is not one of the words for it");
    return found->second;
}

} // namespace signalbox::sandbox
