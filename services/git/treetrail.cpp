#include "services/git/treetrail.h"

#include <openssl/evp.h>

#include <cstdio>
#include <cstring>

namespace signalbox::git
{
namespace
{

constexpr size_t mostLevels = 17;

// "tree SIZE\0" and the bytes, as git names them. Looked up once: that takes as long as to hash a tree.
std::optional<ObjectId> nameOf(const QByteArray &tree)
{
    struct Hash
    {
        EVP_MD *kind = EVP_MD_fetch(nullptr, "SHA1", nullptr);
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        bool isReady = kind && context && EVP_DigestInit_ex2(context, kind, nullptr) == 1;
        ~Hash()
        {
            EVP_MD_CTX_free(context);
            EVP_MD_free(kind);
        }
    };
    thread_local const Hash hash;
    char header[32];
    const int size = std::snprintf(header, sizeof header, "tree %lld", static_cast<long long>(tree.size())) + 1;
    ObjectId id;
    const bool isNamed = hash.isReady && EVP_DigestInit_ex2(hash.context, nullptr, nullptr) == 1 &&
                         EVP_DigestUpdate(hash.context, header, static_cast<size_t>(size)) == 1 &&
                         EVP_DigestUpdate(hash.context, tree.constData(), static_cast<size_t>(tree.size())) == 1 &&
                         EVP_DigestFinal_ex(hash.context, id.bytes.data(), nullptr) == 1;
    return isNamed ? std::optional(id) : std::nullopt;
}

} // namespace

bool TreeTrail::begin(const ObjectId &root, const std::function<TreePointer(const ObjectId &)> &find)
{
    reset();
    m_isOver = false;
    ObjectId id = root;
    for (;;) {
        const TreePointer tree = find(id);
        if (!tree || tree->entries.empty() || m_levels.size() >= mostLevels) {
            reset();
            return false;
        }
        const auto &entries = tree->entries;
        const auto folder = std::find_if(entries.rbegin(), entries.rend(), [](const auto &e) { return e.isFolder(); });
        m_levels.push_back({tree->bytes, {}, 0, 0, id, id, {}});
        if (folder == entries.rend()) {
            if (m_levels.size() == 1) { // files beside the folders are not what a ledger adds
                reset();
                return false;
            }
            m_starts = {0};
            for (size_t i = 0; i + 1 < entries.size(); ++i)
                m_starts.push_back(tree->endOf(i));
            return true;
        }
        const auto index = static_cast<size_t>(std::distance(folder, entries.rend()) - 1);
        Level &level = m_levels.back();
        level.name = folder->name.toByteArray();
        level.begin = index == 0 ? 0 : tree->endOf(index - 1);
        level.end = tree->endOf(index);
        id = folder->objectId();
    }
}

std::optional<TreeChange> TreeTrail::stepBack()
{
    if (m_levels.empty() || m_starts.empty() || m_isOver)
        return std::nullopt;
    QByteArray &files = m_levels.back().bytes;
    const qsizetype start = m_starts.back();
    m_starts.pop_back();
    TreeChange change;
    const char *at = files.constData() + start;
    for (; *at != ' '; ++at)
        change.mode = change.mode * 8 + static_cast<unsigned>(*at - '0');
    for (const Level &level : m_levels) {
        if (&level != &m_levels.back())
            change.path += level.name + '/';
    }
    const size_t length = std::strlen(++at); // the parser saw where it ends
    change.path.append(at, static_cast<qsizetype>(length));
    std::memcpy(change.id.bytes.data(), at + length + 1, change.id.bytes.size());
    m_levels.back().taken = files.sliced(start);
    files.truncate(start);
    if (!nameAll()) {
        reset();
        return std::nullopt;
    }
    return change;
}

// The deepest one has another name now, hence the one that it lies in, and so on.
bool TreeTrail::nameAll()
{
    m_ids.clear();
    for (size_t i = m_levels.size(); i-- > 0;) {
        Level &level = m_levels[i];
        level.idBefore = level.id;
        if (i + 1 < m_levels.size()) {
            const Level &below = m_levels[i + 1];
            level.taken.clear();
            if (below.bytes.isEmpty()) { // git keeps no empty folder
                level.taken = level.bytes.sliced(level.begin, level.end - level.begin);
                level.bytes.remove(level.begin, level.end - level.begin);
            } else {
                std::memcpy(level.bytes.data() + level.end - 20, below.id.bytes.data(), below.id.bytes.size());
            }
        }
        if (level.bytes.isEmpty()) {
            m_isOver = true;
            continue;
        }
        const auto id = nameOf(level.bytes);
        if (!id)
            return false;
        level.id = *id;
        m_ids.insert(m_ids.begin(), *id);
    }
    return !m_levels.front().bytes.isEmpty();
}

void TreeTrail::undo()
{
    if (m_levels.empty())
        return;
    Level &deepest = m_levels.back();
    m_starts.push_back(deepest.bytes.size());
    deepest.bytes += deepest.taken;
    deepest.id = deepest.idBefore;
    for (size_t i = m_levels.size() - 1; i-- > 0;) {
        Level &level = m_levels[i];
        const ObjectId &below = m_levels[i + 1].idBefore;
        if (level.taken.isEmpty())
            std::memcpy(level.bytes.data() + level.end - 20, below.bytes.data(), below.bytes.size());
        else
            level.bytes.insert(level.begin, level.taken);
        level.id = level.idBefore;
    }
    m_isOver = false;
}

std::vector<TreeTrail::Made> TreeTrail::trees() const
{
    std::vector<Made> made;
    for (const Level &level : m_levels) {
        if (!level.bytes.isEmpty())
            made.push_back({level.id, level.bytes});
    }
    return made;
}

} // namespace signalbox::git
