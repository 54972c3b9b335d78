#include "services/net/etagmemory.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

namespace signalbox
{

namespace
{

constexpr qsizetype leastPacked = 4096;
constexpr qsizetype mostPacked = 1024 * 1024; // more would keep the network thread: some 10 ms a megabyte

// "RateLimit-Remaining", "X-RateLimit-Reset"
bool isOfBudget(const std::pair<QByteArray, QByteArray> &header)
{
    const QByteArray name = header.first.toLower();
    return name.startsWith("ratelimit") || name.startsWith("x-ratelimit");
}

} // namespace

EtagMemory::EtagMemory(qint64 maxBytes, qint64 maxEntry)
    : m_maxBytes(maxBytes)
    , m_maxEntry(maxEntry)
{}

QByteArray EtagMemory::key(const QString &connection, const QByteArray &url, const HttpHeaders &headers)
{
    QByteArray key = connection.toUtf8() + '\n' + url;
    for (const auto &[name, value] : headers) {
        const QByteArray lower = name.toLower();
        if (lower == "accept" || lower == "accept-language" || lower == "range")
            key += '\n' + lower + ':' + value;
    }
    return key;
}

EtagMemory::Entry *EtagMemory::use(const QByteArray &key)
{
    const auto found = m_byKey.constFind(key);
    if (found == m_byKey.constEnd())
        return nullptr;
    m_entries.splice(m_entries.begin(), m_entries, *found);
    return &m_entries.front();
}

QByteArray EtagMemory::etag(const QByteArray &key)
{
    const Entry *const entry = use(key);
    return entry ? entry->response.header("ETag") : QByteArray();
}

const HttpResponse *EtagMemory::find(const QByteArray &key)
{
    const Entry *const entry = use(key);
    if (!entry || !entry->isPacked)
        return entry ? &entry->response : nullptr;
    m_unpacked = entry->response;
    m_unpacked.body = qUncompress(entry->response.body);
    return &m_unpacked;
}

HttpHeaders EtagMemory::renewed(const HttpHeaders &kept, const HttpHeaders &of304)
{
    HttpHeaders all;
    std::copy_if(kept.cbegin(), kept.cend(), std::back_inserter(all), std::not_fn(isOfBudget));
    std::copy_if(of304.cbegin(), of304.cend(), std::back_inserter(all), isOfBudget);
    return all;
}

void EtagMemory::remember(const QByteArray &key, const HttpResponse &response)
{
    forget(key);
    qint64 bytes = key.size() + response.body.size();
    for (const auto &[name, value] : response.headers)
        bytes += name.size() + value.size();
    if (response.status != 200 || response.header("ETag").isEmpty() || bytes > m_maxEntry)
        return;
    Entry entry{key, response, bytes, false};
    if (response.body.size() >= leastPacked && response.body.size() <= mostPacked) {
        entry.response.body = qCompress(response.body, 1);
        entry.response.body.squeeze(); // what it reserved for the worst case is more than the answer itself
        entry.isPacked = true;
        entry.bytes += entry.response.body.size() - response.body.size();
    }
    m_bytes += entry.bytes;
    m_entries.push_front(std::move(entry));
    m_byKey.insert(key, m_entries.begin());
    while (m_bytes > m_maxBytes && !m_entries.empty())
        forget(QByteArray(m_entries.back().key));
}

void EtagMemory::forget(const QByteArray &key)
{
    const auto found = m_byKey.constFind(key);
    if (found == m_byKey.constEnd())
        return;
    const auto entry = *found;
    m_bytes -= entry->bytes;
    m_byKey.erase(found);
    m_entries.erase(entry);
}

} // namespace signalbox
