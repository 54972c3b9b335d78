#pragma once

#include "models/domain/result.h"
#include "services/async/stoptoken.h"
#include "services/credentials/secret.h"

#include <QByteArray>
#include <QList>
#include <QString>
#include <QStringList>
#include <QUrl>

#include <chrono>
#include <functional>
#include <optional>

// Git over the network: libgit2 does the protocol, HttpClient the https and the user's own `ssh` the ssh, so that
// certificates, proxies, keys, jump hosts and known hosts are what they are elsewhere. Debian's libgit2 would do https
// with one list of authorities for the whole process and without time-outs, and its libssh2 knows neither rsa-sha2 nor
// security keys.
namespace signalbox
{
class HttpClient;
}

namespace signalbox::git
{

// Where a repository is, as git writes it: a path, file://, https:// (http://), ssh:// or user@host:path.
struct RemoteUrl
{
    enum class Kind { Path, Https, Ssh };
    Kind kind = Kind::Path;
    QString shown; // for people; never holds a password
    QString path;  // Path: of this machine, absolute; Ssh: as the other side is asked for it
    QUrl url;      // Https: without user information
    QString user;  // Https and Ssh: as written; empty: none
    QString host;  // Ssh
    int port = 0;  // Ssh; 0: what the user's ssh says

    bool operator==(const RemoteUrl &) const = default;
};
// Invalid: an address of no known form, with a password in it, or one a program could take for an option.
Result<RemoteUrl> parseRemoteUrl(const QString &text);

// How to get there. A value; the secret was resolved before.
struct RemoteAccess
{
    RemoteUrl url;
    // Https. The password goes to the address's own host and nowhere else, and never over plain http to another
    // machine.
    HttpClient *http = nullptr; // outlives every call
    QString user;               // empty: that of the address
    Secret password;            // empty: none is sent
    QByteArray caPem;           // empty: the system's authorities
    bool insecureSkipTlsVerify = false;
    // Ssh: the program and its first arguments. Empty: GIT_SSH_COMMAND (no shell sees it), GIT_SSH, else "ssh".
    QStringList sshCommand;
    std::chrono::milliseconds connectTimeout{15000};
    std::chrono::milliseconds idleTimeout{60000}; // nothing came and nothing went
};

struct RemoteProgress
{
    enum class Phase { Connecting, Receiving, Resolving, Sending };
    Phase phase = Phase::Connecting;
    qint64 objects = 0;
    qint64 totalObjects = 0; // 0: not known yet
    qint64 bytes = 0;
};
using RemoteProgressSink = std::function<void(const RemoteProgress &)>; // on the calling thread, often

struct RemoteRef
{
    QString name; // "refs/heads/main"
    QString id;   // 40 hex digits
    bool operator==(const RemoteRef &) const = default;
};

// One reference to be moved at the remote, if it is still where it was seen.
struct RefUpdate
{
    QString name;                    // "refs/heads/main"
    QString id;                      // a commit of the local repository
    std::optional<QString> expected; // what the remote is expected to have; none: no such reference
};

struct FetchOrder
{
    QStringList refspecs;     // "+refs/heads/*:refs/heads/*"
    bool prunes = false;      // references of the refspecs that the remote no longer has go
    bool followsHead = false; // the local HEAD names the remote's default branch
};

// One remote repository. Every function blocks on network and disk and belongs on a thread that may wait
// (services/async/serialqueue.h); each opens what it needs and closes it, so any such thread will do, and a Remote may
// be shared. A stop ends a call within a tenth of a second. Errors: Cancelled, TimedOut, Unreachable (name, route,
// certificate, host key, cut off), Unauthorized, Forbidden, NotFound, Refused (a hook, a moved host), Conflict,
// Invalid, Protocol; of push() OutcomeUnknown as well.
class Remote
{
public:
    explicit Remote(RemoteAccess access);

    const RemoteAccess &access() const { return m_access; }

    // What the remote has; empty for one without a commit. HEAD and peeled tags ("^{}") are left out.
    Result<QList<RemoteRef>> refs(const StopToken &stop) const;
    // Into the repository at `repository`. References move when everything has arrived, else not at all. Answers with
    // what the remote has, as refs().
    Result<QList<RemoteRef>> fetch(const QString &repository, const FetchOrder &order,
                                   const RemoteProgressSink &progress, const StopToken &stop) const;
    // Sends what the remote lacks of `update.id` and moves the reference by compare-and-swap. Conflict: it was no
    // longer what was expected, and nothing was moved; the sentence says where it is now. Done already is done.
    // OutcomeUnknown: the answer was lost and the remote does not tell yet; ask refs() later. On a plain path no hooks
    // run.
    Result<void> push(const QString &repository, const RefUpdate &update, const RemoteProgressSink &progress,
                      const StopToken &stop) const;

private:
    RemoteAccess m_access;
};

} // namespace signalbox::git
