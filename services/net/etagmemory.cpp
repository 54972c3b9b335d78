#include "services/net/etagmemory.h"

#include <utility>

namespace signalbox
{

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

const HttpResponse *EtagMemory::find(const QByteArray &key)
{
    const auto found = m_byKey.constFind(key);
    if (found == m_byKey.constEnd())
        return nullptr;
    m_entries.splice(m_entries.begin(), m_entries, *found);
    return &m_entries.front().response;
}

void EtagMemory::remember(const QByteArray &key, const HttpResponse &response)
{
    forget(key);
    qint64 bytes = key.size() + response.body.size();
    for (const auto &[name, value] : response.headers)
        bytes += name.size() + value.size();
    if (response.status != 200 || response.header("ETag").isEmpty() || bytes > m_maxEntry)
        return;
    m_entries.push_front(Entry{key, response, bytes});
    m_byKey.insert(key, m_entries.begin());
    m_bytes += bytes;
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
