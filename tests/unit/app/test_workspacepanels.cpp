#include "app/console/workspaceconnections.h"
#include "app/console/workspacepanels.h"

#include <QFile>
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
