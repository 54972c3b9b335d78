#pragma once

#include "models/domain/freshness.h"
#include "services/ports/sourcerepository.h"

#include <QTimer>

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

namespace signalbox
{

// How a repository stands right now.
struct SourceState
{
    Freshness freshness; // Stale: what is read was fetched at `lastHeard`
    bool isFetching = false;
    bool isStopped = false;  // by the operator: it is fetched again when asked for
    SourceProgress progress; // meaningful while isFetching
    QDateTime nextAt;        // when it is fetched again by itself; invalid: not
};

// The source repositories of the workspace, each brought up to date in the background: at once, then every so often,
// less and less often while it fails. GUI thread; the work is done on the repositories' own threads. Made by app, which
// knows the adapters.
class SourceSet : public QObject
{
    Q_OBJECT
public:
    struct Times
    {
        std::chrono::milliseconds every = std::chrono::minutes(5);
        std::chrono::milliseconds firstRetry = std::chrono::seconds(15);
        std::chrono::milliseconds lastRetry = std::chrono::minutes(15);
    };

    explicit SourceSet(QObject *parent = nullptr); // with the usual times
    explicit SourceSet(Times times, QObject *parent = nullptr);
    ~SourceSet() override;

    // Takes the place of one with the same id.
    SourceRepository &add(std::unique_ptr<SourceRepository> source);
    void remove(const QString &id);
    void clear();
    SourceRepository *find(const QString &id) const; // null: none
    QStringList ids() const;
    // Which repository an application's source is in, by its id; empty: not said.
    void setRepositoryOf(std::function<QString(const QString &application)> repositoryOf);
    SourceRepository *of(const QString &application) const; // null: none

    SourceState state(const QString &id) const;
    // Now, whatever the timer says; also after a stop or a failure.
    void fetch(const QString &id);
    // Stops what is under way. What was fetched before stays.
    void stopFetching(const QString &id);

signals:
    void changed(const QString &id); // state(), at most some ten times a second; or one was added
    void aboutToRemove(const QString &id);
    void removed(const QString &id);

private:
    struct Entry
    {
        std::unique_ptr<SourceRepository> source;
        std::unique_ptr<QTimer> timer;
        StopSource stop;
        SourceProgress progress;
        QDateTime since; // of the freshness
        Freshness::State state = Freshness::State::Loading;
        int failures = 0;
        bool isFetching = false;
        bool isStopped = false;
    };
    Entry *entry(const QString &id) const;
    void ended(Entry &entry, const Result<void> &result);
    void enter(Entry &entry, Freshness::State state);

    const Times m_times;
    std::vector<std::unique_ptr<Entry>> m_all;
    std::function<QString(const QString &)> m_repositoryOf;
};

} // namespace signalbox
