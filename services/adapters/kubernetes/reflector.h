#pragma once

#include "services/adapters/kubernetes/watchpipe.h"

#include <QObject>
#include <QTimer>

#include <chrono>

namespace signalbox::kubernetes
{

struct ReflectorTimings
{
    std::chrono::milliseconds backoffStart{500};
    std::chrono::milliseconds backoffCap{30'000};
    std::chrono::milliseconds longestAsked{300'000}; // a server may ask for more time than the cap, up to this
    std::chrono::seconds shortestWatch{300};         // timeoutSeconds is drawn between these two
    std::chrono::seconds longestWatch{600};
    std::chrono::minutes earliestRelist{30}; // likewise, when the server says nothing, not even bookmarks (trap T18)
    std::chrono::minutes latestRelist{60};
    std::chrono::milliseconds deniedRetry{300'000};
    std::chrono::milliseconds absentRetry{60'000}; // a 404 may come from a server or proxy that is just starting
    // A server answers a watch at once, if only with its head; one that does not gets up to eight times as long.
    std::chrono::milliseconds openPatience{10'000};
    // Where bookmarks came again and again, so long without a word is too long (or three times as long as between two).
    std::chrono::milliseconds longestSilence{180'000};
    std::chrono::milliseconds healthyWatch{2'000}; // one that lasted so long, or told something, ends the back-off
    int pageSize = 500;
};

// Keeps one kind in one scope (the cluster, or a namespace) up to date: list in pages, then watch, for ever. GUI
// thread; bodies are parsed on the lane.
//
//             +--------- 410, garbage, planned, relist() ---------+
//             v                                                   |
//   Idle -> Listing -- last page --> Watching -- ended in order --+--> Watching (resumed)
//             |                        |
//             | error                  | error, server gone
//             v                        v
//          Waiting (back-off) <--------+     then lists or resumes, whichever it was
//             | 403: Denied, 404: Absent; both asked again now and then
class Reflector : public QObject
{
    Q_OBJECT
public:
    struct Config
    {
        std::shared_ptr<KubeClient> client;
        std::shared_ptr<DeltaCollector> collector;
        std::shared_ptr<Lane> lane;
        ParsedKind kind;
        QByteArray path; // "/api/v1/pods", "/api/v1/namespaces/shop/pods"
        ReflectorTimings timings;
    };
    enum class State { Idle, Listing, Watching, Waiting, Denied, Absent };

    explicit Reflector(Config config, QObject *parent = nullptr);
    ~Reflector() override;

    void start(); // again after Absent or stop()
    void stop();
    void relist();
    // Its objects leave the store.
    void forget();
    // The server was found not to answer: what is shown counts as stale, the watch is opened anew, from the last
    // change or bookmark that came.
    void suspect(const Error &error);

    State state() const { return m_state; }
    const Freshness &freshness() const { return m_freshness; }
    qint64 lastHeardMs() const { return m_memory->lastHeardMs; } // UTC; 0: never
    // "ns/name" -> uid of what is known; asked on the lane.
    QFuture<Result<QHash<QString, QString>>> uids();

signals:
    void freshnessChanged();

private:
    void beginList();
    void askPage(const QByteArray &continueToken);
    void takePage(const QByteArray &body);
    void pageTaken(const ListPage &page);
    void listFailed(const Error &error);
    void beginWatch();
    void watchOpened();
    void checkSilence();
    void watchEnded(const WatchEnd &end);
    void resumeAfter(const WatchEnd &end);
    void retryLater(const Error &error, bool byListing);
    void settle(Freshness::State state, const std::optional<Error> &error = {});
    std::chrono::milliseconds skewNow() const;
    void planRelist();
    bool isRelistDue() const;

    Config m_config;
    QString m_what; // "pods", for sentences
    std::shared_ptr<ReflectorMemory> m_memory;
    State m_state = State::Idle;
    Freshness m_freshness;
    StopSource m_stop;
    QString m_version;       // to watch from; empty: list
    int m_expiredTokens = 0; // in a row: the list takes longer than the server keeps its token
    bool m_isListed = false; // something is known, if only how it was
    int m_attempt = 0;       // of the back-off
    qint64 m_watchSince = 0; // ms
    quint64 m_round = 0;     // tells one watch from the next
    qint64 m_relistAt = 0;   // ms
    QTimer m_timer;
    QTimer m_openTimer;    // runs until the watch is answered
    QTimer m_silenceTimer; // runs while it is open
};

} // namespace signalbox::kubernetes
