#include "services/git/treeobject.h"

#include <cstring>

namespace signalbox::git
{

int compare(const TreeEntry &a, const TreeEntry &b)
{
    const qsizetype both = std::min(a.name.size(), b.name.size());
    if (const int order = std::memcmp(a.name.data(), b.name.data(), static_cast<size_t>(both)))
        return order;
    const auto next = [both](const TreeEntry &entry) {
        return entry.name.size() > both ? static_cast<unsigned char>(entry.name.at(both))
                                        : static_cast<unsigned char>(entry.isFolder() ? '/' : '\0');
    };
    return int(next(a)) - int(next(b));
}

// MODE NAME \0 ID, again and again, in order.
TreePointer parseTree(QByteArray bytes)
{
    auto tree = std::make_shared<TreeObject>();
    tree->bytes = std::move(bytes);
    const QByteArrayView view = tree->bytes;
    std::vector<TreeEntry> &entries = tree->entries;
    entries.reserve(static_cast<size_t>(view.size() / 30 + 1));
    for (qsizetype at = 0; at < view.size();) {
        TreeEntry entry;
        qsizetype i = at;
        for (; i < view.size() && view.at(i) >= '0' && view.at(i) <= '7' && i - at < 8; ++i)
            entry.mode = entry.mode * 8 + static_cast<unsigned>(view.at(i) - '0');
        if (i == at || i >= view.size() || view.at(i) != ' ')
            return nullptr;
        const auto *nul =
            static_cast<const char *>(std::memchr(view.data() + i, '\0', static_cast<size_t>(view.size() - i)));
        if (!nul || view.data() + view.size() - nul < 21)
            return nullptr;
        entry.name = QByteArrayView(view.data() + i + 1, nul);
        entry.id = reinterpret_cast<const unsigned char *>(nul + 1);
        const bool isOdd = entry.name.isEmpty() || entry.name == QByteArrayView(".") ||
                           entry.name == QByteArrayView("..") || entry.name.contains('/');
        if (isOdd || (!entries.empty() && compare(entries.back(), entry) >= 0))
            return nullptr;
        entries.push_back(entry);
        at = nul + 21 - view.data();
    }
    return tree;
}

size_t sameAtFront(const TreeObject &a, const TreeObject &b)
{
    constexpr size_t step = 256;
    const auto both = static_cast<size_t>(std::min(a.bytes.size(), b.bytes.size()));
    const char *left = a.bytes.constData();
    const char *right = b.bytes.constData();
    size_t same = 0;
    while (same < both && std::memcmp(left + same, right + same, std::min(step, both - same)) == 0)
        same += std::min(step, both - same);
    while (same < both && left[same] == right[same])
        ++same;
    const auto isWhole = [end = left + same](const TreeEntry &entry) {
        return reinterpret_cast<const char *>(entry.id) + 20 <= end;
    };
    return static_cast<size_t>(std::partition_point(a.entries.begin(), a.entries.end(), isWhole) - a.entries.begin());
}

} // namespace signalbox::git
