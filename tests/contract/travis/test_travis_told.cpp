// A cron's build tells no interval: the repository's crons do, for its branch.
#include "services/adapters/travis/travisserver.h"
#include "services/async/deliver.h"
#include "services/net/httpclient.h"
#include "services/ports/secretstore.h"
#include "tests/support/faultserver.h"
#include "tests/support/httpwait.h"

#include <QFile>
#include <QTest>

#include <atomic>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

class AnyToken : public SecretStore
{
public:
    QFuture<Result<ResolvedSecret>> resolve(SecretReference, StopToken) override
    {
        return ready(Result<ResolvedSecret>(ResolvedSecret{Secret("t"), {}}));
    }
    QFuture<Result<void>> keep(SecretReference, Secret, StopToken) override { return ready(Result<void>()); }
};

QByteArray data(const char *name)
{
    QFile file(QStringLiteral(SIGNALBOX_SOURCE_DIR "/tests/data/travis/") + QLatin1String(name));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

class TestTravisTold : public QObject
{
    Q_OBJECT
private slots:
    void aCronsBuildHasItsInterval_data()
    {
        QTest::addColumn<int>("first"); // how the first question for crons is answered, and all others but for 500
        QTest::addColumn<QString>("early");
        QTest::addColumn<QString>("cron");
        QTest::addColumn<int>("questions");
        const QString daily = QStringLiteral("daily");
        QTest::newRow("told") << 200 << daily << daily << 1;
        QTest::newRow("not allowed") << 403 << QString() << QString() << 1;
        QTest::newRow("not there") << 404 << QString() << QString() << 1;
        QTest::newRow("it fails once") << 500 << QString() << daily << 2;
    }
    void aCronsBuildHasItsInterval()
    {
        QFETCH(int, first);
        QFETCH(QString, early);
        QFETCH(QString, cron);
        QFETCH(int, questions);
        std::atomic<int> crons = 0;
        const HttpHeaders asJson{{"Content-Type", "application/json"}};
        FaultServer server([&](Exchange &e) {
            const QByteArray path = e.target.split('?').constFirst();
            if (path.endsWith("/crons")) {
                const int status = crons++ > 0 && first == 500 ? 200 : first;
                e.answer(status, status == 200 ? data("crons.json") : QByteArray("{}"), asJson);
            } else if (path.endsWith("/builds"))
                e.answer(200,
                         "{\"@type\": \"builds\", \"@pagination\": {\"is_last\": true}, \"builds\": [" +
                             data("build_noaccess.json") + "]}",
                         asJson);
            else if (path.endsWith("/jobs"))
                e.answer(200, "{\"@type\": \"jobs\", \"jobs\": []}", asJson);
            else
                e.answer(200, data("build_noaccess.json"), asJson);
        });
        PipelineServerConfig config;
        config.id = QStringLiteral("travis");
        config.url = server.url();
        config.bearer = SecretReference{SecretReference::Kind::Environment, QStringLiteral("X"), {}};
        config.projects = QStringList{QStringLiteral("acme/cart")};
        AnyToken secrets;
        HttpClient http;
        const auto travis = makeTravis(config, http, secrets);
        const PipelineRef pipeline{QStringLiteral("travis"), QStringLiteral("acme/cart"), {}};
        for (int i = 0; i < 2; ++i) {
            const auto page = waitFor(travis->source().runs({pipeline, {}, 30, {}}, {}));
            QVERIFY2(page, page ? "" : qPrintable(page.error().message + page.error().detail));
            QCOMPARE(page->runs.size(), 1);
            QCOMPARE(page->runs.at(0).trigger.kind, TriggerKind::Schedule);
            QCOMPARE(page->runs.at(0).trigger.cron, i == 0 ? early : cron);
        }
        const auto detail = waitFor(travis->source().run({pipeline, QStringLiteral("68")}, {}));
        QVERIFY2(detail, detail ? "" : qPrintable(detail.error().message));
        QCOMPARE(detail->run.trigger.cron, cron);
        int asked = 0;
        for (const auto &request : server.requests())
            asked += request.target.endsWith("/crons") ? 1 : 0;
        QCOMPARE(asked, questions); // once, and once more where it failed
    }
};

QTEST_GUILESS_MAIN(TestTravisTold)
#include "test_travis_told.moc"
