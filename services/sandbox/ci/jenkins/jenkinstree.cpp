#include "services/sandbox/ci/jenkins/jenkinstree.h"

#include <algorithm>
#include <charconv>

namespace signalbox::sandbox::ci::jenkins
{

namespace
{

bool takeNumber(std::string_view text, std::size_t &at, int &number)
{
    const auto [end, problem] = std::from_chars(text.data() + at, text.data() + text.size(), number);
    if (problem != std::errc())
        return false;
    at = static_cast<std::size_t>(end - text.data());
    return true;
}

bool take(std::string_view text, std::size_t &at, char c)
{
    if (at >= text.size() || text[at] != c)
        return false;
    ++at;
    return true;
}

} // namespace

std::optional<Tree> Tree::parse(std::string_view text)
{
    Tree tree;
    std::size_t at = 0;
    if (!tree.parseList(text, at) || at != text.size())
        return std::nullopt;
    return tree;
}

bool Tree::parseList(std::string_view text, std::size_t &at)
{
    while (true) {
        const std::size_t begin = at;
        while (at < text.size() && text.substr(at, 1).find_first_of(",[]{}") == std::string_view::npos)
            ++at;
        if (at == begin)
            return false;
        auto child = std::make_shared<Tree>();
        const std::string name(text.substr(begin, at - begin));
        if (take(text, at, '[') && (!child->parseList(text, at) || !take(text, at, ']')))
            return false;
        if (take(text, at, '{')) {
            int first = 0;
            if (!takeNumber(text, at, first))
                return false;
            child->m_from = first;
            child->m_to = first + 1; // {5}: the sixth alone
            if (take(text, at, ',')) {
                child->m_to = -1;
                if (at < text.size() && text[at] != '}' && !takeNumber(text, at, child->m_to))
                    return false;
            }
            if (!take(text, at, '}'))
                return false;
        }
        m_children[name] = child;
        if (!take(text, at, ','))
            return true;
    }
}

const Tree *Tree::child(const std::string &name) const
{
    const auto found = m_children.find(name);
    return found == m_children.end() ? nullptr : found->second.get();
}

Json Tree::pruned(const Json &value) const
{
    if (value.is_array()) {
        Json list = Json::array();
        for (const Json &one : value)
            list.push_back(pruned(one));
        return list;
    }
    if (!value.is_object() || m_children.empty())
        return value;
    Json object = Json::object();
    for (auto it = value.begin(); it != value.end(); ++it) {
        const Tree *one = child(it.key());
        if (it.key() == "_class" || wants("*"))
            object[it.key()] = it.value();
        else if (one && it.value().is_array() && (one->m_from > 0 || one->m_to >= 0)) {
            Json part = Json::array();
            const int size = static_cast<int>(it.value().size());
            const int to = one->m_to < 0 ? size : std::min(size, one->m_to);
            for (int i = one->m_from; i < to; ++i)
                part.push_back(one->pruned(it.value().at(static_cast<std::size_t>(i))));
            object[it.key()] = part;
        } else if (one) {
            object[it.key()] = one->pruned(it.value());
        }
    }
    return object;
}

} // namespace signalbox::sandbox::ci::jenkins
