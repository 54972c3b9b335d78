#pragma once

#include "models/domain/readiness.h"
#include "models/stores/deployedstore.h"
#include "services/async/stoptoken.h"

#include <QDateTime>
#include <QElapsedTimer>
#include <QHash>
#include <QObject>
#include <QTimer>

#include <map>
#include <optional>

namespace signalbox
{

class ClusterSet;
struct IdChanges;

// Rehearses the way back of every application and environment, always: when its cluster has been listed, a moment after
// anything that decides it changed (tracks, templates, kept revisions, an image that cannot be pulled), and again
// before the answer is old. A rehearsal reads and asks for dry runs, nothing more, few at a time; it looks at going
// back to the last good revision of each workload of the live track and, where that way is not clear, at giving all
// traffic to another track that runs. GUI thread.
class ReadinessFeed : public QObject
{
    Q_OBJECT
public:
    struct Settings
    {
        std::chrono::milliseconds settle{3000};   // after a change, since changes come in bursts
        std::chrono::milliseconds repeat{300000}; // an answer is asked for again after this time
        std::chrono::milliseconds retry{30000};   // after nothing could be found out
        int atOnce = 2;
    };
    // Both outlive it.
    ReadinessFeed(ClusterSet &clusters, DeployedStore &deployed, Settings settings, QObject *parent = nullptr);
    ReadinessFeed(ClusterSet &clusters, DeployedStore &deployed, QObject *parent = nullptr);
    ~ReadinessFeed() override;

    // Keys are Deployed::key(). None: not rehearsed yet. Light Unknown where something that decides it changed since
    // the rehearsal began, and where that is longer ago (sleep counts) than twice the time after which it is asked
    // again.
    std::optional<Readiness> find(const QString &key) const;
    bool isRehearsing(const QString &key) const;
    void rehearse(const QString &key); // now, ahead of all others
    // The next one, where the answer is older than that: somebody looks at it.
    void freshen(const QString &key, std::chrono::milliseconds age = std::chrono::seconds(5));
    void rehearseAll();  // as soon as it is their turn
    bool isIdle() const; // nothing under way, nothing that waits for its turn

signals:
    void changed(const QString &key); // an answer came, or a rehearsal started
    void idle();

private:
    struct Entry
    {
        QString basis;
        std::optional<Readiness> last;
        qint64 answeredMs = 0;
        qint64 dueMs = 0;
        bool isRunning = false;
        bool isOutdated = false;       // something changed since `last` was asked for
        bool isStaleAnswer = false;    // something changed while it ran
        bool isLookedAt = false;       // somebody waits for it
        std::optional<qint64> movedMs; // the first change that no rehearsal began after
        StopSource stop;
    };
    void storeChanged(const QStringList &upserted, const QStringList &removed);
    bool isListed(const QString &key) const;
    void watchRevisions(const QString &connection);
    void noteRevisions(const QString &connection);
    void noteEvents(const QString &connection, const IdChanges &ids);
    void forgetConnection(const QString &connection);
    void noteMove(Entry &entry);
    void noteSleep();
    void takeDue();
    void start(const QString &key, Entry &entry);
    void settle(const QString &key, const Readiness &readiness);
    void schedule();
    int runningCount() const;

    ClusterSet &m_clusters;
    DeployedStore &m_deployed;
    Settings m_settings;
    std::map<QString, Entry> m_entries;
    // By connection: uid -> uid of its owner, of those that were there last.
    QHash<QString, QHash<QString, QString>> m_revisions;
    // By connection: uid -> namespace and image, of the events that tell of an image that could not be pulled.
    QHash<QString, QHash<QString, QString>> m_unpulled;
    QElapsedTimer m_clock; // stands still while the machine sleeps
    QDateTime m_begun;     // when it was started, by the clock on the wall
    qint64 m_sleptMs = 0;
    QTimer m_timer;
    bool m_wasIdle = true;
};

} // namespace signalbox
