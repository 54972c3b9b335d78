#include "services/adapters/github/githubbudget.h"
#include "services/adapters/github/githubclient.h"

#include <QTest>

using namespace signalbox;
using namespace signalbox::github;

namespace
{

HttpResponse answer(int status, const HttpHeaders &headers = {}, const QByteArray &body = {})
{
    HttpResponse response;
    response.status = status;
    response.headers = headers;
    response.body = body;
    response.serverDate = QDateTime::fromSecsSinceEpoch(1'000'000, Qt::UTC);
    return response;
}

} // namespace

class TestGitHubBudget : public QObject
{
    Q_OBJECT
private slots:
    void anAnswerOutOfMemoryCostsNothing()
    {
        Budget budget;
        QVERIFY(!budget.now());
        budget.hear(answer(200, {{"X-RateLimit-Limit", "5000"},
                                 {"X-RateLimit-Remaining", "4999"},
                                 {"X-RateLimit-Reset", "1003600"},
                                 {"X-RateLimit-Resource", "core"}}));
        HttpResponse kept = answer(200, {{"X-RateLimit-Remaining", "17"}});
        kept.fromCache = true;
        budget.hear(kept);
        QVERIFY(budget.now());
        QCOMPARE(budget.now()->limit, 5000);
        QCOMPARE(budget.now()->remaining, 4999);
        QCOMPARE(budget.now()->counted, 1);
        QCOMPARE(budget.now()->resetsAt, QDateTime::fromSecsSinceEpoch(1'003'600, Qt::UTC));
        budget.hear(answer(200, {{"X-RateLimit-Remaining", "3"}, {"X-RateLimit-Resource", "search"}}));
        QCOMPARE(budget.now()->remaining, 4999);
        QCOMPARE(budget.now()->counted, 2);
    }

    // Questions go out side by side: an answer that was overtaken gives nothing back.
    void anAnswerThatWasOvertakenRaisesNothing()
    {
        Budget budget;
        const auto hear = [&budget](const char *remaining, const char *reset) {
            budget.hear(answer(
                200,
                {{"X-RateLimit-Limit", "5000"}, {"X-RateLimit-Remaining", remaining}, {"X-RateLimit-Reset", reset}}));
            return budget.now()->remaining;
        };
        QCOMPARE(hear("4998", "1003600"), 4998);
        QCOMPARE(hear("4999", "1003600"), 4998);
        QCOMPARE(hear("4997", "1003600"), 4997);
        QCOMPARE(hear("5000", "1007200"), 5000);
        QCOMPARE(budget.now()->counted, 4);
    }

    void howLongToWait_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<qint64>("ms"); // -1: it is no such refusal
        QTest::newRow("primary") << 403 << QByteArray("X-RateLimit-Remaining") << QByteArray("0") << QByteArray()
                                 << qint64(120'000);
        QTest::newRow("secondary") << 403 << QByteArray("Retry-After") << QByteArray("7") << QByteArray()
                                   << qint64(7000);
        QTest::newRow("too many") << 429 << QByteArray("Retry-After") << QByteArray("9") << QByteArray()
                                  << qint64(9000);
        QTest::newRow("without a word") << 429 << QByteArray() << QByteArray() << QByteArray() << qint64(60'000);
        QTest::newRow("in words only") << 403 << QByteArray("X-RateLimit-Remaining") << QByteArray("80")
                                       << QByteArray("You have exceeded a secondary rate limit.") << qint64(60'000);
        QTest::newRow("no right") << 403 << QByteArray("X-RateLimit-Remaining") << QByteArray("80")
                                  << QByteArray("Resource not accessible") << qint64(-1);
        QTest::newRow("good") << 200 << QByteArray("X-RateLimit-Remaining") << QByteArray("0") << QByteArray()
                              << qint64(-1);
    }
    void howLongToWait()
    {
        QFETCH(int, status);
        QFETCH(QByteArray, name);
        QFETCH(QByteArray, value);
        QFETCH(QByteArray, body);
        QFETCH(qint64, ms);
        HttpHeaders headers{{"X-RateLimit-Reset", "1000120"}};
        if (!name.isEmpty())
            headers.append({name, value});
        const HttpResponse response = answer(status, headers, body);
        const auto pause = pauseAfter(response);
        QCOMPARE(pause ? qint64(pause->count()) : -1, ms);
        Budget budget;
        budget.hear(response);
        QCOMPARE(budget.pause(QDateTime::currentDateTimeUtc()).count() > 0, ms > 0);
    }

    void onlyOwnPagesAreFollowed_data()
    {
        QTest::addColumn<QByteArray>("link");
        QTest::addColumn<QByteArray>("next");
        QTest::newRow("own") << QByteArray("<https://ghe.example.org/api/v3/x?page=1>; rel=\"prev\", "
                                           "<https://ghe.example.org/api/v3/x?page=3>; rel=\"next\"")
                             << QByteArray("https://ghe.example.org/api/v3/x?page=3");
        QTest::newRow("last") << QByteArray("<https://ghe.example.org/api/v3/x?page=1>; rel=\"first\"") << QByteArray();
        QTest::newRow("another's") << QByteArray("<https://evil.example.org/api/v3/x?page=3>; rel=\"next\"")
                                   << QByteArray();
        QTest::newRow("plain") << QByteArray("<http://ghe.example.org/api/v3/x?page=3>; rel=\"next\"") << QByteArray();
    }
    void onlyOwnPagesAreFollowed()
    {
        QFETCH(QByteArray, link);
        QFETCH(QByteArray, next);
        QCOMPARE(nextPage(answer(200, {{"Link", link}}), QUrl(QStringLiteral("https://ghe.example.org/api/v3"))), next);
    }
};

QTEST_GUILESS_MAIN(TestGitHubBudget)
#include "test_githubbudget.moc"
