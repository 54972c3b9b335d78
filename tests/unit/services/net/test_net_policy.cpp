#include "services/net/etagmemory.h"
#include "services/net/failure.h"
#include "services/net/requestlog.h"
#include "services/net/retrypolicy.h"
#include "services/net/tls.h"

#include <QTest>

#include <openssl/x509_vfy.h>

#include <algorithm>

using namespace signalbox;
using namespace std::chrono_literals;

namespace
{

HttpResponse answer(const QByteArray &etag, qsizetype size, int status = 200)
{
    HttpResponse response;
    response.status = status;
    if (!etag.isEmpty())
        response.headers << std::pair<QByteArray, QByteArray>("ETag", etag);
    response.body = QByteArray(size, 'x');
    return response;
}

} // namespace

// When a call is repeated, what is remembered, what a failure is called: no network.
class TestNetPolicy : public QObject
{
    Q_OBJECT

private slots:
    // The status bar asks several times a second.
    void theRunningRequestsAreCounted()
    {
        RequestLog log;
        QCOMPARE(log.runningCount(), 0);
        for (quint64 id = 1; id <= 3; ++id) {
            RequestInfo info;
            info.id = id;
            log.started(info);
        }
        QCOMPARE(log.runningCount(), 3);
        RequestInfo watch; // open for good
        watch.id = 4;
        watch.state = QStringLiteral("streaming");
        log.started(watch);
        QCOMPARE(log.runningCount(), 3);
        log.ended(4, answer({}, 10), 10, 5ms);
        log.ended(2, answer({}, 10), 10, 5ms);
        log.ended(2, answer({}, 10), 10, 5ms); // of none that runs
        QCOMPARE(log.runningCount(), 2);
        const QList<RequestInfo> all = log.requests();
        QCOMPARE(all.size(), 4);
        QCOMPARE(std::count_if(all.begin(), all.end(), [](const RequestInfo &one) { return one.durationMs < 0; }), 2);
    }

    void retries_data()
    {
        QTest::addColumn<RetryQuestion>("question");
        QTest::addColumn<int>("leastMs"); // -1: no retry
        QTest::addColumn<int>("mostMs");
        RetryQuestion base;
        base.method = "GET";
        base.retries = 2;
        base.end = AttemptEnd::CutOff;
        const auto row = [&](const char *name, auto change, int least, int most = 0) {
            RetryQuestion question = base;
            change(question);
            QTest::newRow(name) << question << least << most;
        };
        const auto status = [](int code) {
            return [code](RetryQuestion &q) {
                q.end = AttemptEnd::Answered;
                q.status = code;
            };
        };
        row(
            "cut off", [](RetryQuestion &) {}, 100, 200);
        row(
            "second time", [](RetryQuestion &q) { q.attempt = 2; }, 200, 400);
        row(
            "third time is too often", [](RetryQuestion &q) { q.attempt = 3; }, -1);
        row(
            "never more than ten seconds",
            [](RetryQuestion &q) {
                q.attempt = 40;
                q.retries = 50;
            },
            5000, 10000);
        row(
            "connect failed", [](RetryQuestion &q) { q.end = AttemptEnd::ConnectFailed; }, 100, 200);
        row(
            "final", [](RetryQuestion &q) { q.end = AttemptEnd::Final; }, -1);
        row(
            "stream", [](RetryQuestion &q) { q.isStream = true; }, -1);
        row(
            "HEAD", [](RetryQuestion &q) { q.method = "HEAD"; }, 100, 200);
        for (const char *method : {"POST", "PUT", "PATCH", "DELETE", "get"})
            row(
                method,
                [method](RetryQuestion &q) {
                    q.method = method;
                    q.end = AttemptEnd::ConnectFailed;
                },
                -1);
        row(
            "POST that only asks",
            [](RetryQuestion &q) {
                q.method = "POST";
                q.changesNothing = true;
            },
            100, 200);
        row(
            "stream that only asks",
            [](RetryQuestion &q) {
                q.method = "POST";
                q.changesNothing = true;
                q.isStream = true;
            },
            -1);
        row("429", status(429), 100, 200);
        row("502", status(502), 100, 200);
        row("503", status(503), 100, 200);
        row("504", status(504), 100, 200);
        row("500", status(500), -1);
        row("404", status(404), -1);
        row("200", status(200), -1);
        row(
            "asked to wait",
            [](RetryQuestion &q) {
                q.end = AttemptEnd::Answered;
                q.status = 429;
                q.retryAfter = 7s;
            },
            7000, 7100);
        row(
            "asked to wait too long",
            [](RetryQuestion &q) {
                q.end = AttemptEnd::Answered;
                q.status = 429;
                q.retryAfter = 31s;
            },
            -1);
        row(
            "asked not to wait",
            [](RetryQuestion &q) {
                q.end = AttemptEnd::Answered;
                q.status = 503;
                q.retryAfter = 0s;
            },
            0, 100);
        row(
            "not within the time left", [](RetryQuestion &q) { q.timeLeft = 50ms; }, -1);
        row(
            "within the time left", [](RetryQuestion &q) { q.timeLeft = 5s; }, 100, 200);
    }
    void retries()
    {
        QFETCH(RetryQuestion, question);
        QFETCH(int, leastMs);
        QFETCH(int, mostMs);
        for (const double random : {0.0, 0.3, 0.999}) {
            question.random = random;
            const auto wait = retryWait(question);
            QCOMPARE(wait.has_value(), leastMs >= 0);
            if (wait) {
                QVERIFY(wait->count() >= leastMs);
                QVERIFY(wait->count() <= mostMs);
            }
        }
    }

    void waitsDiffer()
    {
        RetryQuestion question;
        question.method = "GET";
        question.retries = 1;
        question.end = AttemptEnd::CutOff;
        question.random = 0.1;
        const auto one = retryWait(question);
        question.random = 0.9;
        QVERIFY(*one < *retryWait(question));
    }

    void retryAfterValues_data()
    {
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<bool>("hasServerDate");
        QTest::addColumn<qint64>("ms"); // -1: not readable
        QTest::newRow("seconds") << QByteArray("120") << false << qint64(120'000);
        QTest::newRow("blanks") << QByteArray(" 3 ") << false << qint64(3'000);
        QTest::newRow("zero") << QByteArray("0") << false << qint64(0);
        QTest::newRow("huge") << QByteArray("99999999999999999999") << false << qint64(366) * 86'400'000;
        QTest::newRow("negative") << QByteArray("-5") << false << qint64(-1);
        QTest::newRow("fraction") << QByteArray("1.5") << false << qint64(-1);
        QTest::newRow("empty") << QByteArray() << false << qint64(-1);
        QTest::newRow("word") << QByteArray("later") << false << qint64(-1);
        QTest::newRow("date by our clock") << QByteArray("Sun, 06 Nov 1994 08:50:00 GMT") << false << qint64(60'000);
        QTest::newRow("date by the server's clock")
            << QByteArray("Sun, 06 Nov 1994 08:50:00 GMT") << true << qint64(30'000);
        QTest::newRow("past date") << QByteArray("Sun, 06 Nov 1994 08:00:00 GMT") << false << qint64(0);
        QTest::newRow("date between blanks")
            << QByteArray(" Sun, 06 Nov 1994 08:50:00 GMT ") << false << qint64(60'000);
        QTest::newRow("leap day") << QByteArray("Thu, 29 Feb 1996 08:49:00 GMT") << false << qint64(480) * 86'400'000;
        QTest::newRow("no such month") << QByteArray("Sun, 06 ovD 1994 08:50:00 GMT") << false << qint64(-1);
        QTest::newRow("no such hour") << QByteArray("Sun, 06 Nov 1994 25:50:00 GMT") << false << qint64(-1);
        QTest::newRow("old form") << QByteArray("Sunday, 06-Nov-94 08:50:00 GMT") << false << qint64(60'000);
        QTest::newRow("C's form") << QByteArray("Sun Nov  6 08:50:00 1994") << false << qint64(60'000);
    }
    void retryAfterValues()
    {
        QFETCH(QByteArray, value);
        QFETCH(bool, hasServerDate);
        QFETCH(qint64, ms);
        const QDateTime now(QDate(1994, 11, 6), QTime(8, 49, 0), Qt::UTC);
        const auto wait = parseRetryAfter(value, hasServerDate ? now.addSecs(30) : QDateTime(), now);
        QCOMPARE(wait ? wait->count() : -1, ms);
    }

    void etagsAreBounded()
    {
        EtagMemory memory(1000, 400);
        const HttpHeaders none;
        const auto key = [&](int number) {
            return EtagMemory::key(QStringLiteral("c"), "https://h/" + QByteArray::number(number), none);
        };
        memory.remember(key(1), answer("a", 300));
        memory.remember(key(2), answer("b", 300));
        memory.remember(key(3), answer("c", 300));
        QVERIFY(memory.bytes() <= 1000);
        QVERIFY(memory.find(key(1))); // used last now
        memory.remember(key(4), answer("d", 300));
        QVERIFY(memory.find(key(1)));
        QVERIFY(!memory.find(key(2)));
        QVERIFY(memory.bytes() <= 1000);
        memory.remember(key(5), answer("e", 500)); // too large for one
        QVERIFY(!memory.find(key(5)));
        memory.remember(key(6), answer({}, 10)); // no ETag
        QVERIFY(!memory.find(key(6)));
        memory.remember(key(7), answer("g", 10, 206));
        QVERIFY(!memory.find(key(7)));
        memory.remember(key(1), answer({}, 10)); // the address has none any more
        QVERIFY(!memory.find(key(1)));
    }

    // 300 KB a list of 30 runs, as GitHub words it: 150 of them are more than the memory is large. What falls out is
    // asked for in full, and counts.
    void listsOfManyPipelinesFit()
    {
        EtagMemory memory;
        const auto key = [](int number) {
            return EtagMemory::key(QStringLiteral("c"), "https://h/" + QByteArray::number(number), {});
        };
        const auto list = [](int number) {
            HttpResponse response = answer("W/\"" + QByteArray::number(number) + '"', 0);
            for (int i = 0; i < 3000; ++i)
                response.body += "{\"jobs_url\":\"https://api.example.org/repos/acme/p" + QByteArray::number(number) +
                                 "/actions/runs/" + QByteArray::number(7919 * i + number) + "/jobs\"},";
            return response;
        };
        for (int i = 0; i < 150; ++i)
            memory.remember(key(i), list(i));
        for (const int i : {0, 75, 149}) {
            QCOMPARE(memory.etag(key(i)), list(i).header("ETag"));
            QVERIFY(memory.find(key(i)));
            QCOMPARE(memory.find(key(i))->body, list(i).body);
        }
        QVERIFY(memory.bytes() <= 32ll * 1024 * 1024);
        QVERIFY(memory.etag(key(150)).isEmpty());
    }

    void etagKeysTellFormsApart()
    {
        const HttpHeaders json{{"Accept", "application/json"}, {"X-Request", "1"}};
        const HttpHeaders table{{"accept", "application/json;as=Table"}};
        const HttpHeaders jsonAgain{{"ACCEPT", "application/json"}};
        const auto key = [](const char *connection, const HttpHeaders &headers) {
            return EtagMemory::key(QString::fromLatin1(connection), "https://h/", headers);
        };
        QVERIFY(key("c", json) != key("c", table));
        QVERIFY(key("c", json) != key("d", json));
        QCOMPARE(key("c", json), key("c", jsonAgain));
    }

    void failuresAreSorted_data()
    {
        QTest::addColumn<int>("code");
        QTest::addColumn<bool>("hasLeft");
        QTest::addColumn<int>("proxyStatus");
        QTest::addColumn<ErrorKind>("kind");
        QTest::addColumn<AttemptEnd>("end");
        const auto row = [](const char *name, CURLcode code, bool left, int proxy, ErrorKind kind, AttemptEnd end) {
            QTest::newRow(name) << static_cast<int>(code) << left << proxy << kind << end;
        };
        row("name", CURLE_COULDNT_RESOLVE_HOST, false, 0, ErrorKind::Unreachable, AttemptEnd::ConnectFailed);
        row("proxy's name", CURLE_COULDNT_RESOLVE_PROXY, false, 0, ErrorKind::Unreachable, AttemptEnd::ConnectFailed);
        row("connect", CURLE_COULDNT_CONNECT, false, 0, ErrorKind::Unreachable, AttemptEnd::ConnectFailed);
        row("connect time", CURLE_OPERATION_TIMEDOUT, false, 0, ErrorKind::TimedOut, AttemptEnd::ConnectFailed);
        row("handshake", CURLE_SSL_CONNECT_ERROR, false, 0, ErrorKind::Unreachable, AttemptEnd::ConnectFailed);
        row("lost in the handshake", CURLE_RECV_ERROR, false, 0, ErrorKind::Unreachable, AttemptEnd::ConnectFailed);
        row("certificate", CURLE_PEER_FAILED_VERIFICATION, false, 0, ErrorKind::Unreachable, AttemptEnd::Final);
        row("client certificate", CURLE_SSL_CERTPROBLEM, false, 0, ErrorKind::Unreachable, AttemptEnd::Final);
        row("authority", CURLE_SSL_CACERT_BADFILE, false, 0, ErrorKind::Unreachable, AttemptEnd::Final);
        row("proxy says no", CURLE_RECV_ERROR, false, 403, ErrorKind::Unreachable, AttemptEnd::Final);
        row("nothing came", CURLE_GOT_NOTHING, true, 0, ErrorKind::Protocol, AttemptEnd::CutOff);
        row("part came", CURLE_PARTIAL_FILE, true, 0, ErrorKind::Protocol, AttemptEnd::CutOff);
        row("reset", CURLE_RECV_ERROR, true, 0, ErrorKind::Protocol, AttemptEnd::CutOff);
        row("HTTP/2 framing", CURLE_HTTP2, true, 0, ErrorKind::Protocol, AttemptEnd::CutOff);
        row("garbage", CURLE_UNSUPPORTED_PROTOCOL, true, 0, ErrorKind::Protocol, AttemptEnd::Final);
        row("compression", CURLE_BAD_CONTENT_ENCODING, true, 0, ErrorKind::Protocol, AttemptEnd::Final);
    }
    void failuresAreSorted()
    {
        QFETCH(int, code);
        QFETCH(bool, hasLeft);
        QFETCH(int, proxyStatus);
        QFETCH(ErrorKind, kind);
        QFETCH(AttemptEnd, end);
        FailureFacts facts;
        facts.code = static_cast<CURLcode>(code);
        facts.hop = Hop{QStringLiteral("https"), QStringLiteral("k8s.example"), 6443, "/a?token=geheim", true};
        facts.hasLeft = hasLeft;
        facts.proxyStatus = proxyStatus;
        const Error error = failureOf(facts);
        QCOMPARE(error.kind, kind);
        QCOMPARE(attemptEndOf(facts), end);
        QVERIFY(error.message.contains(QStringLiteral("k8s.example")));
        QVERIFY(!error.message.contains(QStringLiteral("geheim")));
        const Error unknown = outcomeUnknown("PATCH", facts.hop, error);
        QCOMPARE(unknown.kind, ErrorKind::OutcomeUnknown);
        QVERIFY(unknown.message.contains(QStringLiteral("k8s.example")));
    }

    void certificateProblemsDiffer()
    {
        const QString name = QStringLiteral("h");
        QStringList sentences;
        for (const long code :
             {X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_REVOKED,
              X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_INVALID_PURPOSE})
            sentences << certificateProblem(code, {}, name);
        sentences.removeDuplicates();
        QCOMPARE(sentences.size(), 6);
    }
};

QTEST_GUILESS_MAIN(TestNetPolicy)
#include "test_net_policy.moc"
