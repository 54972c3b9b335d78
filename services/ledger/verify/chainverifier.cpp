#include "services/ledger/verify/chainverifier.h"

#include "services/git/objectreader.h"
#include "services/ledger/verify/commitfacts.h"

#include <QCoreApplication>
#include <QPromise>
#include <QRegularExpression>
#include <QThread>
#include <QThreadPool>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>

namespace signalbox::ledger
{
namespace
{

struct Text
{
    Q_DECLARE_TR_FUNCTIONS(LedgerVerify)
};

constexpr size_t batchSize = 256;
constexpr size_t mostWaiting = 16; // batches
constexpr qsizetype mostPolicyBytes = 4 * 1024 * 1024;

struct Task
{
    git::ObjectId id;
    QByteArray text;
    git::ObjectId parentTree;
    bool isCut = false; // its parent cannot be read
};

struct Batch
{
    std::vector<Task> tasks; // newest first
    std::vector<CommitFacts> facts;
};

// Looks at commits on several threads while another one reads them. The batches stay in the order they were given.
class FactsPool
{
public:
    FactsPool(const QString &path, int threads, const std::function<void(qsizetype)> &progress)
        : m_progress(progress)
    {
        m_pool.setMaxThreadCount(threads);
        for (int i = 0; i < threads; ++i)
            m_pool.start([this, path] { work(path); });
    }
    ~FactsPool() { end(); }
    FactsPool(const FactsPool &) = delete;
    FactsPool &operator=(const FactsPool &) = delete;

    void add(std::vector<Task> tasks)
    {
        std::unique_lock lock(m_mutex);
        m_taken.wait(lock, [this] { return m_waiting.size() < mostWaiting || m_failed; });
        m_batches.push_back({std::move(tasks), {}});
        m_waiting.push_back(&m_batches.back());
        m_added.notify_one();
    }
    // Waits for all of them.
    std::optional<Error> end()
    {
        {
            const std::lock_guard lock(m_mutex);
            m_isEnding = true;
        }
        m_added.notify_all();
        m_pool.waitForDone();
        return m_failed;
    }
    std::deque<Batch> &batches() { return m_batches; }

private:
    Batch *next()
    {
        std::unique_lock lock(m_mutex);
        m_added.wait(lock, [this] { return !m_waiting.empty() || m_isEnding; });
        if (m_waiting.empty())
            return nullptr;
        Batch *batch = m_waiting.front();
        m_waiting.pop_front();
        m_taken.notify_one();
        return batch;
    }

    void work(const QString &path)
    {
        auto opened = git::ObjectReader::open(path);
        if (!opened) {
            const std::lock_guard lock(m_mutex);
            m_failed = opened.error();
            m_taken.notify_all();
            return;
        }
        FactsReader reader(*std::move(opened));
        while (Batch *batch = next()) {
            batch->facts.reserve(batch->tasks.size());
            for (const Task &task : batch->tasks) {
                batch->facts.push_back(reader.read(task.id, task.text, task.parentTree));
                if (task.isCut) {
                    batch->facts.back().isDamaged = true;
                    batch->facts.back().problem = Text::tr("the commit before it is missing");
                }
            }
            const auto size = static_cast<qsizetype>(batch->tasks.size());
            batch->tasks = {};
            const std::lock_guard lock(m_mutex);
            m_done += size;
            if (m_progress)
                m_progress(m_done);
        }
    }

    const std::function<void(qsizetype)> &m_progress;
    std::mutex m_mutex;
    std::condition_variable m_added;
    std::condition_variable m_taken;
    std::deque<Batch> m_batches; // never moves what is in it
    std::deque<Batch *> m_waiting;
    qsizetype m_done = 0;
    bool m_isEnding = false;
    std::optional<Error> m_failed;
    QThreadPool m_pool;
};

class Walk
{
public:
    Walk(git::ObjectReader &reader, FactsPool &pool, QByteArray wanted)
        : m_reader(reader)
        , m_pool(pool)
        , m_wanted(std::move(wanted))
    {}

    // From the tip to the first commit. An Error: what is older cannot be read.
    std::optional<Error> run(const git::ObjectId &tip, const StopToken &stop)
    {
        std::optional<git::ObjectId> at = tip;
        while (at) {
            if (stop.stop_requested())
                return Error{ErrorKind::Cancelled, {}, {}};
            const auto text = m_reader.commitText(*at);
            if (!text) {
                if (!m_tasks.empty())
                    m_tasks.back().isCut = true;
                flush();
                return text.error();
            }
            const auto commit = git::parseCommit(*text);
            // Its tree is what the newer commit before it is compared with.
            if (!m_tasks.empty())
                m_tasks.back().parentTree = commit ? commit->tree : git::ObjectId{};
            if (m_tasks.size() >= batchSize)
                flush();
            if (!m_wanted.isEmpty() && at->hex().startsWith(m_wanted))
                m_found = true;
            m_tasks.push_back({*at, *text, {}, false});
            at = commit && !commit->parents.empty() ? std::optional(commit->parents.front()) : std::nullopt;
        }
        flush();
        return std::nullopt;
    }
    bool hasFound() const { return m_found; }

private:
    void flush()
    {
        if (!m_tasks.empty())
            m_pool.add(std::exchange(m_tasks, {}));
    }

    git::ObjectReader &m_reader;
    FactsPool &m_pool;
    QByteArray m_wanted;
    std::vector<Task> m_tasks;
    bool m_found = false;
};

void count(ChainVerdict &chain, const EntryVerdict &entry)
{
    switch (entry.state) {
    case EntryVerdict::State::Good:
        ++chain.good;
        break;
    case EntryVerdict::State::Pending:
        ++chain.pending;
        break;
    case EntryVerdict::State::NotSigned:
        ++chain.notSigned;
        break;
    case EntryVerdict::State::Bad:
        ++chain.bad;
        break;
    }
}

void judgeAll(std::deque<Batch> &batches, ChainRules &rules, ChainVerdict &chain)
{
    for (auto batch = batches.rbegin(); batch != batches.rend(); ++batch) {
        for (auto facts = batch->facts.rbegin(); facts != batch->facts.rend(); ++facts) {
            chain.entries.push_back(rules.judge(*facts));
            count(chain, chain.entries.back());
        }
        batch->facts = {};
    }
    chain.start = rules.start();
    chain.isPinned = rules.isPinned();
    chain.workspace = rules.workspace();
    chain.policyCommit = rules.policyCommit();
    chain.problems = rules.problems();
    chain.notes = rules.notes();
    if (chain.isSigned() && !chain.isPinned)
        chain.notes.append(Text::tr("The first admin is not pinned: the one who began the ledger was believed. Compare "
                                    "the key's fingerprint with them, and pin it."));
}

Result<QByteArray> wantedCommit(const QString &atLeast)
{
    static const QRegularExpression digits(QStringLiteral("^([0-9a-fA-F]{7,40})?$"));
    if (digits.match(atLeast).hasMatch())
        return atLeast.toLower().toLatin1();
    return Error{ErrorKind::Invalid,
                 Text::tr("\"%1\" is no commit: give 7 to 40 hexadecimal digits, as git shows them.").arg(atLeast),
                 {}};
}

} // namespace

Result<ChainVerdict> verifyChain(const QString &path, const VerifyOptions &options, const StopToken &stop)
{
    const auto wanted = wantedCommit(options.atLeast);
    if (!wanted)
        return wanted.error();
    auto reader = git::ObjectReader::open(path);
    if (!reader)
        return reader.error();
    const auto tip = reader->tip(QStringLiteral("main"));
    if (!tip)
        return tip.error();
    ChainVerdict chain;
    chain.path = path;
    chain.tip = *tip;
    const int threads = options.threads > 0 ? options.threads : std::max(1, QThread::idealThreadCount());
    FactsPool pool(path, threads, options.progress);
    Walk walk(*reader, pool, *wanted);
    std::optional<Error> broken;
    if (*tip)
        broken = walk.run(**tip, stop);
    if (const auto failed = pool.end())
        return *failed;
    if (broken && broken->kind == ErrorKind::Cancelled)
        return *broken;
    const auto file = [&reader](const git::ObjectId &tree, const char *name) -> Result<std::optional<QByteArray>> {
        const auto id = reader->fileOf(tree, name);
        if (!id)
            return id.error();
        if (!*id)
            return std::optional<QByteArray>();
        const auto bytes = reader->blob(**id, mostPolicyBytes);
        return bytes ? Result<std::optional<QByteArray>>(*bytes) : Result<std::optional<QByteArray>>(bytes.error());
    };
    ChainRules rules(options.pin, options.now, options.policyReader, file);
    judgeAll(pool.batches(), rules, chain);
    if (broken)
        chain.problems.append(broken->message);
    if (!wanted->isEmpty() && !walk.hasFound())
        chain.problems.append(Text::tr("The commit %1, which was seen before, is not in this ledger: it was rewound, "
                                       "or is another one. Do not trust it before you know why.")
                                  .arg(options.atLeast));
    return chain;
}

QFuture<Result<ChainVerdict>> verifyChainLater(QString path, VerifyOptions options, StopToken stop)
{
    auto promise = std::make_shared<QPromise<Result<ChainVerdict>>>();
    promise->start();
    auto future = promise->future();
    QThreadPool::globalInstance()->start(
        [promise, path = std::move(path), options = std::move(options), stop = std::move(stop)] {
            promise->addResult(verifyChain(path, options, stop));
            promise->finish();
        });
    return future;
}

} // namespace signalbox::ledger
