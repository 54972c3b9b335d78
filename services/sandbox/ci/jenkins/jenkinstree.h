#pragma once

#include "services/sandbox/world/json.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox::sandbox::ci::jenkins
{

// What ?tree= asks for: "jobs[name,builds[number]{0,3}]" (org.kohsuke.stapler.export.NamedPathPruner).
class Tree
{
public:
    static std::optional<Tree> parse(std::string_view text); // none: malformed, which Jenkins answers with 500

    bool wants(const std::string &name) const { return m_children.count(name) > 0 || m_children.count("*") > 0; }
    bool wantsAll() const { return m_children.empty(); } // nothing is named
    const Tree *child(const std::string &name) const;    // null: not asked for
    int from() const { return m_from; }
    int to() const { return m_to; } // -1: no end
    // Of an object what is asked for, and _class always.
    Json pruned(const Json &value) const;

private:
    bool parseList(std::string_view text, std::size_t &at);

    std::map<std::string, std::shared_ptr<Tree>> m_children;
    int m_from = 0;
    int m_to = -1;
};

} // namespace signalbox::sandbox::ci::jenkins
