#include "services/async/deliver.h"
#include "services/promotions/registryreading.h"
#include "tests/support/httpwait.h"

#include <QHash>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

QString u(const char *text)
{
    return QString::fromUtf8(text);
}

QString digestOf(char digit)
{
    return u("sha256:") + QString(64, QLatin1Char(digit));
}

// Says what it is told, by tag and digest.
class TellingRegistry : public ArtifactRegistry
{
public:
    QHash<QString, Result<Artifact>> answers;
    QString id() const override { return u("team"); }
    QString address() const override { return u("r.example"); }
    bool serves(const QString &) const override { return true; }
    QFuture<Result<Artifact>> describe(QString, QString reference, StopToken) override
    {
        return ready(answers.value(reference, Result<Artifact>(Error{ErrorKind::NotFound, u("none"), {}})));
    }
    QFuture<Result<QStringList>> tags(QString, StopToken) override { return ready(Result<QStringList>(QStringList())); }
};

Artifact indexOf(char index, std::initializer_list<char> platforms, const QString &revision)
{
    Artifact artifact;
    artifact.digest = digestOf(index);
    artifact.isIndex = true;
    for (const char one : platforms)
        artifact.platforms.append({u("linux/x"), digestOf(one)});
    artifact.revision = revision;
    return artifact;
}

} // namespace

// What a registry adds to what a cluster says of a release.
class TestRegistryReading : public QObject
{
    Q_OBJECT

private slots:
    void tellsTheReleaseOfWhatPodsRun_data()
    {
        QTest::addColumn<bool>("isPinned");
        QTest::addColumn<QString>("pods"); // digits of their digests
        QTest::addColumn<QString>("tag");  // "index" "moved" "gone" "silent"
        QTest::addColumn<QString>("digest");
        QTest::addColumn<QString>("revision");
        QTest::addColumn<bool>("isProblem");
        QTest::newRow("pods name the index") << false << u("a") << u("index") << digestOf('a') << u("label") << false;
        QTest::newRow("pods name their platform")
            << false << u("1") << u("index") << digestOf('a') << u("label") << false;
        QTest::newRow("pods of two platforms")
            << false << u("12") << u("index") << digestOf('a') << u("label") << false;
        QTest::newRow("the tag moved since") << false << u("b") << u("index") << digestOf('b') << u("older") << false;
        QTest::newRow("two images run") << false << u("1b") << u("index") << QString() << u("template") << true;
        QTest::newRow("the tag is gone") << false << u("b") << u("gone") << digestOf('b') << u("older") << false;
        QTest::newRow("the registry is silent") << false << u("1") << u("silent") << QString() << u("template") << true;
        QTest::newRow("no pod says") << false << QString() << u("index") << QString() << u("template") << true;
        QTest::newRow("pinned") << true << u("1") << u("silent") << digestOf('a') << u("label") << false;
    }
    void tellsTheReleaseOfWhatPodsRun()
    {
        QFETCH(bool, isPinned);
        QFETCH(QString, pods);
        QFETCH(QString, tag);
        QFETCH(QString, digest);
        QFETCH(QString, revision);
        QFETCH(bool, isProblem);
        TellingRegistry registry;
        const Artifact artifact = indexOf('a', {'1', '2'}, u("label"));
        registry.answers.insert(artifact.digest, artifact);
        registry.answers.insert(digestOf('b'), indexOf('b', {}, u("older")));
        if (tag == u("index"))
            registry.answers.insert(u("1.4.0"), artifact);
        else if (tag == u("silent"))
            registry.answers.insert(u("1.4.0"), Error{ErrorKind::Unreachable, u("no answer from r.example"), {}});
        RunningRelease release;
        release.repository = u("r.example/shop/cart");
        release.tag = u("1.4.0");
        release.isPinned = isPinned;
        release.revision = u("template");
        for (const QChar pod : pods)
            release.podDigests.append(digestOf(pod.toLatin1()));
        if (isPinned)
            release.digest = digestOf('a');
        else if (pods.size() == 1)
            release.digest = release.podDigests.first(); // as the cluster alone tells it
        else
            release.problem = u("not one image");
        const auto told = waitFor(withRegistry(this, &registry, release, {}));
        QVERIFY(told);
        QCOMPARE(told->digest, digest);
        QCOMPARE(told->revision, revision);
        QCOMPARE(!told->problem.isEmpty(), isProblem);
        if (tag == u("silent") && !isPinned)
            QVERIFY(told->problem.contains(u("no answer from r.example")));
        const auto alone = waitFor(withRegistry(this, nullptr, release, {}));
        QVERIFY(alone && *alone == release);
    }
};

QTEST_GUILESS_MAIN(TestRegistryReading)
#include "test_registryreading.moc"
