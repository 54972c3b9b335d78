#include "services/adapters/kubernetes/planflow.h"
#include "services/async/resultof.h"
#include "services/async/whenended.h"
#include "tests/unit/services/async/endinggate.h"

#include <QDirIterator>
#include <QFile>
#include <QRegularExpression>
#include <QSemaphore>
#include <QTest>
#include <QThread>
#include <QThreadPool>

#include <atomic>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace signalbox;

// A promise, to be kept by one thread while others wait for it.
struct Promised
{
    std::shared_ptr<QPromise<Result<int>>> promise = std::make_shared<QPromise<Result<int>>>();
    QFuture<Result<int>> future = promise->future();

    Promised() { promise->start(); }
    void keep(int value)
    {
        promise->addResult(Result<int>(value));
        promise->finish();
    }
};

// Ends futures on a thread of its own, as near as can be to the moment in which the test attaches to them: both leave
// one gate at the same time, one of them after a pause that is another one each round.
class Ender
{
public:
    Ender()
        : m_thread([this] { run(); })
    {}
    ~Ender()
    {
        m_isOver = true;
        m_round.fetch_add(1);
        m_thread.join();
    }

    // Returns when the other is about to end it.
    void race(const Promised &promised, int value)
    {
        waitUntilEnded(); // the one before
        m_promise = promised.promise;
        m_value = value;
        m_isThere = false;
        const int round = m_round.fetch_add(1) + 1;
        spinUntil([this] { return m_isThere.load(); });
        m_isGone = round;
        pause(round % 40);
    }
    // The promise went with it: nothing runs on that thread any more.
    void waitUntilEnded() const
    {
        while (m_ended != m_round)
            std::this_thread::yield();
    }

private:
    static void pause(int steps)
    {
        for (int i = 0; i < steps * 5; ++i)
            std::atomic_signal_fence(std::memory_order_seq_cst); // or the loop is left out
    }
    // Not asleep, to be there in time; but not for ever, where the other has no processor.
    template <typename Condition>
    static void spinUntil(Condition condition)
    {
        for (int spins = 0; !condition(); ++spins) {
            if (spins > 2000)
                std::this_thread::yield();
        }
    }
    void run()
    {
        for (int round = 1;; ++round) {
            while (m_round < round)
                std::this_thread::yield();
            if (m_isOver)
                return;
            m_isThere = true;
            spinUntil([this, round] { return m_isGone >= round; });
            pause((round / 40) % 40);
            m_promise->addResult(Result<int>(m_value));
            m_promise->finish();
            m_promise.reset();
            m_ended = round;
        }
    }

    std::shared_ptr<QPromise<Result<int>>> m_promise;
    int m_value = 0;
    std::atomic_bool m_isOver = false;
    std::atomic_bool m_isThere = false;
    std::atomic_int m_isGone = 0;
    std::atomic_int m_ended = 0;
    std::atomic_int m_round = 0;
    std::thread m_thread; // last: it uses the others
};

class TestWhenEnded : public QObject
{
    Q_OBJECT

    static constexpr int rounds = 10'000;

private slots:
    void attachedWhileItEnds_data()
    {
        QTest::addColumn<bool>("onWorker");
        QTest::newRow("inline") << false;
        QTest::newRow("on a worker") << true;
    }

    // With QFuture::then() the second run is a crash, each time.
    void attachedWhileItEnds()
    {
        QFETCH(bool, onWorker);
        Promised promised;
        test::EndingGate<Result<int>> gate(promised.future);
        promised.promise->addResult(Result<int>(1));
        gate.close();
        std::thread ender([&promised] { promised.promise->finish(); });
        const bool isThere = gate.waitUntilSomeoneIsThere();
        const bool isFinished = promised.future.isFinished();
        std::atomic_int runs = 0;
        whenEnded(
            promised.future, [&runs](const QFuture<Result<int>> &) { ++runs; },
            onWorker ? Continues::OnWorker : Continues::Inline);
        gate.open();
        ender.join();
        QVERIFY(isThere);
        QVERIFY(isFinished);
        QVERIFY(QThreadPool::globalInstance()->waitForDone(10'000));
        QCOMPARE(runs.load(), 1);
    }

    void attachedInTheMomentInWhichItEnds_data()
    {
        QTest::addColumn<bool>("onWorker");
        QTest::newRow("inline") << false;
        QTest::newRow("on a worker") << true;
    }

    // What crashed with QFuture::then(): each runs once, with the right answer.
    void attachedInTheMomentInWhichItEnds()
    {
        QFETCH(bool, onWorker);
        std::atomic_int runs = 0;
        std::atomic_int wrong = 0;
        Ender ender;
        for (int i = 0; i < rounds; ++i) {
            Promised promised;
            const auto future = promised.future;
            ender.race(promised, i);
            promised.promise.reset();
            auto doubled = continued(
                future,
                [&](const Result<int> &answer) -> Result<int> {
                    ++runs;
                    if (!answer || *answer != i)
                        ++wrong;
                    return 2 * answer.value_or(-1);
                },
                onWorker ? Continues::OnWorker : Continues::Inline);
            const auto answer = resultOf(doubled);
            if (!answer || *answer != 2 * i)
                ++wrong;
            ender.waitUntilEnded(); // a second run would be over by now, but for one on a worker
        }
        QThreadPool::globalInstance()->waitForDone();
        QCOMPARE(runs.load(), rounds);
        QCOMPARE(wrong.load(), 0);
    }

    void chainsOfThePlans()
    {
        std::atomic_int runs = 0;
        std::atomic_int wrong = 0;
        const auto oneMore = [&](int value) -> Result<int> {
            ++runs;
            return value + 1;
        };
        Ender ender;
        for (int i = 0; i < rounds; ++i) {
            Promised promised;
            const auto future = promised.future;
            ender.race(promised, i);
            promised.promise.reset();
            const auto first = kubernetes::mapped(future, oneMore);
            const auto second = kubernetes::mapped(kubernetes::mapped(ready(Result<int>(i)), oneMore), oneMore);
            const auto third = kubernetes::andThen(
                second, [&](int value) { return kubernetes::mapped(ready(Result<int>(value)), oneMore); });
            const auto all = resultOf(kubernetes::gathered(QList<QFuture<Result<int>>>{first, third}));
            if (!all || all->size() != 2 || all->at(0).value_or(-1) != i + 1 || all->at(1).value_or(-1) != i + 3)
                ++wrong;
        }
        QThreadPool::globalInstance()->waitForDone();
        QCOMPARE(runs.load(), 4 * rounds);
        QCOMPARE(wrong.load(), 0);
    }

    // Writers of the ledger: each asks, and is answered by workers, while all the others do.
    void manyThreadsAtOnce()
    {
        QThreadPool workers;
        workers.setMaxThreadCount(4);
        std::atomic_int runs = 0;
        std::atomic_int wrong = 0;
        std::vector<std::thread> writers;
        constexpr int each = 2'000;
        for (int writer = 0; writer < 8; ++writer) {
            writers.emplace_back([&, writer] {
                for (int i = 0; i < each; ++i) {
                    Promised asked;
                    const auto future = asked.future;
                    workers.start([asked, value = writer * each + i]() mutable { asked.keep(value); });
                    asked.promise.reset();
                    const auto checked = chained(future, [&](const Result<int> &answer) {
                        ++runs;
                        return ready(answer);
                    });
                    if (resultOf(checked).value_or(-1) != writer * each + i)
                        ++wrong;
                }
            });
        }
        for (std::thread &writer : writers)
            writer.join();
        workers.waitForDone();
        QCOMPARE(runs.load(), 8 * each);
        QCOMPARE(wrong.load(), 0);
    }

    // Each of the pool's threads waits for an answer; who answers goes on itself.
    void inlineNeedsNoWorker()
    {
        QThreadPool *const pool = QThreadPool::globalInstance();
        const int all = pool->maxThreadCount();
        std::vector<Promised> asked(static_cast<size_t>(all));
        QSemaphore waiting;
        std::atomic_int answered = 0;
        for (Promised &one : asked) {
            pool->start([&one, &waiting, &answered] {
                auto answer = continued(one.future, [](const Result<int> &result) { return result; });
                waiting.release();
                if (resultOf(answer).value_or(-1) == 7)
                    ++answered;
            });
        }
        QVERIFY(waiting.tryAcquire(all, 10'000));
        for (Promised &one : asked)
            one.keep(7);
        QVERIFY(pool->waitForDone(10'000));
        QCOMPARE(answered.load(), all);
    }

    void inlineRunsInTheThreadThatEndsIt()
    {
        Promised promised;
        std::thread::id ranIn;
        const auto note = [&ranIn](const Result<int> &result) -> Result<int> {
            ranIn = std::this_thread::get_id();
            return result;
        };
        const auto later = continued(promised.future, note);
        QVERIFY(!later.isFinished());
        std::thread other([&promised] { promised.keep(1); });
        const auto expected = other.get_id();
        other.join();
        QVERIFY(later.isFinished());
        QVERIFY(ranIn == expected);
        const auto now = continued(ready(Result<int>(2)), note);
        QVERIFY2(now.isFinished(), "what is answered already goes on at once");
        QVERIFY(ranIn == std::this_thread::get_id());
    }

    void workerIsNeverTheThreadThatAsks()
    {
        std::atomic<QThread *> ranIn = nullptr;
        auto answer = continued(
            ready(Result<int>(1)),
            [&ranIn](const Result<int> &result) {
                ranIn = QThread::currentThread();
                return result;
            },
            Continues::OnWorker);
        QCOMPARE(resultOf(answer).value_or(-1), 1);
        QVERIFY(ranIn != QThread::currentThread());
    }

    void errorsAreSeen()
    {
        const Error refused{ErrorKind::Refused, QStringLiteral("no"), {}};
        std::optional<ErrorKind> seen;
        const auto answer = chained(ready(Result<int>(refused)), [&seen](const Result<int> &result) {
            seen = result.error().kind;
            return ready(Result<QString>(result.error()));
        });
        QVERIFY(answer.isFinished());
        QCOMPARE(answer.result().error().kind, ErrorKind::Refused);
        QVERIFY(seen == ErrorKind::Refused);
    }

    // Of a write it is its outcome that is unknown then, which only deliver() can tell: it must not become an answer.
    void lostAnswerStaysLost()
    {
        Promised promised;
        bool hasRun = false;
        std::optional<Result<int>> told;
        QFuture<Result<int>> answer = continued(promised.future, [&hasRun](const Result<int> &result) {
            hasRun = true;
            return result;
        });
        const auto further = chained(answer, [](const Result<int> &result) { return ready(result); });
        whenAnswered(further, [&told](const Result<int> &result) { told = result; });
        QVERIFY(!told);
        promised.promise.reset();
        QVERIFY(answer.isFinished());
        QCOMPARE(answer.resultCount(), 0);
        QVERIFY(further.isFinished());
        QCOMPARE(further.resultCount(), 0);
        QVERIFY(!hasRun);
        QVERIFY(told);
        QCOMPARE(told->error().kind, ErrorKind::Internal);
    }

    void exceptionEndsThere()
    {
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("answer threw: out of order")));
        Promised promised;
        const auto answer = continued(
            promised.future, [](const Result<int> &) -> Result<int> { throw std::runtime_error("out of order"); });
        promised.keep(1); // whoever ends it does not meet the exception
        QVERIFY(answer.isFinished());
        QCOMPARE(answer.resultCount(), 0);
    }

    // QFuture's own continuations crash now and then, which no test would see: they are not used at all.
    void nobodyUsesThen()
    {
        static const QRegularExpression call(
            QStringLiteral("^[^/\\n]*(?:\\.|->)(?:then|unwrap|onCanceled|onFailed)\\s*\\("),
            QRegularExpression::MultilineOption);
        int files = 0;
        for (const char *folder : {"app", "models", "services", "ui"}) {
            QDirIterator sources(QStringLiteral(SIGNALBOX_SOURCE_DIR "/") + QString::fromLatin1(folder),
                                 {QStringLiteral("*.cpp"), QStringLiteral("*.h")}, QDir::Files,
                                 QDirIterator::Subdirectories);
            while (sources.hasNext()) {
                QFile file(sources.next());
                QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.fileName()));
                const auto found = call.match(QString::fromUtf8(file.readAll()));
                QVERIFY2(!found.hasMatch(), qPrintable(QStringLiteral("%1: %2 - take services/async/whenended.h")
                                                           .arg(file.fileName(), found.captured().trimmed())));
                ++files;
            }
        }
        QVERIFY2(files > 100, "the sources were not found");
    }

    // What a continuation holds goes when it has run, though the promise lives on.
    void nothingIsHeldOnceItRan()
    {
        Promised promised;
        auto held = std::make_shared<int>(1);
        const std::weak_ptr<int> seen = held;
        whenAnswered(promised.future, [held = std::move(held)](const Result<int> &) {});
        QVERIFY(!seen.expired());
        promised.keep(1);
        QVERIFY(seen.expired());
    }
};

QTEST_GUILESS_MAIN(TestWhenEnded)
#include "test_whenended.moc"
