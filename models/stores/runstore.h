#pragma once

#include "models/domain/freshness.h"
#include "models/pipelines/gate.h"

#include <QHash>
#include <QObject>

namespace signalbox
{

// What is known of pipelines, their newest runs and the gates that wait. Filled by services/pipelines/pipelinefeed.h,
// read by item models. GUI thread.
class RunStore : public QObject
{
    Q_OBJECT
public:
    struct Entry
    {
        Pipeline pipeline;
        QString application; // what it builds; empty: nothing says so
        QList<Run> runs;     // newest first
        QString next;        // RunPage::next of the oldest known; empty: there are no more
        Freshness freshness; // of the runs
        // By RunRef::id: of runs behind the newest page that go on and could not be read again, when they were true.
        QHash<QString, QDateTime> staleRuns = {};
        int newest = 0; // so many runs are of the newest page, which is read again and again
        bool operator==(const Entry &) const = default;
    };
    // Of one connection: its list of pipelines, its gates.
    struct Server
    {
        QString title;
        QString vendor;
        Freshness pipelines;
        Freshness gates; // Absent: this vendor has none
        std::optional<RequestBudget> budget;
        std::chrono::milliseconds interval{0}; // between two looks now
        std::optional<Freshness> chosen =
            std::nullopt;         // of runs that are looked at closely, the worst; none: there are none
        QString unreadGates = {}; // what may wait, too, and why it could not be read; empty: nothing
        bool operator==(const Server &) const = default;
    };

    explicit RunStore(QObject *parent = nullptr);
    ~RunStore() override;

    QList<Entry> entries() const;                                    // by title, then connection
    const Entry *entry(const QString &pipelineKey) const;            // null: not known; valid until the next change
    const QHash<QString, Entry> &byKey() const { return m_entries; } // as entries(), in no order
    QStringList connections() const;
    const Server *server(const QString &connection) const; // null: not known
    QList<WaitingGate> gates() const;                      // of all, the oldest first
    // Those at which the run waits, or was seen to: what it stood still for is told by them when they are decided, too.
    // As long as the run is known; only what says where in the run they are.
    QList<WaitingGate> seenGates(const RunRef &run) const;
    // The worst of what is shown of a connection: their runs, its gates, the run that is looked at closely; and its
    // list of pipelines, which is read far less often, where that is in trouble or there is nothing else.
    Freshness worstOf(const QString &connection) const;

    void putServer(const QString &connection, const Server &server);
    void putEntry(const Entry &entry);
    void putGates(const QString &connection, const QList<WaitingGate> &gates);
    // Pipelines of the connection that are not among these go.
    void keepOnly(const QString &connection, const QStringList &pipelineKeys);
    void removeConnection(const QString &connection);

signals:
    void entryChanged(const QString &pipelineKey); // or new
    void entryRemoved(const QString &pipelineKey);
    void gatesChanged();
    void serverChanged(const QString &connection); // or gone; each answer of it has another time and budget
    // Its name, or what a view says of its gates: whether they are known, since when not, and why. Or it is gone.
    void gateSourceChanged(const QString &connection);

private:
    void noteSeen(const QList<WaitingGate> &gates);
    void forgetUnknown();

    QHash<QString, Entry> m_entries;
    QHash<QString, Server> m_servers;
    QHash<QString, QList<WaitingGate>> m_gates; // by connection
    using Seen = QHash<QString, QList<WaitingGate>>;
    static constexpr qsizetype mostSeen = 500;
    Seen m_seen;                     // by run
    qsizetype m_mostSeen = mostSeen; // from which on it is asked which of these runs are known
};

// When what a view shows of it was true; invalid: it is live.
QDateTime staleFrom(const Freshness &freshness);
// What a view shows of it is the same; when it was heard last is not shown of what is live.
bool isShownAlike(const Freshness &a, const Freshness &b);
// The one that can be trusted less; of two alike the one that was heard of longer ago.
const Freshness &worse(const Freshness &a, const Freshness &b);

} // namespace signalbox
