#include "services/git/conversation.h"

#include <git2/sys/transport.h>

#include <QCoreApplication>

#include <utility>

namespace signalbox::git
{

namespace
{

struct Subtransport;

// What libgit2 sees is the first base; it owns the stream and frees it by the function given.
struct Stream : git_smart_subtransport_stream
{
    std::unique_ptr<ByteStream> bytes;
    Subtransport *owner = nullptr;
};

struct Subtransport : git_smart_subtransport
{
    Operation *operation = nullptr;
    std::unique_ptr<Conversation> conversation;
    Stream *current = nullptr; // libgit2's; of a conversation that is one stream
};

int readStream(git_smart_subtransport_stream *raw, char *buffer, size_t size, size_t *read)
{
    auto *stream = static_cast<Stream *>(raw);
    *read = 0;
    if (stream->owner->operation->isStopped())
        return -1;
    const auto count = stream->bytes->read(buffer, static_cast<qint64>(size));
    if (!count)
        return stream->owner->operation->fail(count.error());
    *read = static_cast<size_t>(*count);
    return 0;
}

int writeStream(git_smart_subtransport_stream *raw, const char *bytes, size_t size)
{
    auto *stream = static_cast<Stream *>(raw);
    if (stream->owner->operation->isStopped())
        return -1;
    const auto written = stream->bytes->write(bytes, static_cast<qint64>(size));
    return written ? 0 : stream->owner->operation->fail(written.error());
}

void freeStream(git_smart_subtransport_stream *raw)
{
    auto *stream = static_cast<Stream *>(raw);
    if (stream->owner->current == stream)
        stream->owner->current = nullptr;
    delete stream;
}

int act(git_smart_subtransport_stream **out, git_smart_subtransport *raw, const char *, git_smart_service_t action)
{
    auto *subtransport = static_cast<Subtransport *>(raw);
    const bool isListing = action == GIT_SERVICE_UPLOADPACK_LS || action == GIT_SERVICE_RECEIVEPACK_LS;
    const bool isUpload = action == GIT_SERVICE_UPLOADPACK_LS || action == GIT_SERVICE_UPLOADPACK;
    if (subtransport->operation->isStopped())
        return -1;
    if (!isListing && !subtransport->conversation->isStateless() && subtransport->current) {
        *out = subtransport->current;
        return 0;
    }
    auto bytes = subtransport->conversation->open(isUpload ? Service::UploadPack : Service::ReceivePack, isListing);
    if (!bytes)
        return subtransport->operation->fail(bytes.error());
    auto stream = std::make_unique<Stream>();
    stream->subtransport = subtransport;
    stream->read = readStream;
    stream->write = writeStream;
    stream->free = freeStream;
    stream->bytes = std::move(bytes).value();
    stream->owner = subtransport;
    subtransport->current = stream.get();
    *out = stream.release();
    return 0;
}

int closeSubtransport(git_smart_subtransport *)
{
    return 0; // what was open went with its stream
}

void freeSubtransport(git_smart_subtransport *raw)
{
    delete static_cast<Subtransport *>(raw);
}

int makeSubtransport(git_smart_subtransport **out, git_transport *, void *param)
{
    auto *operation = static_cast<Operation *>(param);
    auto subtransport = std::make_unique<Subtransport>();
    subtransport->action = act;
    subtransport->close = closeSubtransport;
    subtransport->free = freeSubtransport;
    subtransport->operation = operation;
    subtransport->conversation = operation->access.url.kind == RemoteUrl::Kind::Https ? makeHttpConversation(*operation)
                                                                                      : makeSshConversation(*operation);
    *out = subtransport.release();
    return 0;
}

} // namespace

Error cancelledError()
{
    return {ErrorKind::Cancelled, QCoreApplication::translate("signalbox::git", "Stopped."), {}};
}

QString tamed(const QByteArray &text, int limit)
{
    QString line = QString::fromUtf8(text.left(limit * 4)).simplified();
    line.removeIf([](QChar c) { return !c.isPrint(); });
    return line.size() > limit ? line.left(limit) + QStringLiteral("…") : line;
}

int Operation::fail(Error error)
{
    if (!problem)
        problem = std::move(error);
    git_error_set_str(GIT_ERROR_NET, problem->message.toUtf8().constData());
    return -1;
}

bool Operation::isStopped()
{
    if (!stop.stop_requested())
        return false;
    fail(cancelledError());
    return true;
}

void Operation::tell(RemoteProgress::Phase phase, qint64 objects, qint64 total, qint64 bytes) const
{
    if (progress)
        progress({phase, objects, total, bytes});
}

int makeTransport(git_transport **out, git_remote *owner, void *param)
{
    auto *operation = static_cast<Operation *>(param);
    if (operation->access.url.kind == RemoteUrl::Kind::Path)
        return git_transport_local(out, owner, nullptr);
    git_smart_subtransport_definition definition{
        makeSubtransport, operation->access.url.kind == RemoteUrl::Kind::Https ? 1u : 0u, operation};
    return git_transport_smart(out, owner, &definition);
}

} // namespace signalbox::git
