// Somebody else's client gives orders to the practice world's GitLab: Debian's python3-gitlab.
#include "tests/contract/gitlab/gitlabyard.h"
#include "tests/support/needs.h"

#include <QProcess>
#include <QStandardPaths>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;
using sandbox::ci::Cause;
using sandbox::ci::Phase;
using sandbox::ci::Vendor;

class TestGitLabClient : public QObject
{
    Q_OBJECT
private slots:
    void itsOrdersAreUnderstood()
    {
        const QString python = QStandardPaths::findExecutable(QStringLiteral("python3"), {QStringLiteral("/usr/bin")});
        if (python.isEmpty() || QProcess::execute(python, {QStringLiteral("-c"), QStringLiteral("import gitlab")}) != 0)
            MISSING("python3-gitlab is not installed");
        GitLabYard::Shape shape;
        shape.protectedRefs = {{"main"}, {"v*", true}};
        shape.groupTiers = {{"staging", {{"wei", false, {}}}}};
        GitLabYard yard(shape);
        sandbox::ci::StartOrder tagged;
        tagged.vendor = Vendor::GitLab;
        tagged.project = GitLabYard::project().toStdString();
        tagged.pipeline = "cart";
        tagged.tag = "v9.9.9";
        tagged.cause = Cause::Tag;
        tagged.who = "wei";
        QVERIFY(bool(yard.world().start(tagged)));
        const std::int64_t run = yard.start("wei");
        QVERIFY(yard.untilPhase(run, Phase::Waiting));
        QProcess client;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("GITLAB_TOKEN"), QString::fromUtf8(GitLabYard::token()));
        client.setProcessEnvironment(environment);
        client.start(python, {QStringLiteral(SIGNALBOX_SOURCE_DIR "/tests/contract/gitlab/client_orders.py"),
                              yard.url().toString(), yard.caFile(), GitLabYard::project(), QStringLiteral("v9.9.9")});
        QVERIFY(QTest::qWaitFor([&] { return client.state() == QProcess::NotRunning; }, 40'000));
        const QByteArray said = client.readAllStandardOutput() + client.readAllStandardError();
        QVERIFY2(client.exitStatus() == QProcess::NormalExit && client.exitCode() == 0, said.constData());
        QVERIFY(yard.job(run, "release")->phase != Phase::Waiting);
    }
};

QTEST_GUILESS_MAIN(TestGitLabClient)
#include "test_gitlab_client.moc"
