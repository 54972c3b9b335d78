#pragma once

#include <QLockFile>
#include <QString>

#include <memory>

namespace signalbox
{

// Says to other processes on this machine that this one is still alive, for as long as it lives: a lock file under a
// token of its own, which the system frees when the process is killed. Journal and locks name their writer by the
// token. Any thread; touches the disk.
class Presence
{
public:
    Presence(const QString &folder, const QString &token); // creates the folder; `token` is a new ULID
    ~Presence();

    bool isKnown() const { return m_isKnown; } // false: the folder cannot be written, nobody will know that we are here

    // False for a process that ended or was killed.
    static bool isAlive(const QString &folder, const QString &token);

private:
    QLockFile m_lock;
    bool m_isKnown = false;
};

} // namespace signalbox
