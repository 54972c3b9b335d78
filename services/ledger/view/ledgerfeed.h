#pragma once

#include "models/stores/ledgertable.h"
#include "services/async/latestonly.h"
#include "services/async/serialqueue.h"
#include "services/ledger/view/doraview.h"
#include "services/ledger/view/ledgerdetails.h"
#include "services/ledger/view/ledgersummary.h"

#include <QObject>
#include <QTimer>

#include <atomic>
#include <functional>
#include <memory>

namespace signalbox
{

class PolicyChanges;

// The ledger as the window shows it: verified on a worker, once; then only what is new. While all of it is judged for
// the first time its newest entries are there already, marked as being checked. GUI thread.
class LedgerFeed : public QObject
{
    Q_OBJECT
public:
    struct Options
    {
        QString path;
        QString firstAdmin = {}; // as ledger::ChainPin has them
        QString workspace = {};
        std::function<QDateTime()> clock = {}; // empty: the system's
    };
    enum class State {
        Idle,    // nobody has asked yet
        Reading, // the first time: table() has the newest entries, nothing is proven
        Ready,
        Absent, // there is no ledger yet
        Failed, // error() says why; table() is empty
    };
    Q_ENUM(State)

    explicit LedgerFeed(Options options, QObject *parent = nullptr);
    ~LedgerFeed() override; // waits for the worker, which stops soon

    QString path() const { return m_options.path; }
    QString firstAdmin() const { return m_options.firstAdmin; }
    QString workspace() const { return m_options.workspace; }
    State state() const { return m_state; }
    const Error &error() const { return m_error; } // of Failed, or of the last look while Ready; no message: none
    bool isBusy() const { return m_look.isRunning(); }
    // Changes of the ledger's policy that wait, and notes: borrowed, and not used here; null: not offered.
    void setPolicyChanges(PolicyChanges *changes) { m_policyChanges = changes; }
    PolicyChanges *policyChanges() const { return m_policyChanges; }
    const LedgerTable &table() const { return *m_table; }
    const LedgerSummary &summary() const { return m_summary; } // of Ready
    qsizetype checked() const { return m_progress->load(); }   // commits looked at so far, while Reading

    // Another ledger from now on.
    void open(Options options);
    // Looks whether there is anything new; costs next to nothing where there is not. While one look is under way
    // another one follows it.
    void refresh();
    // Forgets what was judged and proves all of it anew. The table stays until that is done.
    void verifyAgain();

    [[nodiscard]] QFuture<Result<LedgerDetails>> details(const LedgerRow &row, const StopToken &stop = {});
    // The figures over what is proven so far.
    [[nodiscard]] QFuture<Result<DoraView>> dora(const DoraQuestion &question, const StopToken &stop);

signals:
    void changed();       // state, summary, whether it is busy, how far it is
    void tableReplaced(); // another table() stands there
    void tableGrew();     // rows were added at its end
    // A later look failed for a reason that the one before did not have: what is shown was true before.
    void lookFailed(const signalbox::Error &error);

private:
    class Worker;
    struct Batch;
    void look(bool isAnew);
    void take(Batch batch);
    void takePreview(std::shared_ptr<LedgerTable> table);
    void fail(const Error &error);
    QDateTime now() const;

    Options m_options;
    State m_state = State::Idle;
    Error m_error;
    std::shared_ptr<LedgerTable> m_table;
    LedgerSummary m_summary;
    bool m_isWanted = false; // another look, when this one is over
    bool m_isWantedAnew = false;
    std::shared_ptr<std::atomic<qsizetype>> m_progress;
    QTimer m_ticks;
    LatestOnly m_look;
    std::shared_ptr<Worker> m_worker; // on the queue's thread alone
    SerialQueue m_reading;            // details
    SerialQueue m_queue;              // verifying; ends first
    PolicyChanges *m_policyChanges = nullptr;
};

} // namespace signalbox
