#include "services/sandbox/kube/protobuf.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <string_view>

namespace signalbox::sandbox
{

using Json = nlohmann::json;

namespace
{

struct Message;

struct Field
{
    const char *name;
    const Message *message = nullptr; // null: a text
    bool isMap = false;               // of texts
};

struct Message
{
    std::map<int, Field> fields; // others are skipped
};

class Reader
{
public:
    explicit Reader(std::string_view bytes)
        : m_bytes(bytes)
    {}

    // The next field of wire type 2 (texts, bytes, messages); others are skipped. False: the end, or a mistake.
    bool next(int &number, std::string_view &content)
    {
        std::uint64_t tag = 0;
        while (varint(tag)) {
            number = int(tag >> 3);
            std::uint64_t size = 0;
            switch (tag & 7) {
            case 0:
                if (!varint(size))
                    return false;
                continue;
            case 1:
            case 5:
                size = (tag & 7) == 1 ? 8 : 4;
                break;
            case 2:
                if (!varint(size))
                    return false;
                break;
            default:
                return fail();
            }
            if (size > m_bytes.size())
                return fail();
            content = m_bytes.substr(0, size);
            m_bytes.remove_prefix(size);
            if ((tag & 7) == 2)
                return true;
        }
        return false;
    }
    bool isBroken() const { return m_isBroken; }

private:
    bool fail()
    {
        m_isBroken = true;
        return false;
    }

    bool varint(std::uint64_t &value)
    {
        value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (m_bytes.empty())
                return shift == 0 ? false : fail();
            const auto byte = static_cast<unsigned char>(m_bytes.front());
            m_bytes.remove_prefix(1);
            value |= std::uint64_t(byte & 0x7f) << shift;
            if (!(byte & 0x80))
                return true;
        }
        return fail();
    }

    std::string_view m_bytes;
    bool m_isBroken = false;
};

bool read(std::string_view bytes, const Message &message, Json &object)
{
    Reader reader(bytes);
    int number = 0;
    std::string_view content;
    while (reader.next(number, content)) {
        const auto field = message.fields.find(number);
        if (field == message.fields.end())
            continue;
        const Field &known = field->second;
        if (known.isMap) {
            static const Message entry{{{1, {"key"}}, {2, {"value"}}}};
            Json pair = Json::object();
            if (!read(content, entry, pair))
                return false;
            object[known.name][pair.value("key", std::string())] = pair.value("value", std::string());
        } else if (known.message) {
            Json inner = Json::object();
            if (!read(content, *known.message, inner))
                return false;
            object[known.name] = inner;
        } else if (!content.empty()) { // empty texts are as good as none
            object[known.name] = std::string(content);
        }
    }
    return !reader.isBroken();
}

const Message *messageOf(const std::string &version, const std::string &kind)
{
    static const Message metadata{{{1, {"name"}},
                                   {2, {"generateName"}},
                                   {3, {"namespace"}},
                                   {11, {"labels", nullptr, true}},
                                   {12, {"annotations", nullptr, true}}}};
    static const Message resource{{{1, {"namespace"}},
                                   {2, {"verb"}},
                                   {3, {"group"}},
                                   {4, {"version"}},
                                   {5, {"resource"}},
                                   {6, {"subresource"}},
                                   {7, {"name"}}}};
    static const Message path{{{1, {"path"}}, {2, {"verb"}}}};
    static const Message accessSpec{{{1, {"resourceAttributes", &resource}}, {2, {"nonResourceAttributes", &path}}}};
    static const Message rulesSpec{{{1, {"namespace"}}}};
    static const std::map<std::string, Message> all = {
        {"authorization.k8s.io/v1 SelfSubjectAccessReview",
         {{{1, {"metadata", &metadata}}, {2, {"spec", &accessSpec}}}}},
        {"authorization.k8s.io/v1 SelfSubjectRulesReview", {{{1, {"metadata", &metadata}}, {2, {"spec", &rulesSpec}}}}},
        {"authentication.k8s.io/v1 SelfSubjectReview", {{{1, {"metadata", &metadata}}}}},
        {"v1 Namespace", {{{1, {"metadata", &metadata}}}}},
        {"v1 ConfigMap", {{{1, {"metadata", &metadata}}, {2, {"data", nullptr, true}}}}},
    };
    const auto found = all.find(version + ' ' + kind);
    return found == all.end() ? nullptr : &found->second;
}

} // namespace

std::optional<std::string> jsonOfProtobuf(const std::string &body)
{
    static const std::string_view magic("k8s\0", 4);
    static const Message type{{{1, {"apiVersion"}}, {2, {"kind"}}}};
    const std::string_view bytes(body);
    if (!bytes.starts_with(magic))
        return {};
    Reader envelope(bytes.substr(magic.size()));
    Json object = Json::object();
    std::string_view raw;
    int number = 0;
    std::string_view content;
    while (envelope.next(number, content)) {
        if (number == 1 && !read(content, type, object))
            return {};
        if (number == 2)
            raw = content;
    }
    const Message *message = messageOf(object.value("apiVersion", std::string()), object.value("kind", std::string()));
    if (envelope.isBroken() || !message || !read(raw, *message, object))
        return {};
    return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

} // namespace signalbox::sandbox
