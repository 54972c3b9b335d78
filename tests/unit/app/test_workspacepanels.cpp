#include "app/console/workspaceconnections.h"
#include "app/console/workspacepanels.h"
#include "services/feeds/clusterset.h"
#include "services/feeds/metricset.h"
#include "tests/support/quietsource.h"
#include "tests/unit/services/operations/operationworld.h"

#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace signalbox;

namespace
{

QString named(const char *name)
{
    return QString::fromLatin1(name);
}

// Remembers what it is given, as the operator's settings would.
class Settings : public PanelSettings
{
public:
    QList<MetricPanel> panels(const QString &, const QString &) const override { return kept; }
    Result<void> save(const QString &, const QString &, const MetricPanel &panel) override
    {
        kept.append(panel);
        return {};
    }
    Result<void> remove(const QString &, const QString &, const QString &) override
    {
        kept.clear();
        return {};
    }
    QList<MetricPanel> kept;
};

MetricPanel panel(const char *id, const char *expression)
{
    MetricPanel made;
    made.id = named(id);
    made.title = named(id);
    made.expression = named(expression);
    return made;
}

test::FakeStepRunner *addCluster(Session &session, const QString &id)
{
    auto runner = std::make_unique<test::FakeStepRunner>();
    test::FakeStepRunner *const borrowed = runner.get();
    auto cluster = std::make_unique<ClusterConnection>();
    cluster->id = id;
    cluster->source = std::make_unique<test::QuietSource>();
    cluster->store = std::make_unique<ClusterStore>();
    cluster->runner = std::move(runner);
    session.clusters().add(std::move(cluster));
    return borrowed;
}

} // namespace

class TestWorkspacePanels : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { qputenv("SIGNALBOX_DATA", m_folder.path().toUtf8()); }
    void init()
    {
        m_path = m_folder.filePath(named("team.yaml"));
        write("version: 1\n"
              "owner: ops\n"
              "connections:\n"
              "  - {id: prom, kind: prometheus, url: http://127.0.0.1:9}\n"
              "  - {id: spare, kind: prometheus, url: http://127.0.0.1:99}\n"
              "metrics:\n"
              "  panels:\n"
              "    - {id: errors, title: errors, expression: 'up{app=\"{app}\"}', colour: red}\n"
              "preferences:\n"
              "  trafficSteps: [10, 100]\n"
              "  trafficDwell: 90s\n");
    }

    void keepsThemInTheWorkspace()
    {
        Session session{Session::Options{}};
        WorkspaceConnections workspace(session, optionsFor(m_path), m_folder.filePath(named("new.yaml")));
        Settings settings;
        WorkspacePanels panels(workspace, settings);
        start(workspace);
        QCOMPARE(workspace.shiftDefaults(), (ShiftDefaults{{10, 100}, std::chrono::seconds(90)}));
        QCOMPARE(panels.panels(named("prom"), named("cart")).size(), 1);

        // One for all applications stays one for all; another becomes this application's. Both at once are written.
        QVERIFY(panels.save(named("prom"), named("cart"), panel("errors", "sum(up)")));
        QVERIFY(panels.save(named("prom"), named("cart"), panel("load", "node_load1")));
        QCOMPARE(panels.panels(named("prom"), named("cart")).size(), 2);
        QTRY_VERIFY(contents().contains("node_load1"));
        QVERIFY(contents().contains("sum(up)"));
        QVERIFY(contents().contains("colour: red"));
        QVERIFY(contents().contains("owner: ops"));
        QCOMPARE(panels.panels(named("prom"), named("shop")).size(), 1);
        QVERIFY(settings.kept.isEmpty());

        QVERIFY(panels.remove(named("prom"), named("cart"), named("load")));
        QTRY_VERIFY(!contents().contains("node_load1"));
        QCOMPARE(panels.panels(named("prom"), named("cart")).size(), 1);
    }

    void readsAgainWhatCannotBeWritten()
    {
        Session session{Session::Options{}};
        WorkspaceConnections workspace(session, optionsFor(m_path), m_folder.filePath(named("new.yaml")));
        Settings settings;
        WorkspacePanels panels(workspace, settings);
        start(workspace);
        QString told;
        connect(&workspace, &WorkspaceConnections::editFailed, this,
                [&told](const Error &error) { told = error.message; });
        write("version: 1\n"
              "connections:\n"
              "  - {id: prom, kind: prometheus, url: http://127.0.0.1:9}\n"
              "metrics: {panels: [{id: theirs, title: theirs, expression: up}]}\n");
        QVERIFY(panels.save(named("prom"), named("cart"), panel("load", "node_load1")));
        QTRY_VERIFY2(told.contains(named("changed by somebody else")), qPrintable(told));
        QTRY_COMPARE(panels.panels(named("prom"), named("cart")).size(), 1);
        QCOMPARE(panels.panels(named("prom"), named("cart")).first().id, named("theirs"));
        QVERIFY(!contents().contains("node_load1"));
        // And it can be written again.
        QVERIFY(panels.save(named("prom"), named("cart"), panel("load", "node_load1")));
        QTRY_VERIFY(contents().contains("node_load1"));
    }

    void savesConnectionsWhileQueriesAreWritten()
    {
        Session session{Session::Options{}};
        WorkspaceConnections workspace(session, optionsFor(m_path), m_folder.filePath(named("new.yaml")));
        Settings settings;
        WorkspacePanels panels(workspace, settings);
        start(workspace);
        const QSignalSpy failed(&workspace, &WorkspaceConnections::editFailed);
        QVERIFY(panels.save(named("prom"), named("cart"), panel("load", "node_load1")));
        const auto one = workspace.save(prometheus("one"));
        QVERIFY(panels.save(named("prom"), named("cart"), panel("memory", "node_memory_free")));
        const auto two = workspace.save(prometheus("two"));
        const auto gone = workspace.remove(named("spare"));
        QVERIFY(panels.save(named("one"), named("cart"), panel("disk", "node_disk_io")));
        QTRY_VERIFY(contents().contains("node_disk_io"));
        QTRY_VERIFY(one.isFinished() && two.isFinished() && gone.isFinished());
        for (const Result<QString> &saved : {one.result(), two.result()})
            QVERIFY2(saved, saved ? "" : qPrintable(saved.error().message));
        QVERIFY2(gone.result(), gone.result() ? "" : qPrintable(gone.result().error().message));
        QCOMPARE(idsOf(workspace), (QStringList{named("prom"), named("one"), named("two")}));
        for (const char *word : {"node_load1", "node_memory_free", "id: one", "id: two", "owner: ops"})
            QVERIFY2(contents().contains(word), word);
        QVERIFY(!contents().contains("spare"));
        QCOMPARE(failed.size(), 0);
        QCOMPARE(workspace.workspace()->panels.size(), 4);
    }

    void aConnectionWithQueriesStays()
    {
        Session session{Session::Options{}};
        WorkspaceConnections workspace(session, optionsFor(m_path), m_folder.filePath(named("new.yaml")));
        Settings settings;
        WorkspacePanels panels(workspace, settings);
        start(workspace);
        QVERIFY(panels.save(named("prom"), named("cart"), panel("load", "node_load1")));
        const auto refused = workspace.remove(named("prom"));
        QTRY_VERIFY(refused.isFinished());
        QVERIFY(!refused.result());
        QVERIFY(refused.result().error().message.contains(named("load")));
        QVERIFY(panels.remove(named("prom"), named("cart"), named("load")));
        const auto gone = workspace.remove(named("prom"));
        QTRY_VERIFY(gone.isFinished());
        QVERIFY2(gone.result(), gone.result() ? "" : qPrintable(gone.result().error().message));
        QCOMPARE(idsOf(workspace), QStringList{named("spare")});
    }

    // Connecting anew would end an operation half-way.
    void whatIsUnderWayOnAConnectionGoesOn()
    {
        write("version: 1\n"
              "connections:\n"
              "  - {id: east, kind: kubernetes, kubeconfig: /nowhere/config}\n");
        Session session{Session::Options{}};
        WorkspaceConnections workspace(session, optionsFor(m_path), m_folder.filePath(named("new.yaml")));
        workspace.start();
        QTRY_VERIFY(workspace.isStarted() &&
                    workspace.problem()); // its kubeconfig is not there; this cluster takes its place
        test::FakeStepRunner *const runner = addCluster(session, named("east"));
        runner->holdsObserve = true;
        Plan plan = test::planOf(1);
        plan.plannedAt = plan.dryRunAt = QDateTime::currentDateTimeUtc();
        Operation *const operation = *session.operations().create(plan);
        operation->start();
        QTRY_COMPARE(operation->state(), OperationState::AwaitingConfirmation);
        QVERIFY(operation->confirm(operation->plan().fingerprint()));
        QTRY_VERIFY(runner->calls.contains(named("observe 1")));

        const auto refused = workspace.remove(named("east"));
        QTRY_VERIFY(refused.isFinished());
        QVERIFY(!refused.result());
        QVERIFY2(refused.result().error().message.contains(operation->title()),
                 qPrintable(refused.result().error().message));
        workspace.rescan();
        QVERIFY(workspace.problem()->message.contains(operation->title()));
        ConnectionConfig renamed = workspace.connections().first();
        renamed.title = named("Europe");
        const auto saved = workspace.save(renamed);
        QTRY_VERIFY(saved.isFinished());
        QVERIFY2(saved.result(), saved.result() ? "" : qPrintable(saved.result().error().message));
        QVERIFY(contents().contains("Europe"));
        QTest::qWait(50);
        QVERIFY(session.clusters().find(named("east"))); // not connected anew yet
        QVERIFY(operation->holdsLock());

        runner->holdsObserve = false;
        operation->cancel();
        QTRY_VERIFY_WITH_TIMEOUT(operation->state() == OperationState::Finished, 15000);
        QTRY_VERIFY(!session.clusters().find(named("east")));
        const auto gone = workspace.remove(named("east"));
        QTRY_VERIFY(gone.isFinished());
        QVERIFY2(gone.result(), gone.result() ? "" : qPrintable(gone.result().error().message));
    }

    void writesWhatIsUnderWayAtTheEnd()
    {
        {
            Session session{Session::Options{}};
            WorkspaceConnections workspace(session, optionsFor(m_path), m_folder.filePath(named("new.yaml")));
            Settings settings;
            WorkspacePanels panels(workspace, settings);
            start(workspace);
            for (const char *id : {"first", "second", "third"})
                QVERIFY(panels.save(named("prom"), named("cart"), panel(id, "up")));
        }
        for (const char *id : {"first", "second", "third"})
            QVERIFY2(contents().contains(QByteArray("id: ") + id), id);
    }

    void followsAFileThatSomebodyElseWrote()
    {
        Session session{Session::Options{}};
        WorkspaceConnections workspace(session, optionsFor(m_path), m_folder.filePath(named("new.yaml")));
        Settings settings;
        WorkspacePanels panels(workspace, settings);
        start(workspace);
        write("version: 1\n"
              "connections:\n"
              "  - {id: theirs, kind: prometheus, url: http://127.0.0.1:9}\n");
        const auto refused = workspace.save(prometheus("mine"));
        const auto unseen = workspace.save(prometheus("theirs")); // was not there when this was made
        QTRY_VERIFY(unseen.isFinished());
        QVERIFY(!refused.result());
        QCOMPARE(refused.result().error().kind, ErrorKind::Conflict);
        QVERIFY(!unseen.result());
        QCOMPARE(unseen.result().error().kind, ErrorKind::Conflict);
        QCOMPARE(idsOf(workspace), QStringList{named("theirs")});
        QTRY_VERIFY(session.metrics().find(named("theirs")));
        QVERIFY(!session.metrics().find(named("prom")));
        QVERIFY(!contents().contains("mine"));
        // Now that it was seen, it can be written again.
        const auto saved = workspace.save(prometheus("mine"));
        QTRY_VERIFY(saved.isFinished());
        QVERIFY(saved.result());
        QCOMPARE(idsOf(workspace), (QStringList{named("theirs"), named("mine")}));
        QVERIFY(contents().contains("id: theirs") || contents().contains("theirs"));
    }

    void findsAgainWhatWasSavedFirst()
    {
        qputenv("KUBECONFIG", m_folder.filePath(named("none")).toUtf8());
        const QString fresh = m_folder.filePath(named("fresh.yaml"));
        Session session{Session::Options{}};
        WorkspaceConnections workspace(session, {}, fresh);
        workspace.start();
        QTRY_VERIFY(workspace.isStarted());
        const auto one = workspace.save(prometheus(""));
        const auto two = workspace.save(prometheus(""));
        QTRY_VERIFY(one.isFinished() && two.isFinished());
        QVERIFY(one.result());
        QVERIFY2(two.result(), two.result() ? "" : qPrintable(two.result().error().message));
        QCOMPARE(idsOf(workspace), (QStringList{named("metrics"), named("metrics-2")}));
        const QSignalSpy changed(&workspace, &WorkspaceConnections::changed);
        workspace.rescan();
        QTRY_VERIFY(!changed.isEmpty());
        QTest::qWait(20);
        QCOMPARE(idsOf(workspace), (QStringList{named("metrics"), named("metrics-2")}));
        QCOMPARE(workspace.workspaceFile(), fresh);
        qunsetenv("KUBECONFIG");
    }

    void withoutAKubeconfigNothingIsWrong_data()
    {
        QTest::addColumn<bool>("isNamed"); // by KUBECONFIG
        QTest::newRow("a fresh machine") << false;
        QTest::newRow("a file that is not there") << true;
    }
    void withoutAKubeconfigNothingIsWrong()
    {
        QFETCH(bool, isNamed);
        const QByteArray home = qgetenv("HOME");
        qputenv("HOME", m_folder.path().toUtf8());
        if (isNamed)
            qputenv("KUBECONFIG", m_folder.filePath(named("gone")).toUtf8());
        else
            qunsetenv("KUBECONFIG");
        Session session{Session::Options{}};
        WorkspaceConnections workspace(session, {}, m_folder.filePath(named("new.yaml")));
        workspace.start();
        QTRY_VERIFY(workspace.isStarted());
        qputenv("HOME", home);
        qunsetenv("KUBECONFIG");
        QCOMPARE(workspace.problem().has_value(), isNamed);
        if (isNamed)
            QVERIFY2(!workspace.problem()->message.contains(named("--")), qPrintable(workspace.problem()->message));
    }

    // The window has a list to choose from, and no --context.
    void aKubeconfigWithoutACurrentContextIsChosenFrom()
    {
        const QString path = m_folder.filePath(named("undecided"));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}]\n"
                   "contexts: [{name: blue, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {token: t}}]\n");
        file.close();
        Session session{Session::Options{}};
        SourceOptions options;
        options.kubeconfig = path;
        WorkspaceConnections workspace(session, options, m_folder.filePath(named("new.yaml")));
        workspace.start();
        QTRY_VERIFY(workspace.problem().has_value());
        const QString message = workspace.problem()->message;
        QVERIFY2(message.contains(named("Known: blue.")) && message.contains(named("below")), qPrintable(message));
        QVERIFY2(!message.contains(named("--")), qPrintable(message));
    }

    void goesToTheSettingsWithoutWorkspace()
    {
        Session session{Session::Options{}};
        SourceOptions options;
        options.kubeconfig = m_folder.filePath(named("none"));
        WorkspaceConnections workspace(session, options, m_folder.filePath(named("new.yaml")));
        Settings settings;
        WorkspacePanels panels(workspace, settings);
        QVERIFY(panels.save(named("prom"), named("cart"), panel("load", "node_load1")));
        QCOMPARE(settings.kept.size(), 1);
        QCOMPARE(panels.panels(named("prom"), named("cart")).size(), 1);
    }

private:
    static ConnectionConfig prometheus(const char *id)
    {
        ConnectionConfig config;
        config.kind = ConnectionConfig::Kind::Prometheus;
        config.id = named(id);
        config.title = named("metrics");
        config.address = named("http://127.0.0.1:9/");
        return config;
    }
    static QStringList idsOf(const WorkspaceConnections &workspace)
    {
        QStringList ids;
        for (const ConnectionConfig &config : workspace.connections())
            ids << config.id;
        return ids;
    }
    static SourceOptions optionsFor(const QString &path)
    {
        SourceOptions options;
        options.workspace = path;
        return options;
    }
    static void start(WorkspaceConnections &workspace)
    {
        workspace.start();
        QTRY_VERIFY(workspace.isStarted());
        const std::optional<Error> problem = workspace.problem();
        QVERIFY2(!problem, problem ? qPrintable(problem->message) : "");
    }
    void write(const QByteArray &text) const
    {
        QFile file(m_path);
        QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
        QCOMPARE(file.write(text), text.size());
    }
    QByteArray contents() const
    {
        QFile file(m_path);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

    QTemporaryDir m_folder;
    QString m_path;
};

QTEST_GUILESS_MAIN(TestWorkspacePanels)
#include "test_workspacepanels.moc"
