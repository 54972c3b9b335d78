// A cron's build tells no interval: the repository's crons do, for its branch.
#include "services/adapters/travis/travisserver.h"
#include "services/async/deliver.h"
#include "services/net/httpclient.h"
#include "services/ports/secretstore.h"
#include "tests/support/faultserver.h"
#include "tests/support/httpwait.h"

#include <QFile>
#include <QTest>

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
        QTest::addColumn<bool>("mayRead");
        QTest::addColumn<QString>("cron");
        QTest::newRow("told") << true << QStringLiteral("daily");
        QTest::newRow("not allowed") << false << QString();
    }
    void aCronsBuildHasItsInterval()
    {
        QFETCH(bool, mayRead);
        QFETCH(QString, cron);
        const HttpHeaders asJson{{"Content-Type", "application/json"}};
        FaultServer server([&](Exchange &e) {
            const QByteArray path = e.target.split('?').constFirst();
            if (path.endsWith("/crons"))
                e.answer(mayRead ? 200 : 403, mayRead ? data("crons.json") : QByteArray("{}"), asJson);
            else if (path.endsWith("/builds"))
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
            QCOMPARE(page->runs.at(0).trigger.cron, cron);
        }
        const auto detail = waitFor(travis->source().run({pipeline, QStringLiteral("68")}, {}));
        QVERIFY2(detail, detail ? "" : qPrintable(detail.error().message));
        QCOMPARE(detail->run.trigger.cron, cron);
        int asked = 0;
        for (const auto &request : server.requests())
            asked += request.target.endsWith("/crons") ? 1 : 0;
        QCOMPARE(asked, 1); // once
    }
};

QTEST_GUILESS_MAIN(TestTravisTold)
#include "test_travis_told.moc"
