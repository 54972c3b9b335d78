// `signalbox run play` on the practice world's GitLab: a manual job that holds nothing up is started by its name.
#include "tests/contract/cli/yardgoing.h"
#include "tests/contract/gitlab/gitlabyard.h"
#include "tests/support/sshtools.h"

#include <QTemporaryDir>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;
using namespace signalbox::sandbox::ci;

namespace
{

QString text(const char *latin)
{
    return QString::fromLatin1(latin);
}

} // namespace

class CliPlayTest : public QObject
{
    Q_OBJECT

    std::unique_ptr<GitLabYard> m_yard;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::int64_t m_run = 0;

    void begin(bool isOptional)
    {
        GitLabYard::Shape shape;
        shape.isOptional = isOptional;
        m_folder = std::make_unique<QTemporaryDir>();
        m_yard = std::make_unique<GitLabYard>(shape);
        m_run = m_yard->start("wei");
        QVERIFY(m_yard->until([this] { return m_yard->job(m_run, "release")->phase == Phase::Waiting; }));
    }
    Ran play(const QStringList &more)
    {
        const QString path = m_folder->filePath(text("workspace.yaml"));
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly))
            return {};
        file.write("version: 1\nname: shop\nconnections:\n- id: lab\n  kind: gitlab\n  url: " +
                   m_yard->url().toEncoded() + "\n  caFile: " + m_yard->caFile().toUtf8() +
                   "\n  projects: [team/sub/cart]\n  auth: {bearer: env:CI_TOKEN}\napplications:\n- name: cart\n"
                   "  pipelines:\n  - {connection: lab, project: team/sub/cart}\n");
        file.close();
        const YardGoing going(*m_yard);
        return runTool(QStringLiteral(SIGNALBOX_PROGRAM),
                       QStringList{text("run"), text("play"), text("cart")} + more + QStringList{text("-w"), path}, {},
                       {},
                       {text("SIGNALBOX_DATA=") + m_folder->filePath(text("data")),
                        text("CI_TOKEN=") + QString::fromLatin1(GitLabYard::token()), text("HOME=") + m_folder->path(),
                        text("TERM=xterm")});
    }
    QStringList written() { return m_yard->asked().filter(text("POST ")); }

private slots:
    void cleanup()
    {
        m_yard.reset();
        m_folder.reset();
    }

    void aManualJobIsPlayed_data()
    {
        QTest::addColumn<bool>("isOptional");
        QTest::newRow("that holds nothing up") << true;
        QTest::newRow("at which its run waits") << false;
    }
    void aManualJobIsPlayed()
    {
        QFETCH(bool, isOptional);
        begin(isOptional);
        const Ran unasked = play({text("--job"), text("release")}); // nobody can be asked
        QCOMPARE(unasked.status, 2);
        QVERIFY2(unasked.err.contains("--confirm cart"), qPrintable(unasked.text()));
        const Ran dry = play({text("--job"), text("release"), text("--dry-run"), text("--confirm"), text("cart")});
        QVERIFY2(dry.status == 0, qPrintable(dry.text()));
        QCOMPARE(written(), QStringList());
        const Ran done = play({text("--job"), text("release"), text("--confirm"), text("cart"), text("--reason"),
                               text("SHOP-8: try it")});
        QVERIFY2(done.status == 0, qPrintable(done.text()));
        const QStringList posts = written();
        QVERIFY2(posts.size() == 1 && posts.first().endsWith(text("/play")), qPrintable(posts.join(u'\n')));
        QVERIFY(m_yard->job(m_run, "release")->phase != Phase::Waiting);
        const Ran again = play({text("--job"), text("release"), text("--confirm"), text("cart")});
        QVERIFY(again.status != 0);
        QVERIFY2(again.err.contains("release does not wait to be started by hand"), qPrintable(again.text()));
        QCOMPARE(written(), QStringList());
    }

    void whatCannotBePlayedIsSaid_data()
    {
        QTest::addColumn<QString>("job");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("it has run") << text("compile") << QByteArray("compile does not wait to be started by hand");
        QTest::newRow("there is none") << text("Nowhere") << QByteArray("The run has no job \"Nowhere\"");
    }
    void whatCannotBePlayedIsSaid()
    {
        QFETCH(QString, job);
        QFETCH(QByteArray, says);
        begin(true);
        const Ran refused = play({text("--job"), job, text("--confirm"), text("cart")});
        QVERIFY(refused.status != 0);
        QVERIFY2(refused.err.contains(says), qPrintable(refused.text()));
        QCOMPARE(written(), QStringList());
    }
};

QTEST_GUILESS_MAIN(CliPlayTest)
#include "test_cli_play.moc"
