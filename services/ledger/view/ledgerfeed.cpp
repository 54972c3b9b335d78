#include "services/ledger/view/ledgerfeed.h"

#include "services/ledger/verify/chainverifier.h"
#include "services/ledger/view/entryreader.h"

#include <QFileInfo>

#include <chrono>

namespace signalbox
{

namespace
{

constexpr qsizetype previewed = 200;
constexpr std::chrono::milliseconds tick{200};

} // namespace

// What one look brought.
struct LedgerFeed::Batch
{
    bool isAbsent = false;
    std::shared_ptr<LedgerTable> table; // null: `rows` stand behind those that are there
    std::vector<LedgerRow> rows;
    LedgerSummary summary;
};

class LedgerFeed::Worker
{
public:
    Worker(QString path, ledger::ChainPin pin, std::shared_ptr<std::atomic<qsizetype>> progress)
        : m_path(std::move(path))
        , m_pin(std::move(pin))
        , m_progress(std::move(progress))
    {}

    using Preview = std::function<void(std::shared_ptr<LedgerTable>)>;

    Result<Batch> look(bool isAnew, const QDateTime &now, const StopToken &stop, const Preview &preview)
    {
        if (!QFileInfo::exists(m_path)) {
            m_follower.reset();
            Batch batch;
            batch.isAbsent = true;
            return batch;
        }
        if (isAnew)
            m_follower.reset();
        const bool isFirst = !m_follower;
        if (isFirst) {
            if (preview)
                showNewest(stop, preview);
            ledger::VerifyOptions options;
            options.pin = m_pin;
            options.now = now;
            options.progress = [progress = m_progress](qsizetype done) { *progress = done; };
            m_follower = std::make_unique<ledger::ChainFollower>(m_path, options);
        }
        auto step = m_follower->advance(stop);
        if (!step) {
            if (isFirst)
                m_follower.reset();
            return step.error();
        }
        return read(*step, now, stop);
    }

    DoraView dora(const DoraQuestion &question, const StopToken &stop) const { return m_dora.view(question, stop); }

private:
    void showNewest(const StopToken &stop, const Preview &preview) const
    {
        const auto rows = ledger::newestUnproven(m_path, previewed, stop);
        if (!rows || rows->empty())
            return;
        auto table = std::make_shared<LedgerTable>();
        for (const LedgerRow &row : *rows)
            table->append(row);
        preview(std::move(table));
    }

    Result<Batch> read(const ledger::ChainStep &step, const QDateTime &now, const StopToken &stop)
    {
        Batch batch;
        batch.summary = summaryOf(step.chain, now);
        if (step.isFresh) {
            batch.table = std::make_shared<LedgerTable>();
            m_dora.clear();
        }
        const auto done = ledger::readEntries(m_path, step.chain.entries, step.before, stop,
                                              [this, &batch](ledger::ReadEntry &&entry) {
                                                  if (auto record = ledger::provenRecord(entry))
                                                      m_dora.add(*std::move(record));
                                                  if (batch.table)
                                                      batch.table->append(entry.row);
                                                  else
                                                      batch.rows.push_back(std::move(entry.row));
                                                  return true;
                                              });
        if (!done) {
            m_follower.reset(); // its rows are lost: begin anew
            return done.error();
        }
        if (batch.table)
            batch.table->squeeze();
        return batch;
    }

    QString m_path;
    ledger::ChainPin m_pin;
    std::shared_ptr<std::atomic<qsizetype>> m_progress;
    std::unique_ptr<ledger::ChainFollower> m_follower;
    DoraRecords m_dora;
};

LedgerFeed::LedgerFeed(Options options, QObject *parent)
    : QObject(parent)
    , m_options(std::move(options))
    , m_table(std::make_shared<LedgerTable>())
    , m_progress(std::make_shared<std::atomic<qsizetype>>(0))
    , m_worker(std::make_shared<Worker>(m_options.path, ledger::ChainPin{m_options.firstAdmin, m_options.workspace},
                                        m_progress))
{
    m_ticks.setInterval(tick);
    connect(&m_ticks, &QTimer::timeout, this, &LedgerFeed::changed);
}

LedgerFeed::~LedgerFeed()
{
    m_look.cancel();
}

QDateTime LedgerFeed::now() const
{
    return m_options.clock ? m_options.clock() : QDateTime::currentDateTimeUtc();
}

void LedgerFeed::open(Options options)
{
    const bool isShown = m_state != State::Idle;
    m_look.cancel();
    m_ticks.stop();
    m_isWanted = m_isWantedAnew = false;
    m_options = std::move(options);
    m_progress = std::make_shared<std::atomic<qsizetype>>(0);
    m_worker = std::make_shared<Worker>(m_options.path, ledger::ChainPin{m_options.firstAdmin, m_options.workspace},
                                        m_progress);
    m_state = State::Idle;
    m_error = {};
    m_summary = {};
    const std::shared_ptr<LedgerTable> before = std::exchange(m_table, std::make_shared<LedgerTable>());
    emit tableReplaced();
    emit changed();
    if (isShown)
        refresh();
}

void LedgerFeed::refresh()
{
    look(false);
}

void LedgerFeed::verifyAgain()
{
    look(true);
}

void LedgerFeed::look(bool isAnew)
{
    if (m_look.isRunning()) {
        m_isWanted = true;
        m_isWantedAnew = m_isWantedAnew || isAnew;
        return;
    }
    const bool isFirst = m_state == State::Idle;
    if (isFirst)
        m_state = State::Reading; // what was Absent or Failed stays so until there is something else to say
    if (isFirst || isAnew) {
        *m_progress = 0;
        m_ticks.start();
    }
    m_look.run(
        this,
        [&](const StopToken &stop) {
            Worker::Preview preview;
            if (isFirst)
                preview = [this, of = m_worker.get()](std::shared_ptr<LedgerTable> table) {
                    // The queue ends before this object does, and what was posted goes with it.
                    QMetaObject::invokeMethod(
                        this,
                        [this, of, table = std::move(table)]() mutable {
                            if (of == m_worker.get()) // another ledger may have been opened
                                takePreview(std::move(table));
                        },
                        Qt::QueuedConnection);
                };
            return m_queue.run([worker = m_worker, isAnew, at = now(), stop, preview = std::move(preview)] {
                return worker->look(isAnew, at, stop, preview);
            });
        },
        [this](const Result<Batch> &batch) {
            m_ticks.stop();
            if (batch)
                take(*batch);
            else
                fail(batch.error());
            if (m_isWanted) {
                m_isWanted = false;
                look(std::exchange(m_isWantedAnew, false));
            }
        });
    emit changed();
}

void LedgerFeed::takePreview(std::shared_ptr<LedgerTable> table)
{
    if (m_state != State::Reading)
        return;
    m_table = std::move(table);
    emit tableReplaced();
}

void LedgerFeed::take(Batch batch)
{
    m_summary = batch.summary;
    m_error = {};
    m_state = batch.isAbsent ? State::Absent : State::Ready;
    if (batch.isAbsent && m_table->size() > 0)
        batch.table = std::make_shared<LedgerTable>();
    if (batch.table) {
        const std::shared_ptr<LedgerTable> before = std::exchange(m_table, batch.table); // until nobody shows it
        emit tableReplaced();
    } else if (!batch.rows.empty()) {
        for (const LedgerRow &row : batch.rows)
            m_table->append(row);
        emit tableGrew();
    }
    emit changed();
}

void LedgerFeed::fail(const Error &error)
{
    if (error.kind == ErrorKind::Cancelled)
        return;
    const bool isNew = error.message != m_error.message;
    m_error = error;
    if (m_state == State::Ready) {
        if (isNew) // it is looked at every few seconds
            emit lookFailed(error);
        emit changed();
        return;
    }
    m_state = State::Failed;
    if (m_table->size() > 0) {
        const std::shared_ptr<LedgerTable> before = std::exchange(m_table, std::make_shared<LedgerTable>());
        emit tableReplaced();
    }
    emit changed();
}

QFuture<Result<LedgerDetails>> LedgerFeed::details(const LedgerRow &row, const StopToken &stop)
{
    return m_reading.run([path = m_options.path, row, stop]() -> Result<LedgerDetails> {
        if (stop.stop_requested()) // whoever walks down the list waits for the last one only
            return Error{ErrorKind::Cancelled, {}, {}};
        return readDetails(path, row);
    });
}

QFuture<Result<DoraView>> LedgerFeed::dora(const DoraQuestion &question, const StopToken &stop)
{
    return m_queue.run([worker = m_worker, question, stop]() -> Result<DoraView> {
        if (stop.stop_requested())
            return Error{ErrorKind::Cancelled, {}, {}};
        return worker->dora(question, stop);
    });
}

} // namespace signalbox
