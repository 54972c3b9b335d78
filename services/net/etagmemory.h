#pragma once

#include "services/net/http.h"

#include <QHash>

#include <list>

namespace signalbox
{

// Answers that may be asked for again with If-None-Match. Bounded by bytes, the one unused longest goes first. Lists of
// an API repeat themselves: packed, those of hundreds of pipelines fit, and 304s stay possible for all of them. Of the
// network thread alone.
class EtagMemory
{
public:
    explicit EtagMemory(qint64 maxBytes = 32ll * 1024 * 1024, qint64 maxEntry = 8ll * 1024 * 1024);

    // What tells two answers of one address apart: connection, address and the form asked for.
    static QByteArray key(const QString &connection, const QByteArray &url, const HttpHeaders &headers);

    QByteArray etag(const QByteArray &key);                             // empty: not known
    const HttpResponse *find(const QByteArray &key);                    // valid until the next call; null: not known
    void remember(const QByteArray &key, const HttpResponse &response); // of a 200 with an ETag; else forgets the key
    // What is kept, with what a 304 says of this very question: how many more may follow. What it does not say of that
    // nobody does. RFC 9111, 3.2: a 304 renews the headers that are kept.
    static HttpHeaders renewed(const HttpHeaders &kept, const HttpHeaders &of304);
    qint64 bytes() const { return m_bytes; } // as they are kept

private:
    struct Entry
    {
        QByteArray key;
        HttpResponse response;
        qint64 bytes = 0;
        bool isPacked = false; // its body
    };
    void forget(const QByteArray &key);
    Entry *use(const QByteArray &key); // null: not known

    qint64 m_maxBytes;
    qint64 m_maxEntry;
    qint64 m_bytes = 0;
    HttpResponse m_unpacked;    // that find() gave last
    std::list<Entry> m_entries; // newest use first
    QHash<QByteArray, std::list<Entry>::iterator> m_byKey;
};

} // namespace signalbox
