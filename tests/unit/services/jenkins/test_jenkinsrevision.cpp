#include "services/adapters/jenkins/jenkinsrevision.h"
#include "services/adapters/jenkins/jenkinsruns.h"

#include <QFile>
#include <QTest>

using namespace signalbox;
using namespace signalbox::jenkins;

namespace
{

Json casesOfRevisions()
{
    QFile file(QStringLiteral(SIGNALBOX_TEST_DATA "/jenkins/revisions.json"));
    if (!file.open(QIODevice::ReadOnly))
        return Json::array();
    const QByteArray all = file.readAll();
    return Json::parse(all.begin(), all.end());
}

} // namespace

// A run's commit is its own repository's, never a library's: tests/data/jenkins/revisions.json.
class TestJenkinsRevision : public QObject
{
    Q_OBJECT

private slots:
    void theCommitIsTheJobsOwn_data()
    {
        QTest::addColumn<QByteArray>("given");
        for (const Json &one : casesOfRevisions())
            QTest::newRow(one.at("name").get<std::string>().c_str()) << QByteArray::fromStdString(one.dump());
    }
    void theCommitIsTheJobsOwn()
    {
        QFETCH(QByteArray, given);
        const Json one = Json::parse(given.begin(), given.end());
        QStringList remotes;
        for (const Json &remote : listOf(one, "remotes"))
            remotes.append(plainRemote(QString::fromStdString(remote.get<std::string>())));
        const jenkins::Revision found = revisionOf(listOf(one, "actions"), textOf(one, "own"), remotes);
        QCOMPARE(found.commit, textOf(one, "commit"));
        QCOMPARE(found.branch, textOf(one, "branch"));
        QCOMPARE(found.isOfMany, flagOf(one, "isOfMany"));
        QVERIFY2(found.whyNot.contains(textOf(one, "says")), qPrintable(found.whyNot));
        QCOMPARE(found.whyNot.isEmpty(), textOf(one, "says").isEmpty());
        QVERIFY(!found.whyNot.contains(QStringLiteral("hunter2")));
    }

    void remotesAreComparedByWhereTheyLead_data()
    {
        QTest::addColumn<QString>("address");
        QTest::addColumn<QString>("plain");
        const auto row = [](const char *address, const char *plain) {
            QTest::newRow(address) << QString::fromLatin1(address) << QString::fromLatin1(plain);
        };
        row("https://git.example.com/acme/cart.git", "git.example.com/acme/cart");
        row("https://me:hunter2@Git.Example.com:8443/acme/cart/", "git.example.com/acme/cart");
        row("ssh://git@git.example.com:7999/acme/cart.git", "git.example.com/acme/cart");
        row("git@git.example.com:acme/cart.git", "git.example.com/acme/cart");
        row("/srv/git/cart.git", "/srv/git/cart");
    }
    void remotesAreComparedByWhereTheyLead()
    {
        QFETCH(QString, address);
        QTEST(plainRemote(address), "plain");
    }

    // A list of runs tells the job's repository beside them; the changes of a library do not title the run.
    void aListTellsTheJobsRepository()
    {
        Json body;
        body["scm"]["userRemoteConfigs"] = Json::array({{{"url", "https://git.example.com/acme/cart.git"}}});
        Json build{{"number", 3}, {"displayName", "#3"}};
        build["actions"] = Json::array(
            {{{"lastBuiltRevision", {{"SHA1", "1111"}}}, {"remoteUrls", {"https://git.example.com/lib/steps.git"}}},
             {{"lastBuiltRevision", {{"SHA1", "aaaa"}}}, {"remoteUrls", {"git@git.example.com:acme/cart"}}}});
        build["changeSets"] = Json::array({{{"items", Json::array({{{"commitId", "1111"}, {"msg", "A new step"}}})}}});
        body["allBuilds"] = Json::array({build});
        const PipelineRef ref{QStringLiteral("ci"), QStringLiteral("team/nightly"), {}};
        const auto runs = parseRuns(QByteArray::fromStdString(body.dump()), ref, QUrl());
        QVERIFY2(runs, runs ? "" : qPrintable(runs.error().detail));
        QCOMPARE(runs->remotes, QStringList{QStringLiteral("git.example.com/acme/cart")});
        QCOMPARE(runs->runs.first().run.commit, QStringLiteral("aaaa"));
        QVERIFY(runs->runs.first().run.title.isEmpty());
        QVERIFY(runs->runs.first().whyNoCommit.isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestJenkinsRevision)
#include "test_jenkinsrevision.moc"
