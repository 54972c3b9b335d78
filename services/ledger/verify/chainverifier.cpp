#include "services/ledger/verify/chainverifier.h"

#include "services/git/objectreader.h"
#include "services/ledger/verify/commitfacts.h"
#include "services/ledger/verify/ledgerverifytext.h"

#include <QPromise>
#include <QRegularExpression>
#include <QScopeGuard>
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

constexpr size_t batchSize = 256;
constexpr size_t mostWaiting = 16; // batches
constexpr size_t looksAfter = 64;  // batches of a thread: whether what it made of their trees lies there
constexpr qsizetype mostPolicyBytes = 4 * 1024 * 1024;

struct Task
{
    git::ObjectId id;
    QByteArray text;
    std::optional<git::CommitObject> commit; // of the text; none: it is no commit
    git::ObjectId parentTree;
    bool isCut = false; // its parent cannot be read
};

struct Batch
{
    std::vector<Task> tasks; // newest first
    std::vector<CommitFacts> facts;
    std::vector<git::ObjectId> parentTrees; // of the tasks, until it was seen that all trees lie there
};

// Looks at commits on several threads while another one reads them; at a few, when they are all there, on that one. The
// batches stay in the order they were given.
class FactsPool
{
public:
    FactsPool(const QString &path, int threads, const std::function<void(qsizetype)> &progress)
        : m_path(path)
        , m_threads(threads)
        , m_progress(progress)
    {
        m_pool.setMaxThreadCount(threads);
    }
    ~FactsPool() { end(); }
    FactsPool(const FactsPool &) = delete;
    FactsPool &operator=(const FactsPool &) = delete;

    void add(std::vector<Task> tasks)
    {
        if (tasks.size() >= batchSize)
            start();
        std::unique_lock lock(m_mutex);
        m_taken.wait(lock, [this] { return m_waiting.size() < mostWaiting || m_failed; });
        m_batches.push_back({std::move(tasks), {}, {}});
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
        if (!m_isStarted && !m_waiting.empty())
            work(m_path);
        m_pool.waitForDone();
        return m_failed;
    }
    std::deque<Batch> &batches() { return m_batches; }

private:
    void start()
    {
        if (std::exchange(m_isStarted, true))
            return;
        for (int i = 0; i < m_threads; ++i)
            m_pool.start([this] { work(m_path); });
    }

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

    std::optional<git::ObjectReader> open(const QString &path)
    {
        auto opened = git::ObjectReader::open(path);
        if (opened)
            return *std::move(opened);
        const std::lock_guard lock(m_mutex);
        m_failed = opened.error();
        m_taken.notify_all();
        return std::nullopt;
    }

    void work(const QString &path)
    {
        auto opened = open(path);
        if (!opened)
            return;
        opened->lookLater();
        FactsReader reader(*std::move(opened));
        std::vector<Batch *> unseen;
        while (Batch *batch = next()) {
            readAll(reader, *batch);
            unseen.push_back(batch);
            if (unseen.size() >= looksAfter && !see(reader, unseen, path))
                return;
            const std::lock_guard lock(m_mutex);
            m_done += static_cast<qsizetype>(batch->facts.size());
            if (m_progress)
                m_progress(m_done);
        }
        see(reader, unseen, path);
    }

    static void readAll(FactsReader &reader, Batch &batch)
    {
        batch.facts.reserve(batch.tasks.size());
        batch.parentTrees.reserve(batch.tasks.size());
        for (const Task &task : batch.tasks) {
            batch.facts.push_back(reader.read(task.id, task.commit, task.parentTree));
            batch.parentTrees.push_back(task.parentTree);
            if (task.isCut) {
                batch.facts.back().isDamaged = true;
                batch.facts.back().problem = LedgerVerifyText::tr("the commit before it is missing");
            }
        }
        batch.tasks = {};
    }

    // Where a tree is missing, each of these commits is read anew by a reader that takes nothing for granted; so are
    // those to come, of which the one before may know trees that are not there. False: it could not be opened.
    bool see(FactsReader &reader, std::vector<Batch *> &batches, const QString &path)
    {
        const bool areThere = reader.areTreesThere();
        if (!areThere) {
            auto strict = open(path);
            if (!strict)
                return false;
            reader.readFrom(*std::move(strict));
        }
        for (Batch *batch : batches) {
            for (size_t i = 0; i < batch->facts.size() && !areThere; ++i)
                reader.readAgain(batch->parentTrees[i], batch->facts[i]);
            batch->parentTrees = {};
        }
        batches.clear();
        return true;
    }

    QString m_path;
    int m_threads;
    bool m_isStarted = false; // the threads
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
    Walk(git::ObjectReader &reader, FactsPool &pool, QByteArray wanted, std::optional<git::ObjectId> known)
        : m_reader(reader)
        , m_pool(pool)
        , m_wanted(std::move(wanted))
        , m_known(known)
    {}

    // From the tip to the first commit, or to the one that is known. An Error: what is older cannot be read.
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
            auto commit = git::parseCommit(*text);
            // Its tree is what the newer commit before it is compared with.
            if (!m_tasks.empty())
                m_tasks.back().parentTree = commit ? commit->tree : git::ObjectId{};
            if (m_known && *at == *m_known) {
                m_hasReachedKnown = true;
                break;
            }
            if (m_tasks.size() >= batchSize)
                flush();
            if (!m_wanted.isEmpty() && at->hex().startsWith(m_wanted))
                m_found = true;
            const git::ObjectId here = *at;
            at = commit && !commit->parents.empty() ? std::optional(commit->parents.front()) : std::nullopt;
            m_tasks.push_back({here, *text, std::move(commit), {}, false}); // views of the text, which moves with it
        }
        flush();
        return std::nullopt;
    }
    bool hasFound() const { return m_found; }
    bool hasReachedKnown() const { return m_hasReachedKnown; }

private:
    void flush()
    {
        if (!m_tasks.empty())
            m_pool.add(std::exchange(m_tasks, {}));
    }

    git::ObjectReader &m_reader;
    FactsPool &m_pool;
    QByteArray m_wanted;
    std::optional<git::ObjectId> m_known;
    std::vector<Task> m_tasks;
    bool m_found = false;
    bool m_hasReachedKnown = false;
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
    size_t all = chain.entries.size();
    for (const Batch &batch : batches)
        all += batch.facts.size();
    chain.entries.reserve(all);
    for (auto batch = batches.rbegin(); batch != batches.rend(); ++batch) {
        for (auto facts = batch->facts.rbegin(); facts != batch->facts.rend(); ++facts) {
            chain.entries.push_back(rules.judge(*facts));
            count(chain, chain.entries.back());
        }
        batch->facts = {};
    }
    for (EntryVerdict &entry : chain.entries) {
        const auto settled = rules.settled().constFind(entry.commit);
        if (entry.state != EntryVerdict::State::Pending || settled == rules.settled().constEnd())
            continue;
        entry.state = EntryVerdict::State::Good;
        entry.reason = *settled;
        --chain.pending;
        ++chain.good;
    }
    chain.waiting = rules.waiting();
    chain.start = rules.start();
    chain.isPinned = rules.isPinned();
    chain.workspace = rules.workspace();
    chain.policyCommit = rules.policyCommit();
    chain.problems = rules.problems();
    chain.notes = rules.notes();
    if (chain.isSigned() && !chain.isPinned)
        chain.notes.append(
            LedgerVerifyText::tr("The first admin is not pinned: the one who began the ledger was believed. Compare "
                                 "the key's fingerprint with them, and pin it."));
}

Result<QByteArray> wantedCommit(const QString &atLeast)
{
    static const QRegularExpression digits(QStringLiteral("^([0-9a-fA-F]{7,40})?$"));
    if (digits.match(atLeast).hasMatch())
        return atLeast.toLower().toLatin1();
    return Error{
        ErrorKind::Invalid,
        LedgerVerifyText::tr("\"%1\" is no commit: give 7 to 40 hexadecimal digits, as git shows them.").arg(atLeast),
        {}};
}

} // namespace

class ChainFollower::Private
{
public:
    Private(QString path, VerifyOptions options)
        : m_path(std::move(path))
        , m_options(std::move(options))
    {}

    Result<ChainStep> advance(const StopToken &stop)
    {
        const auto wanted = wantedCommit(m_options.atLeast);
        if (!wanted)
            return wanted.error();
        auto reader = git::ObjectReader::open(m_path);
        if (!reader)
            return reader.error();
        m_reader = std::make_unique<git::ObjectReader>(*std::move(reader));
        const auto closing = qScopeGuard([this] { m_reader.reset(); });
        if (m_comes && QDateTime::currentSecsSinceEpoch() >= *m_comes)
            m_known.reset();
        const auto tip = m_reader->tip(QStringLiteral("main"));
        if (!tip)
            return tip.error();
        const int threads = m_options.threads > 0 ? m_options.threads : std::max(1, QThread::idealThreadCount());
        FactsPool pool(m_path, threads, m_options.progress);
        Walk walk(*m_reader, pool, *wanted, m_known);
        std::optional<Error> broken;
        if (*tip)
            broken = walk.run(**tip, stop);
        if (const auto failed = pool.end())
            return *failed;
        if (broken && broken->kind == ErrorKind::Cancelled)
            return *broken;

        ChainStep step;
        step.isFresh = !walk.hasReachedKnown();
        begin(step.isFresh);
        step.before = m_judged;
        step.chain.path = m_path;
        step.chain.tip = *tip;
        carry(step.chain);
        const std::vector<WaitingChange> waited = m_rules->waiting();
        judgeAll(pool.batches(), *m_rules, step.chain);
        const bool isSettled = std::any_of(waited.begin(), waited.end(), [this](const WaitingChange &each) {
            return m_rules->settled().contains(each.commit);
        });
        if (isSettled) { // what was said of them before is not true any more; that is seldom
            m_known.reset();
            return advance(stop);
        }
        keep(step.chain);
        if (broken)
            step.chain.problems.append(broken->message);
        m_hasFound = m_hasFound || walk.hasFound();
        if (!wanted->isEmpty() && !m_hasFound)
            step.chain.problems.append(
                LedgerVerifyText::tr("The commit %1, which was seen before, is not in this ledger: it was rewound, "
                                     "or is another one. Do not trust it before you know why.")
                    .arg(m_options.atLeast));
        m_known = broken ? std::nullopt : *tip; // what could not be read may be there next time
        return step;
    }

private:
    void begin(bool isFresh)
    {
        const QDateTime now = m_rules ? QDateTime::currentDateTimeUtc() : m_options.now;
        if (!isFresh) {
            m_rules->setNow(now);
            return;
        }
        const auto file = [this](const git::ObjectId &tree, const char *name) { return fileOf(tree, name); };
        m_rules = std::make_unique<ChainRules>(m_options.pin, now, m_options.policyReader, file);
        m_counted = {};
        m_comes.reset();
        m_judged = 0;
        m_hasFound = false;
    }

    Result<std::optional<QByteArray>> fileOf(const git::ObjectId &tree, const char *name)
    {
        const auto id = m_reader->fileOf(tree, name);
        if (!id)
            return id.error();
        if (!*id)
            return std::optional<QByteArray>();
        const auto bytes = m_reader->blob(**id, mostPolicyBytes);
        return bytes ? Result<std::optional<QByteArray>>(*bytes) : Result<std::optional<QByteArray>>(bytes.error());
    }

    void carry(ChainVerdict &chain) const
    {
        chain.good = m_counted.good;
        chain.pending = m_counted.pending;
        chain.notSigned = m_counted.notSigned;
        chain.bad = m_counted.bad;
    }
    void keep(const ChainVerdict &chain)
    {
        m_counted.good = chain.good;
        m_counted.pending = chain.pending;
        m_counted.notSigned = chain.notSigned;
        m_counted.bad = chain.bad;
        m_judged += static_cast<qsizetype>(chain.entries.size());
        for (const EntryVerdict &entry : chain.entries) {
            if (entry.fault == Fault::DateInFuture)
                m_comes = std::min(m_comes.value_or(entry.committedAt), entry.committedAt);
        }
    }

    QString m_path;
    VerifyOptions m_options;
    std::unique_ptr<git::ObjectReader> m_reader; // of this look; the rules read files through it
    std::unique_ptr<ChainRules> m_rules;
    std::optional<git::ObjectId> m_known; // the tip when it was judged
    ChainVerdict m_counted;               // the counts alone
    std::optional<qint64> m_comes;        // the first date that was yet to come: then it is to be judged anew
    qsizetype m_judged = 0;
    bool m_hasFound = false;
};

ChainFollower::ChainFollower(QString path, VerifyOptions options)
    : d(std::make_unique<Private>(std::move(path), std::move(options)))
{}

ChainFollower::~ChainFollower() = default;

Result<ChainStep> ChainFollower::advance(const StopToken &stop)
{
    return d->advance(stop);
}

Result<ChainVerdict> verifyChain(const QString &path, const VerifyOptions &options, const StopToken &stop)
{
    auto step = ChainFollower(path, options).advance(stop);
    if (!step)
        return step.error();
    return std::move(step->chain);
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
