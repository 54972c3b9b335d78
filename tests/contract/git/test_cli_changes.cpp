#include "tests/support/gitservers.h"

#include <QDir>
#include <QFile>
#include <QTest>

#include <nlohmann/json.hpp>

using namespace signalbox::test;

// `signalbox changes` as its users have it: the real executable over real repositories.
class TestCliChanges : public QObject
{
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_root;
    std::unique_ptr<HttpsGitServer> m_https;
    QString m_bare;
    QString m_workspace;

    LabCluster::Output run(const QStringList &arguments, const QStringList &environment = {}) const
    {
        return runProgram(
            QStringLiteral(SIGNALBOX_PROGRAM), QStringList{QStringLiteral("changes")} + arguments, {}, 60,
            QStringList{QStringLiteral("SIGNALBOX_DATA=") + m_root->filePath(QStringLiteral("data")),
                        QStringLiteral("SIGNALBOX_WORKSPACE="),
                        QStringLiteral("GIT_PASSWORD=") + QString::fromLatin1(HttpsGitServer::password())} +
                environment);
    }
    static QStringList words(const char *text) { return QString::fromUtf8(text).split(QLatin1Char(' ')); }
    static void put(const QString &path, const QByteArray &content)
    {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content);
    }

private slots:
    void initTestCase()
    {
        m_root = std::make_unique<QTemporaryDir>();
        m_bare = m_root->filePath(QStringLiteral("shop.git"));
        const QString work = m_root->filePath(QStringLiteral("work"));
        QVERIFY(RealGit::init(m_bare, true) && RealGit::init(work, false));
        RealGit git(work);
        git.commit(QStringLiteral("src/price.txt"), "1\n2\n3\n", QStringLiteral("Start"));
        git.run(words("tag v1.4.0"));
        git.run(words("checkout -q -b hotfix/1.4.1"));
        git.commit(QStringLiteral("hot.txt"), "x\n", QStringLiteral("Hotfix"));
        git.run(words("checkout -q main"));
        git.commit(QStringLiteral("src/price.txt"), "1\n2\n4\n5\n", QStringLiteral("Round prices\n\nCloses SHOP-7."),
                   QStringLiteral("Bo <bo@example.com>"));
        git.run(words("tag v1.5.0"));
        QVERIFY(git.run({QStringLiteral("push"), QStringLiteral("-q"), m_bare, QStringLiteral("--all")}).isGood());
        QVERIFY(git.run({QStringLiteral("push"), QStringLiteral("-q"), m_bare, QStringLiteral("--tags")}).isGood());
        QString error;
        m_https = HttpsGitServer::start(m_root->path(), &error);
        QVERIFY2(m_https, qPrintable(error));
        put(m_root->filePath(QStringLiteral("ca.pem")), m_https->caPem());
        m_workspace = m_root->filePath(QStringLiteral("team.yaml"));
        put(m_workspace,
            "version: 1\nrepositories:\n  - id: shop\n    url: " + m_https->url(QStringLiteral("shop.git")).toUtf8() +
                "\n    auth: {basic: {user: ana, password: env:GIT_PASSWORD}}\n    caFile: ca.pem\n"
                "    issues: [{pattern: \"SHOP-([0-9]+)\", link: \"https://tracker.example/\\\\1\"}]\n");
    }

    void printsForPeople()
    {
        const auto output = run(words("cart --from 1.4.0 --to 1.5.0 --files --repository") << m_bare);
        QVERIFY2(output.isGood(), output.err.constData());
        for (const char *part : {"cart in ", "commits 1, authors 1, lines +2 −1, files 1, oldest of 2025-", "Bo",
                                 "Round prices", "SHOP-7", "src/price.txt  modified  +2 −1"})
            QVERIFY2(output.out.contains(part), (QByteArray(part) + " | " + output.out).constData());
        QVERIFY(!output.out.contains('\x1b'));
    }

    void printsJsonOverHttps()
    {
        const QStringList arguments = words("cart --from hotfix/1.4.1 --to 1.5.0 --files --json -w") << m_workspace;
        auto output = run(arguments);
        QVERIFY2(output.isGood(), (output.err + output.out).constData());
        const auto json = nlohmann::json::parse(output.out.toStdString());
        QCOMPARE(QString::fromStdString(json["schema"]), QStringLiteral("signalbox.changes/1"));
        QCOMPARE(json["commits"].size(), size_t(1));
        QCOMPARE(json["missing"].size(), size_t(1));
        QCOMPARE(QString::fromStdString(json["missing"][0]["subject"]), QStringLiteral("Hotfix"));
        QCOMPARE(int(json["commits"][0]["lines"]["added"]), 2);
        QCOMPARE(QString::fromStdString(json["commits"][0]["issues"][0]["url"]),
                 QStringLiteral("https://tracker.example/7"));
        QCOMPARE(json["files"].size(), size_t(2));
        QVERIFY(!output.out.contains(HttpsGitServer::password()));
        // Without the password the clone that is there is shown, and said to be old.
        output = run(arguments, {QStringLiteral("GIT_PASSWORD=wrong")});
        QCOMPARE(output.status, 3);
        QVERIFY2(output.err.contains("refused the user name or password") && output.err.contains("was fetched at"),
                 output.err.constData());
        QCOMPARE(nlohmann::json::parse(output.out.toStdString())["commits"].size(), size_t(1));
        // And without asking at all.
        output = run(arguments + QStringList{QStringLiteral("--offline")}, {QStringLiteral("GIT_PASSWORD=wrong")});
        QVERIFY2(output.isGood(), output.err.constData());
    }

    // Not that there is no ledger: nobody knows.
    void saysThatTheSettingsCannotBeRead()
    {
        const QString broken = m_root->filePath(QStringLiteral("broken.yaml"));
        put(broken, "version: 1\nledger: [\n");
        const QStringList named{QStringLiteral("--repository"), m_bare, QStringLiteral("-w"), broken};
        auto output = run(words("cart --from 1.4.0 --to 1.5.0") + named);
        QVERIFY2(output.isGood() && output.err.contains("The ledger is left out: ") &&
                     output.err.contains("could not be read") && output.err.contains("broken.yaml"),
                 output.err.constData());
        output = run(words("cart --from nowhere-1.4 --to 1.5.0") + named);
        QVERIFY2(!output.isGood() && output.err.contains("could not be read") &&
                     !output.err.contains("there is none here"),
                 output.err.constData());
        output = run(words("cart --from nowhere-1.4 --to 1.5.0 --repository") << m_bare);
        QVERIFY2(!output.isGood() && output.err.contains("there is none here"), output.err.constData());
    }

    void tellsHowTheBranchesStand()
    {
        const QString flow = m_root->filePath(QStringLiteral("flow"));
        QVERIFY(RealGit::init(flow, false));
        RealGit team(flow);
        team.commit(QStringLiteral("a.txt"), "1\n", QStringLiteral("Start"));
        team.run(words("tag v1.0.0"));
        team.run(words("branch develop"));
        team.run(words("checkout -q -b release/1.1"));
        team.commit(QStringLiteral("b.txt"), "1\n", QStringLiteral("Prepare"));
        team.commit(QStringLiteral("b.txt"), "2\n", QStringLiteral("Prepare more"));
        team.run(words("checkout -q -b hotfix/1.0.1 v1.0.0"));
        team.commit(QStringLiteral("c.txt"), "1\n", QStringLiteral("Mend"));
        team.run(words("checkout -q main"));
        team.merge(QStringLiteral("hotfix/1.0.1"));
        const QStringList arguments = words("cart --from v1.0.0 --to main --repository") << flow;
        const auto spoken = run(arguments);
        QVERIFY2(spoken.isGood(), spoken.err.constData());
        for (const char *part : {"Git Flow: main, develop", "release/1.1 is 2 ahead of main and 2 behind it",
                                 "hotfix/1.0.1 is not merged back to develop", "develop lacks 2 of main"})
            QVERIFY2(spoken.out.contains(part), (QByteArray(part) + " | " + spoken.out).constData());
        QVERIFY2(!spoken.out.contains("hotfix/1.0.1 is 1 ahead of main"), spoken.out.constData());
        const auto json =
            nlohmann::json::parse(run(arguments + QStringList{QStringLiteral("--json")}).out.toStdString());
        QCOMPARE(QString::fromStdString(json["flow"]["kind"]), QStringLiteral("gitFlow"));
        QCOMPARE(json["flow"]["branches"].size(), size_t(2));
        QCOMPARE(QString::fromStdString(json["flow"]["branches"][1]["kind"]), QStringLiteral("hotfix"));
        QCOMPARE(int(json["flow"]["branches"][1]["ofDevelop"]["ahead"]), 1);
        QVERIFY(json["environments"].empty()); // no ledger says what runs
    }

    // Without a develop branch every other branch is a topic's.
    void tellsGitHubFlow()
    {
        const QString flow = m_root->filePath(QStringLiteral("hubflow"));
        QVERIFY(RealGit::init(flow, false));
        RealGit team(flow);
        team.commit(QStringLiteral("a.txt"), "1\n", QStringLiteral("Start"));
        team.run(words("tag v1.0.0"));
        team.run(words("checkout -q -b hotfix/1.0.1"));
        team.commit(QStringLiteral("c.txt"), "1\n", QStringLiteral("Mend"));
        team.run(words("checkout -q main"));
        team.commit(QStringLiteral("a.txt"), "2\n", QStringLiteral("Go on"));
        const QStringList arguments = words("cart --from v1.0.0 --to main --repository") << flow;
        const auto spoken = run(arguments);
        QVERIFY2(spoken.isGood(), spoken.err.constData());
        for (const char *part : {"GitHub Flow: main", "hotfix/1.0.1 is 1 ahead of main and 1 behind it"})
            QVERIFY2(spoken.out.contains(part), (QByteArray(part) + " | " + spoken.out).constData());
        const auto json =
            nlohmann::json::parse(run(arguments + QStringList{QStringLiteral("--json")}).out.toStdString());
        QCOMPARE(QString::fromStdString(json["flow"]["kind"]), QStringLiteral("gitHubFlow"));
        QVERIFY(json["flow"]["develop"].is_null());
    }

    void printsOneDifference()
    {
        const auto output = run(words("cart --from 1.4.0 --to 1.5.0 --diff src/price.txt --repository") << m_bare);
        QVERIFY2(output.isGood(), output.err.constData());
        QVERIFY2(output.out.startsWith("diff --git a/src/price.txt b/src/price.txt\n") &&
                     output.out.contains("-3\n+4\n+5\n"),
                 output.out.constData());
    }

    void completesReleases()
    {
        const auto output =
            runProgram(QStringLiteral(SIGNALBOX_PROGRAM), words("__complete -- changes cart --repository")
                                                              << m_bare << words("--from v1"));
        QVERIFY(output.isGood());
        QCOMPARE(output.out, QByteArray("v1.5.0\nv1.4.0\n"));
    }

    void saysWhatIsWrong_data()
    {
        QTest::addColumn<QString>("from");
        QTest::addColumn<QString>("repository");
        QTest::addColumn<int>("status");
        QTest::addColumn<QString>("says");
        QTest::newRow("no such release") << QStringLiteral("9.9.9") << m_bare << 2
                                         << QStringLiteral("Its newest tags: v1.");
        QTest::newRow("no such host") << QStringLiteral("1.4.0") << QStringLiteral("https://nowhere.invalid/x.git") << 3
                                      << QStringLiteral("nowhere.invalid");
        QTest::newRow("no certificate") << QStringLiteral("1.4.0") << m_https->url(QStringLiteral("shop.git")) << 3
                                        << QStringLiteral("certificate");
    }
    void saysWhatIsWrong()
    {
        QFETCH(QString, from);
        QFETCH(QString, repository);
        QFETCH(int, status);
        QFETCH(QString, says);
        const auto output =
            run({QStringLiteral("cart"), QStringLiteral("--from"), from, QStringLiteral("--to"),
                 QStringLiteral("1.5.0"), QStringLiteral("--repository"), repository, QStringLiteral("--json")},
                {QStringLiteral("SIGNALBOX_DATA=") + m_root->filePath(QStringLiteral("other"))});
        QCOMPARE(output.status, status);
        QVERIFY2(output.err.contains(says.toUtf8()), output.err.constData());
        QCOMPARE(QString::fromStdString(nlohmann::json::parse(output.out.toStdString())["schema"]),
                 QStringLiteral("signalbox.error/1"));
    }
};

QTEST_GUILESS_MAIN(TestCliChanges)
#include "test_cli_changes.moc"
