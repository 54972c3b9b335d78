#include "services/sandbox/http/connections.h"

#include "services/sandbox/http/loopbackserver.h"

#include <openssl/ssl.h>

namespace signalbox::sandbox
{

namespace
{

thread_local long long currentSocket = -1;

// What hangs on an SSL object: freed with it.
struct Tag
{
    Connections *connections;
    long long socket;
};

void freeTag(void *, void *data, CRYPTO_EX_DATA *, int, long, void *)
{
    const std::unique_ptr<Tag> tag(static_cast<Tag *>(data));
    if (!tag)
        return;
    tag->connections->closed(tag->socket);
    if (currentSocket == tag->socket)
        currentSocket = -1;
}

int tagIndex()
{
    static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, freeTag);
    return index;
}

int ownerIndex()
{
    static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

void heard(const SSL *ssl, int where, int)
{
    // TLS 1.3 may report a start again for what follows a handshake.
    if (!(where & SSL_CB_HANDSHAKE_START) || SSL_get_ex_data(ssl, tagIndex()))
        return;
    auto *connections = static_cast<Connections *>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), ownerIndex()));
    auto tag = std::make_unique<Tag>(Tag{connections, SSL_get_fd(ssl)});
    currentSocket = tag->socket;
    connections->opened(tag->socket);
    SSL_set_ex_data(const_cast<SSL *>(ssl), tagIndex(), tag.release());
}

} // namespace

void Connections::follow(ssl_ctx_st *context)
{
    tagIndex();
    SSL_CTX_set_ex_data(context, ownerIndex(), this);
    SSL_CTX_set_info_callback(context, heard);
    // A watch holds a connection open and mostly says nothing: it needs no buffers meanwhile (35 KB each).
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
}

void Connections::opened(long long socket)
{
    const std::lock_guard lock(m_mutex);
    m_sockets.insert(socket);
    if (m_isCut)
        cutSocket(socket);
}

void Connections::closed(long long socket)
{
    const std::lock_guard lock(m_mutex);
    m_sockets.erase(socket);
}

void Connections::cutAll()
{
    const std::lock_guard lock(m_mutex);
    m_isCut = true;
    for (const long long socket : m_sockets)
        cutSocket(socket);
    for (const auto &stream : m_streams)
        stream->wake();
}

bool Connections::isCut() const
{
    const std::lock_guard lock(m_mutex);
    return m_isCut;
}

void Connections::add(const std::shared_ptr<ReplyStream> &stream)
{
    const std::lock_guard lock(m_mutex);
    m_streams.insert(stream);
    if (m_isCut)
        stream->wake();
}

void Connections::drop(const std::shared_ptr<ReplyStream> &stream)
{
    const std::lock_guard lock(m_mutex);
    m_streams.erase(stream);
}

bool Connections::isPeerGone()
{
    return currentSocket >= 0 && hasIncoming(currentSocket, std::chrono::milliseconds(0));
}

void Connections::awaitMore(std::chrono::milliseconds patience)
{
    if (currentSocket >= 0 && !hasIncoming(currentSocket, patience))
        endReading(currentSocket);
}

} // namespace signalbox::sandbox
