#include "services/adapters/git/gitsource.h"
#include "services/credentials/credentialstore.h"
#include "services/net/httpclient.h"
#include "tests/support/gitservers.h"

#include <QDir>
#include <QSignalSpy>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;

// SourceRepository as its callers have it, over every way to a repository.
class TestGitSource : public QObject
{
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_root;
    std::unique_ptr<SshServer> m_ssh;
    std::unique_ptr<HttpsGitServer> m_https;
    HttpClient m_http;
    CredentialStore m_secrets;
    int m_count = 0;

    std::unique_ptr<GitSource> source(const QString &kind, int port = 0)
    {
        GitSourceConfig config;
        config.id = QStringLiteral("shop");
        config.cacheFolder = m_root->filePath(QStringLiteral("cache%1").arg(++m_count));
        QString url = m_root->filePath(QStringLiteral("shop.git"));
        if (kind == QLatin1String("ssh")) {
            url = m_ssh->url(url, port);
            config.sshCommand = m_ssh->command(SshServer::Trust::Known, port);
        } else if (kind == QLatin1String("https")) {
            url = m_https->url(QStringLiteral("shop.git"), port);
            config.user = HttpsGitServer::user();
            config.password = *parseSecretReference(QStringLiteral("env:TEST_GIT_PASSWORD"));
            config.caPem = m_https->caPem();
        }
        config.url = *git::parseRemoteUrl(url);
        return std::make_unique<GitSource>(config, m_http, m_secrets);
    }

    template <typename T>
    Result<T> answer(QFuture<Result<T>> future)
    {
        if (!QTest::qWaitFor([&] { return future.isFinished(); }, 30000) || future.resultCount() == 0)
            return Error{ErrorKind::Internal, QStringLiteral("no answer"), {}};
        return future.result();
    }

private slots:
    void initTestCase()
    {
        m_root = std::make_unique<QTemporaryDir>();
        qputenv("TEST_GIT_PASSWORD", HttpsGitServer::password());
        const QString bare = m_root->filePath(QStringLiteral("shop.git"));
        QVERIFY(RealGit::init(bare, true));
        RealGit git(bare);
        QVERIFY(git.grow(QStringLiteral("main"), 100, 1));
        git.run({QStringLiteral("tag"), QStringLiteral("v1.0.0")});
        QVERIFY(git.grow(QStringLiteral("main"), 150, 2));
        git.run({QStringLiteral("tag"), QStringLiteral("v1.1.0")});
        QString error;
        m_ssh = SshServer::start(&error);
        QVERIFY2(m_ssh, qPrintable(error));
        m_https = HttpsGitServer::start(m_root->path(), &error);
        QVERIFY2(m_https, qPrintable(error));
    }

    void tellsWhatChanged_data()
    {
        QTest::addColumn<QString>("kind");
        for (const char *kind : {"path", "ssh", "https"})
            QTest::newRow(kind) << QString::fromLatin1(kind);
    }
    void tellsWhatChanged()
    {
        QFETCH(QString, kind);
        const auto repository = source(kind);
        const QSignalSpy updated(repository.get(), &SourceRepository::updated);
        if (kind != QLatin1String("path")) {
            const auto early = answer(repository->resolve(QStringLiteral("1.0.0"), {}, {}));
            QVERIFY(!early);
            QCOMPARE(early.error().kind, ErrorKind::NotFound);
        }
        const auto brought = answer(repository->update({}));
        QVERIFY2(brought, brought ? "" : qPrintable(brought.error().message));
        QTRY_COMPARE(updated.size(), 1);
        QVERIFY(repository->updatedAt().isValid());
        QVERIFY(!repository->problem() && !repository->isUpdating());
        const auto from = answer(repository->resolve(QStringLiteral("1.0.0"), {}, {}));
        const auto to = answer(repository->resolve(QStringLiteral("v1.1.0"), {}, {}));
        QVERIFY(from && to);
        const auto set = answer(repository->changes(*from, *to, {}));
        QVERIFY(set);
        const RealGit git(m_root->filePath(QStringLiteral("shop.git")));
        QCOMPARE(QByteArray::number(set->commits.size()),
                 git.out({QStringLiteral("rev-list"), QStringLiteral("--count"), QStringLiteral("v1.0.0..v1.1.0")}));

        // The lines stream in, and are there the next time.
        QStringList ids;
        for (const ChangeCommit &commit : set->commits)
            ids.append(commit.id);
        QSignalSpy counted(repository.get(), &SourceRepository::linesCounted);
        QVERIFY(answer(repository->countLines(ids, {})));
        QTRY_VERIFY(!counted.isEmpty());
        const auto again = answer(repository->changes(*from, *to, {}));
        QVERIFY(again);
        int added = 0;
        for (const ChangeCommit &commit : again->commits) {
            QVERIFY(commit.lines);
            added += commit.lines->added;
        }
        QVERIFY(added > 100);
        const auto files = answer(repository->files(from->commit, to->commit, {}));
        QVERIFY(files && !files->isEmpty());
        const auto diff = answer(repository->diff(from->commit, to->commit, files->first().path, {}, {}));
        QVERIFY(diff && diff->text.startsWith("diff --git "));
        const auto refs = answer(repository->refs({}));
        QVERIFY(refs);
        QCOMPARE(refs->defaultBranch, QStringLiteral("main"));
        QCOMPARE(refs->tags.size(), 2);
    }

    void aFailureIsKeptAndToldInWords()
    {
        qputenv("TEST_GIT_PASSWORD", "wrong");
        const auto repository = source(QStringLiteral("https"));
        const auto brought = answer(repository->update({}));
        qputenv("TEST_GIT_PASSWORD", HttpsGitServer::password());
        QVERIFY(!brought);
        QCOMPARE(brought.error().kind, ErrorKind::Unauthorized);
        QTRY_VERIFY(repository->problem());
        const auto better = answer(repository->update({}));
        QVERIFY2(better, better ? "" : qPrintable(better.error().message));
        QTRY_VERIFY(!repository->problem());
        QTRY_VERIFY(!repository->isUpdating());
    }

    void aStopInTheMiddleOfACloneLeavesNothing_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::newRow("ssh") << QStringLiteral("ssh");
        QTest::newRow("https") << QStringLiteral("https");
    }
    void aStopInTheMiddleOfACloneLeavesNothing()
    {
        QFETCH(QString, kind);
        ByteGate gate(kind == QLatin1String("ssh") ? m_ssh->port() : m_https->port(), 20'000, ByteGate::Then::Stall);
        const auto repository = source(kind, gate.port());
        const QDir cache(m_root->filePath(QStringLiteral("cache%1").arg(m_count)));
        StopSource stop;
        const auto future = repository->update(stop.get_token());
        QVERIFY(repository->isUpdating());
        QTRY_VERIFY_WITH_TIMEOUT(gate.passed() >= 20'000, 20000);
        QVERIFY(!cache.entryList({QStringLiteral("*.partial-*")}, QDir::Dirs).isEmpty());
        stop.request_stop();
        const auto stopped = answer(future);
        QVERIFY(!stopped);
        QCOMPARE(stopped.error().kind, ErrorKind::Cancelled);
        QTRY_VERIFY(!repository->isUpdating());
        QVERIFY(!repository->problem()); // it was asked for
        QVERIFY(!repository->updatedAt().isValid());
        QVERIFY(cache.entryList(QDir::Dirs | QDir::NoDotAndDotDot).isEmpty());
    }

    void mayGoWhileItWorks()
    {
        for (const char *kind : {"ssh", "https"}) {
            auto repository = source(QString::fromLatin1(kind));
            const auto future = repository->update({});
            QTest::qWait(30);
            repository.reset();
            QTRY_VERIFY(future.isFinished());
        }
    }
};

QTEST_GUILESS_MAIN(TestGitSource)
#include "test_git_source.moc"
