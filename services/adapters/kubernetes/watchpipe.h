#pragma once

#include "services/adapters/kubernetes/deltacollector.h"
#include "services/adapters/kubernetes/kubeclient.h"
#include "services/adapters/kubernetes/lane.h"
#include "services/adapters/kubernetes/linesplitter.h"

#include <QHash>

#include <atomic>

namespace signalbox::kubernetes
{

// What the reflector of one kind keeps between its lists and watches. Everything but the atomics belongs to the lane.
struct ReflectorMemory
{
    ReflectorMemory(ParsedKind parsedKind, std::shared_ptr<DeltaCollector> to)
        : kind(parsedKind.kind)
        , parser(std::move(parsedKind))
        , collector(std::move(to))
    {}

    struct Place
    {
        QString ns;
        QString name;
    };

    const ClusterKind kind;
    ObjectParser parser;
    std::shared_ptr<DeltaCollector> collector;
    QHash<QString, Place> known;           // by uid: what the store was told of
    QSet<QString> seen;                    // by the list that is under way
    std::atomic<qint64> lastHeardMs = 0;   // any sign of life, UTC
    std::atomic<qint64> bookmarkGapMs = 0; // the longest time between two in a row of one watch; 0: there were none
    std::atomic<qint64> skewMs = 0;        // by which the server's times are moved (serverclock.h)

    void heard();
    void beginList() { seen.clear(); }
    // Objects of one page go to the collector; its meta data come back. After the last one, what was known and is not
    // in the list is gone.
    Result<ListPage> takePage(const QByteArray &body);
    void forgetAll();
    void upsert(std::vector<KubeObject> objects);
    void remove(const QString &uid);

private:
    void endList();
};

struct WatchEnd
{
    QString resourceVersion;    // to go on from
    bool isExpired = false;     // 410: list again
    bool isGarbage = false;     // what came could not be read: something may have been missed, list again
    int lines = 0;              // that were understood
    std::optional<Error> error; // none: the server ended it in order
};

// From the bytes of one watch to the collector: split and parsed on the lane, with backpressure to the socket. The sink
// runs on the network thread; the rest on the lane. Shared by both until the stream has ended.
class WatchPipe : public std::enable_shared_from_this<WatchPipe>
{
public:
    // More without a newline is no change of an object: etcd takes some MiB, even where it is told to take large ones.
    static constexpr qsizetype longestLine = 64 << 20;

    WatchPipe(std::shared_ptr<ReflectorMemory> memory, std::shared_ptr<Lane> lane, QString resourceVersion,
              QString what);

    // `resume` is called from the lane with the stream's id, `abort` when the stream says that it is over.
    HttpSink sink(std::function<void(quint64)> resume, std::function<void()> abort);
    // true once the server has accepted the watch; nothing where it never did.
    QFuture<Result<bool>> opened() { return m_opened.future(); }
    // After the stream's end: parses what is left and tells how it was.
    QFuture<Result<WatchEnd>> close();

private:
    bool takeBytes(QByteArrayView bytes);
    void work();
    void takeLine(QByteArrayView line, qsizetype readable);
    void noteBookmark();
    void flush();
    void finishOpened(bool isOpen);

    const std::shared_ptr<ReflectorMemory> m_memory;
    const std::shared_ptr<Lane> m_lane;
    const QString m_what;
    std::function<void(quint64)> m_resume;
    std::function<void()> m_abort;
    QPromise<Result<bool>> m_opened;
    std::atomic<bool> m_isOpenTold = false;

    std::mutex m_mutex; // of the next four
    QByteArray m_incoming;
    bool m_isScheduled = false;
    bool m_isPaused = false;
    quint64 m_stream = 0;

    LineSplitter m_lines; // the lane's, as what follows
    WatchEnd m_end;
    bool m_isOver = false;
    qint64 m_lastBookmark = 0; // ms
    std::vector<KubeObject> m_batch;
};

} // namespace signalbox::kubernetes
