#pragma once

#include <QLockFile>
#include <QString>
#include <QTemporaryDir>

#include <memory>

namespace signalbox::sandbox
{

// The folder of one practice world, for its user alone: gone with it, or, when the program was killed, with the next
// one that starts. Any thread.
class PracticeFolder
{
public:
    // `base` empty: below the user's runtime folder where there is one, which does not outlive the session.
    explicit PracticeFolder(const QString &base = {});
    ~PracticeFolder(); // remove()

    bool isValid() const { return m_folder.isValid() && m_isOurs; }
    QString errorString() const { return m_folder.errorString(); }
    QString path() const { return m_folder.path(); }
    QString base() const { return m_base; }
    QString filePath(const QString &name) const { return m_folder.filePath(name); }
    void remove();

    // Removes the folders of worlds whose program is gone. How many.
    int removeLeftOver() const;

private:
    QString m_base;
    QTemporaryDir m_folder;
    QLockFile m_owner; // tells others that we are here
    bool m_isOurs = false;
};

} // namespace signalbox::sandbox
