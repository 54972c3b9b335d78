#pragma once

#include "services/git/remote.h"

#include <git2.h>

#include <memory>
#include <optional>

// For the files of this folder only: the bytes between libgit2's protocol and a remote.
namespace signalbox::git
{

// One call of a Remote: what it was asked for, and what went wrong in a callback, since libgit2 carries only a number
// through. Lives on the stack of that call.
struct Operation
{
    const RemoteAccess &access;
    StopToken stop;
    RemoteProgressSink progress;
    std::optional<Error> problem; // the first one counts
    QString remark;               // what the remote said beside the protocol, for people
    QString rejection;            // why it did not move the reference
    bool hasSent = false;         // the remote may have been told to move a reference

    int fail(Error error); // -1, for a callback
    bool isStopped();      // and says so
    void tell(RemoteProgress::Phase phase, qint64 objects = 0, qint64 total = 0, qint64 bytes = 0) const;
};

Error cancelledError();
// Of a text from elsewhere: one line, no control characters, at most `limit` letters.
QString tamed(const QByteArray &text, int limit = 300);

enum class Service { UploadPack, ReceivePack };

// A stream of bytes each way; every function blocks.
class ByteStream
{
public:
    virtual ~ByteStream() = default;
    virtual Result<qint64> read(char *buffer, qint64 size) = 0; // 0: the end
    virtual Result<void> write(const char *bytes, qint64 size) = 0;
};

// A connection to one repository that hands out streams. Over ssh the listing and what follows are one stream; over
// https each question is a request of its own (`isStateless`).
class Conversation
{
public:
    virtual ~Conversation() = default;
    virtual bool isStateless() const = 0;
    virtual Result<std::unique_ptr<ByteStream>> open(Service service, bool isListing) = 0;
};

std::unique_ptr<Conversation> makeHttpConversation(Operation &operation);
std::unique_ptr<Conversation> makeSshConversation(Operation &operation);

// As git_remote_callbacks::transport, with the Operation as its payload.
int makeTransport(git_transport **out, git_remote *owner, void *operation);

// Copies what the remote at a plain path lacks and moves the reference; see Remote::push().
Result<void> pushToPath(Operation &operation, const QString &repository, const RefUpdate &update);

} // namespace signalbox::git
