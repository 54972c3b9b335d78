#include "services/git/commitobject.h"

namespace signalbox::git
{
namespace
{

// One header with its continuation lines, the line end included.
struct Header
{
    QByteArrayView name;
    QByteArrayView value; // first line alone
    QByteArrayView whole;
};

std::optional<Header> nextHeader(QByteArrayView &rest)
{
    qsizetype end = rest.indexOf('\n');
    if (end < 0)
        return std::nullopt;
    const QByteArrayView line = rest.first(end);
    const qsizetype space = line.indexOf(' ');
    if (space <= 0)
        return std::nullopt;
    while (end + 1 < rest.size() && rest.at(end + 1) == ' ') {
        const qsizetype next = rest.indexOf('\n', end + 1);
        if (next < 0)
            return std::nullopt;
        end = next;
    }
    const Header header{line.first(space), line.sliced(space + 1), rest.first(end + 1)};
    rest = rest.sliced(end + 1);
    return header;
}

// "NAME <EMAIL> SECONDS ZONE"
bool readPerson(QByteArrayView value, CommitObject &commit)
{
    const qsizetype open = value.lastIndexOf('<');
    const qsizetype close = value.lastIndexOf('>');
    if (open < 0 || close < open || close + 2 > value.size())
        return false;
    commit.committerName = value.first(open).trimmed();
    commit.committerEmail = value.sliced(open + 1, close - open - 1);
    const QByteArrayView rest = value.sliced(close + 1).trimmed();
    const qsizetype space = rest.indexOf(' ');
    bool isNumber = false;
    commit.committedAt = rest.first(space < 0 ? rest.size() : space).toByteArray().toLongLong(&isNumber);
    return isNumber && commit.committedAt >= 0;
}

// The signature's lines: the first behind the header's name, the others behind one space.
QByteArray unfolded(const Header &header)
{
    QByteArray text = header.whole.sliced(header.name.size() + 1).toByteArray();
    text.replace("\n ", "\n");
    return text;
}

class Parser
{
public:
    std::optional<CommitObject> parse(QByteArrayView text)
    {
        QByteArrayView rest = text;
        m_commit.payload.reserve(text.size());
        while (!rest.isEmpty() && rest.front() != '\n') {
            const auto header = nextHeader(rest);
            if (!header || !take(*header))
                return std::nullopt;
        }
        if (rest.isEmpty() || m_trees != 1 || m_authors == 0 || m_committers == 0)
            return std::nullopt;
        m_commit.payload.append(rest);
        m_commit.message = rest.sliced(1);
        if (m_authors > 1 || m_committers > 1)
            odd("its author or committer is given twice");
        return std::move(m_commit);
    }

private:
    void odd(QByteArray what)
    {
        if (m_commit.oddity.isEmpty())
            m_commit.oddity = std::move(what);
    }

    bool take(const Header &header)
    {
        if (header.name == QByteArrayView("gpgsig")) {
            if (!m_commit.signature.isEmpty())
                odd("it has two signatures");
            m_commit.signature += unfolded(header); // one after the other, as git reads them
            return true;
        }
        if (header.name == QByteArrayView("gpgsig-sha256")) {
            odd("it has a signature for another kind of repository (gpgsig-sha256)");
            return true; // not in the payload either
        }
        m_commit.payload.append(header.whole);
        return takeOther(header);
    }

    bool takeOther(const Header &header)
    {
        if (header.name == QByteArrayView("tree")) {
            const auto id = ObjectId::fromHex(header.value);
            m_commit.tree = id.value_or(ObjectId{});
            return id && ++m_trees == 1;
        }
        if (header.name == QByteArrayView("parent")) {
            const auto id = ObjectId::fromHex(header.value);
            if (id)
                m_commit.parents.push_back(*id);
            return id.has_value();
        }
        if (header.name == QByteArrayView("author")) {
            ++m_authors;
            return true;
        }
        if (header.name == QByteArrayView("committer"))
            return ++m_committers > 1 || readPerson(header.value, m_commit);
        if (header.name != QByteArrayView("encoding"))
            odd("it has the header \"" + header.name.first(std::min<qsizetype>(header.name.size(), 40)).toByteArray() +
                "\", which no ledger needs");
        return true;
    }

    CommitObject m_commit;
    int m_trees = 0;
    int m_authors = 0;
    int m_committers = 0;
};

} // namespace

std::optional<ObjectId> ObjectId::fromHex(QByteArrayView hex)
{
    if (hex.size() != 40)
        return std::nullopt;
    ObjectId id;
    for (size_t i = 0; i < 40; ++i) {
        const char c = hex.at(static_cast<qsizetype>(i));
        const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (digit < 0)
            return std::nullopt;
        id.bytes[i / 2] = static_cast<unsigned char>((id.bytes[i / 2] << 4) | digit);
    }
    return id;
}

QByteArray ObjectId::hex() const
{
    return QByteArray::fromRawData(reinterpret_cast<const char *>(bytes.data()), 20).toHex();
}

std::optional<CommitObject> parseCommit(QByteArrayView text)
{
    return Parser().parse(text);
}

} // namespace signalbox::git
