// `signalbox run trigger`, `log`, `cancel` and `rerun` on the practice world's GitLab: each change is one request and
// one entry of the ledger, what only reads is neither.
#include "tests/contract/cli/yardgoing.h"
#include "tests/contract/gitlab/gitlabyard.h"
#include "tests/support/sshtools.h"

#include <nlohmann/json.hpp>

#include <QScopeGuard>
#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <memory>

using namespace signalbox;
using namespace signalbox::test;
using namespace signalbox::sandbox::ci;

namespace
{

using RunsJson = nlohmann::json;

QString line(const char *latin)
{
    return QString::fromLatin1(latin);
}

} // namespace

class CliRunsTest : public QObject
{
    Q_OBJECT

    std::unique_ptr<GitLabYard> m_yard;
    std::unique_ptr<QTemporaryDir> m_folder;

    QString workspace() const { return m_folder->filePath(line("workspace.yaml")); }
    Ran tool(const QStringList &arguments) const
    {
        const YardGoing going(*m_yard);
        return runTool(QStringLiteral(SIGNALBOX_PROGRAM), arguments + QStringList{line("-w"), workspace()}, {}, {},
                       {line("SIGNALBOX_DATA=") + m_folder->filePath(line("data")),
                        line("CI_TOKEN=") + QString::fromLatin1(GitLabYard::token()), line("HOME=") + m_folder->path(),
                        line("TERM=xterm")});
    }
    Ran run(const char *what, const QStringList &more) const
    {
        return tool(QStringList{line("run"), line(what), line("cart")} + more);
    }
    QStringList written() { return m_yard->asked().filter(line("POST ")); }
    // The operations that the ledger has, newest first.
    QList<RunsJson> entries() const
    {
        const Ran told = tool({line("ledger"), line("log"), line("--json")});
        if (told.text().contains(line("There is no ledger at"))) // it begins with the first operation
            return {};
        const RunsJson json = RunsJson::parse(told.out.toStdString(), nullptr, false);
        QList<RunsJson> operations;
        if (told.status != 0 || !json.is_object() || !json.contains("entries")) {
            QTest::qFail(qPrintable(QStringLiteral("ledger log: ") + told.text()), __FILE__, __LINE__);
            return operations;
        }
        for (const RunsJson &one : json.at("entries")) {
            if (one.at("type") != "operation")
                continue;
            const Ran shown = runTool(line("git"), {line("-C"), QString::fromStdString(json.at("path")), line("show"),
                                                    line("main:") + QString::fromStdString(one.at("path"))});
            operations.append(RunsJson::parse(shown.out.toStdString(), nullptr, false));
        }
        return operations;
    }
    // The one entry there is says what was done, why and how it ended.
    void hasOneEntry(const char *kind)
    {
        const QList<RunsJson> all = entries();
        QCOMPARE(all.size(), 1);
        const RunsJson &entry = all.first();
        QVERIFY(entry.is_object());
        QCOMPARE(entry.at("operation").at("kind").get<std::string>(), std::string(kind));
        QCOMPARE(entry.at("operation").at("reason").get<std::string>(), std::string("SHOP-9: try it"));
        QCOMPARE(entry.at("target").at("application").get<std::string>(), std::string("cart"));
        QCOMPARE(entry.at("outcome").at("kind").get<std::string>(), std::string("done"));
    }
    // The one request that was sent ends so.
    void wroteOnce(const QByteArray &end)
    {
        const QStringList posts = written();
        QVERIFY2(posts.size() == 1 && posts.first().endsWith(QString::fromLatin1(end)), qPrintable(posts.join(u'\n')));
    }
    static QStringList confirmed()
    {
        return {line("--confirm"), line("cart"), line("--reason"), line("SHOP-9: try it")};
    }
    // Text of a job's log, as somebody reads it.
    QList<QByteArray> linesOf(std::int64_t run, const char *job)
    {
        QList<QByteArray> lines;
        for (const LogLine &one : m_yard->world().log(m_yard->job(run, job)->id)) {
            const QByteArray text = QByteArray::fromStdString(one.text).trimmed();
            if (one.kind == LogLine::Kind::Text && !text.isEmpty() && !text.contains('\x1b'))
                lines.append(text);
        }
        return lines;
    }

private slots:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_yard = std::make_unique<GitLabYard>();
        writeFile(workspace(), "version: 1\nname: shop\nconnections:\n- id: lab\n  kind: gitlab\n  url: " +
                                   m_yard->url().toEncoded() + "\n  caFile: " + m_yard->caFile().toUtf8() +
                                   "\n  projects: [team/sub/cart]\n  auth: {bearer: env:CI_TOKEN}\napplications:\n"
                                   "- name: cart\n  pipelines:\n  - {connection: lab, project: team/sub/cart}\n");
    }
    void cleanup()
    {
        m_yard.reset();
        m_folder.reset();
    }

    void triggerBeginsOneRun()
    {
        const auto newest = [this] {
            sandbox::ci::RunQuery query;
            query.vendor = Vendor::GitLab;
            query.project = "team/sub/cart";
            query.pipeline = "cart";
            query.limit = 1;
            const auto found = m_yard->world().runs(query).runs;
            return found.empty() ? RunRecord() : found.front();
        };
        const std::int64_t before = newest().id;
        const QStringList branch{line("--branch"), line("feature/x")};
        const Ran dry = run("trigger", branch + confirmed() + QStringList{line("--dry-run")});
        QVERIFY2(dry.status == 0, qPrintable(dry.text()));
        QCOMPARE(written(), QStringList());
        QCOMPARE(newest().id, before);

        const Ran done = run("trigger", branch + confirmed());
        QVERIFY2(done.status == 0, qPrintable(done.text()));
        wroteOnce("/pipeline");
        QVERIFY(newest().id > before);
        QCOMPARE(newest().branch, std::string("feature/x"));
        QCOMPARE(newest().who, std::string("operator"));
        hasOneEntry("triggerRun");

        const Ran nowhere = run("trigger", QStringList{line("--branch"), line("no-such-branch")} + confirmed());
        QVERIFY(nowhere.status != 0);
        QVERIFY2(nowhere.text().contains(line("no-such-branch")), qPrintable(nowhere.text()));
        QCOMPARE(written(), QStringList());
    }

    // What is usual stands beside the run: where its answer is late the run is shown without it.
    void showDoesNotWaitForWhatIsUsual()
    {
        const std::int64_t id = m_yard->start("wei", Cause::Schedule);
        QVERIFY(m_yard->until([&] { return m_yard->job(id, "compile")->phase == Phase::Passed; }));
        struct Late
        {
            std::atomic<bool> isOver = false;
            std::atomic<int> held = 0;
        };
        const auto late = std::make_shared<Late>();
        m_yard->before = [late](const sandbox::LoopbackRequest &request) {
            if (request.value("per_page") != "50")
                return;
            ++late->held;
            late->isOver.wait(false);
        };
        const auto release = qScopeGuard([late] {
            late->isOver = true;
            late->isOver.notify_all();
        });
        const Ran shown = run("show", {QString::number(id)});
        QVERIFY2(shown.status == 0, qPrintable(shown.text()));
        QVERIFY2(shown.out.contains("compile"), qPrintable(shown.text()));
        QVERIFY(late->held > 0); // it was asked, and is not answered yet
    }

    void logPrintsWhatAJobWrote()
    {
        const std::int64_t id = m_yard->start("wei", Cause::Schedule);
        QVERIFY(m_yard->until([&] { return m_yard->job(id, "compile")->phase == Phase::Passed; }));
        (void)written();
        const Ran log = run("log", {QString::number(id), line("--job"), line("compile")});
        QVERIFY2(log.status == 0, qPrintable(log.text()));
        const QList<QByteArray> lines = linesOf(id, "compile");
        QVERIFY(lines.size() > 1);
        for (const QByteArray &text : lines)
            QVERIFY2(log.out.count(text) > 0, text + "\n" + log.out);
        const Ran which = run("log", {QString::number(id)});
        QCOMPARE(which.status, 2);
        QVERIFY2(which.err.contains("compile") && which.err.contains("--job"), qPrintable(which.text()));
        QCOMPARE(written(), QStringList());
        QCOMPARE(entries().size(), 0);
    }

    void attemptsThatAServerDoesNotKeepAreSaid()
    {
        const std::int64_t id = m_yard->start("wei", Cause::Schedule);
        QVERIFY(m_yard->until([&] { return m_yard->job(id, "compile")->phase == Phase::Passed; }));
        for (const char *what : {"show", "log"}) {
            const Ran asked = run(what, {QString::number(id), line("--attempt"), line("1")});
            QVERIFY2(asked.status != 0 && asked.err.contains("does not keep the attempts of a run one by one"),
                     qPrintable(asked.text()));
        }
    }

    void logFollowsAJobToItsEnd()
    {
        const std::int64_t id = m_yard->start("wei", Cause::Schedule);
        QVERIFY(m_yard->until([&] { return m_yard->job(id, "compile")->phase == Phase::Running; }));
        const qsizetype early = linesOf(id, "compile").size();
        (void)written();
        const Ran log = run("log", {QString::number(id), line("--job"), line("compile"), line("--follow")});
        QVERIFY2(log.status == 0, qPrintable(log.text()));
        QCOMPARE(m_yard->job(id, "compile")->phase, Phase::Passed);
        const QList<QByteArray> lines = linesOf(id, "compile");
        QVERIFY(lines.size() > early); // it wrote on, and that was printed
        qsizetype from = 0;
        for (const QByteArray &text : lines) { // in its order, nothing left out
            from = log.out.indexOf(text, from);
            QVERIFY2(from >= 0, text + "\n" + log.out);
            from += text.size();
        }
        QCOMPARE(written(), QStringList());
        QCOMPARE(entries().size(), 0);
    }

    void cancelEndsOneRun()
    {
        const std::int64_t id = m_yard->start("wei", Cause::Schedule);
        QVERIFY(m_yard->until([&] { return m_yard->job(id, "compile")->phase == Phase::Running; }));
        (void)written();
        const QString number = QString::number(id);
        const Ran done = run("cancel", QStringList{number} + confirmed());
        QVERIFY2(done.status == 0, qPrintable(done.text()));
        wroteOnce("/pipelines/" + number.toLatin1() + "/cancel");
        QCOMPARE(m_yard->world().run(id)->phase, Phase::Cancelled);
        hasOneEntry("cancelRun");

        const Ran late = run("cancel", QStringList{number} + confirmed());
        QVERIFY2(late.status == 5, qPrintable(late.text())); // it has ended meanwhile
        QVERIFY2(late.text().contains(line("goes on")), qPrintable(late.text()));
        QCOMPARE(written(), QStringList());
    }

    void rerunRunsWhatFailedAgain()
    {
        const std::int64_t id = m_yard->start("wei", Cause::Schedule);
        QVERIFY(m_yard->until([&] { return m_yard->job(id, "unit")->phase == Phase::Running; }));
        QVERIFY(bool(m_yard->world().cancel(id, "wei")));
        QVERIFY(m_yard->untilPhase(id, Phase::Cancelled));
        (void)written();
        const QString number = QString::number(id);
        const Ran done = run("rerun", QStringList{number, line("--failed")} + confirmed());
        QVERIFY2(done.status == 0, qPrintable(done.text()));
        wroteOnce("/pipelines/" + number.toLatin1() + "/retry");
        QCOMPARE(m_yard->world().run(id)->attempt, 2);
        QVERIFY(m_yard->untilPhase(id, Phase::Passed)); // the time is the test's: the command ends before
        hasOneEntry("rerunRun");

        const Ran nothing = run("rerun", QStringList{number, line("--failed")} + confirmed());
        QCOMPARE(nothing.status, 1);
        QVERIFY2(nothing.text().contains(line("failed or was cancelled. Start a new run instead.")),
                 qPrintable(nothing.text()));
        QCOMPARE(written(), QStringList());
    }
};

QTEST_GUILESS_MAIN(CliRunsTest)
#include "test_cli_runs.moc"
