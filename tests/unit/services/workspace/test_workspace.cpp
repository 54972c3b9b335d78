#include "services/workspace/workspacedecoder.h"
#include "services/workspace/workspacefile.h"
#include "services/workspace/workspacewriter.h"
#include "services/workspace/yamldocument.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>

using namespace signalbox;

namespace
{

QByteArray contents(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void put(const QString &path, const QByteArray &bytes)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
    QCOMPARE(file.write(bytes), bytes.size());
}

QString dataFile(const char *name)
{
    return QStringLiteral(SIGNALBOX_TEST_DATA "/workspace/") + QString::fromLatin1(name);
}

} // namespace

class TestWorkspace : public QObject
{
    Q_OBJECT
private slots:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_path = m_folder->filePath(QStringLiteral("team.yaml"));
    }

    void readsEverything()
    {
        const auto file = WorkspaceFile::load(dataFile("full.yaml"));
        QVERIFY2(file, file ? "" : qPrintable(file.error().message));
        const Workspace &workspace = file->workspace();
        QCOMPARE(workspace.name, QStringLiteral("Shop"));
        QCOMPARE(workspace.connections.size(), 3);
        const WorkspaceConnection &cluster = workspace.connections[0];
        QCOMPARE(cluster.kubeconfig, (QStringList{QStringLiteral("kube/eu.yaml"), QStringLiteral("~/.kube/config")}));
        QCOMPARE(cluster.namespaces, (QStringList{QStringLiteral("shop"), QStringLiteral("1.10")}));
        QCOMPARE(cluster.line, 8);
        const WorkspaceConnection &metrics = workspace.connections[1];
        QCOMPARE(metrics.url.toString(), QStringLiteral("https://prometheus.example:9090/eu"));
        QCOMPARE(metrics.basicUser, QStringLiteral("ann"));
        QCOMPARE(metrics.basicPassword->toString(), QStringLiteral("keychain:prometheus/ann"));
        QCOMPARE(workspace.connections[2].bearer->toString(), QStringLiteral("env:TOKEN"));
        QCOMPARE(workspace.environmentOf(QStringLiteral("cart"), QStringLiteral("prod-eu"), QStringLiteral("shop")),
                 QStringLiteral("production"));
        QCOMPARE(workspace.repositories.size(), 2);
        const WorkspaceRepository *source = workspace.repositoryOf(QStringLiteral("cart"));
        QVERIFY(source);
        QCOMPARE(source->url, QStringLiteral("https://git.example/shop/cart.git"));
        QCOMPARE(source->basicUser, QStringLiteral("ann"));
        QCOMPARE(source->basicPassword->toString(), QStringLiteral("env:GIT_TOKEN"));
        QCOMPARE(source->issues, (QList<IssuePattern>{{QStringLiteral("SHOP-([0-9]+)"),
                                                       QStringLiteral("https://tracker.example/\\1")}}));
        QVERIFY(!workspace.repositoryOf(QStringLiteral("other"))); // of two, which?
        QCOMPARE(workspace.registries.size(), 1);
        const WorkspaceRegistry &registry = workspace.registries.first();
        QCOMPARE(registry.url, QUrl(QStringLiteral("https://registry-1.docker.io")));
        QCOMPARE(registry.imageHosts, QStringList{QStringLiteral("mirror.example")});
        QCOMPARE(registry.basicPassword->toString(), QStringLiteral("env:HUB_TOKEN"));
        QCOMPARE(registry.tokenServer.host(), QStringLiteral("auth.docker.io"));
        QCOMPARE(registry.caFile, QStringLiteral("ca.pem"));
        QCOMPARE(workspace.imageOf(QStringLiteral("cart")), QStringLiteral("registry.example/shop/cart"));
        QVERIFY(workspace.ledger);
        QCOMPARE(workspace.ledger->remote.url, QStringLiteral("https://git.example/shop/ledger.git"));
        QCOMPARE(workspace.ledger->remote.basicPassword->toString(), QStringLiteral("keychain:git"));
        QVERIFY(workspace.ledger->firstAdmin.startsWith(QLatin1String("SHA256:gFDW4PB4")));
        QCOMPARE(workspace.ledger->signing.kind, SigningChoice::Kind::Agent);
        QCOMPARE(workspace.ledger->signing.which, QStringLiteral("ann@desk"));
        QCOMPARE(workspace.ledger->fetchEvery, std::chrono::minutes(2));
        QCOMPARE(workspace.panels.size(), 1);
        QCOMPARE(*workspace.panels[0].panel.limit, 1.5);
        QCOMPARE(workspace.panels[0].panel.expression.count(QLatin1Char('\n')), 3);
        QCOMPARE(workspace.preferences.trafficSteps, (QList<int>{5, 25, 50, 100}));
        QCOMPARE(workspace.preferences.trafficDwell, std::chrono::seconds(120));
        QCOMPARE(workspace.warnings.size(), 2);
        QVERIFY2(workspace.warnings[0].endsWith(
                     QStringLiteral("full.yaml:6: owner: This version does not know this key; it is kept.")),
                 qPrintable(workspace.warnings[0]));
        QVERIFY(workspace.warnings[1].contains(QStringLiteral(":16: connections[0].colour: ")));
    }

    void readsServersWithPipelines()
    {
        const auto file = WorkspaceFile::load(dataFile("pipelines.yaml"));
        QVERIFY2(file, file ? "" : qPrintable(file.error().message));
        const Workspace &workspace = file->workspace();
        QVERIFY(workspace.warnings.isEmpty());
        QCOMPARE(workspace.connections.size(), 5);
        const WorkspaceConnection *github = workspace.connection(QStringLiteral("github"));
        QVERIFY(github);
        QCOMPARE(github->kind, WorkspaceConnection::Kind::GitHub);
        QCOMPARE(github->url, QUrl(QStringLiteral("https://api.github.com")));
        QCOMPARE(github->projects, (QStringList{QStringLiteral("acme/cart"), QStringLiteral("acme/search")}));
        QVERIFY(github->bearer.has_value());
        QCOMPARE(workspace.connection(QStringLiteral("gitlab"))->url, QUrl(QStringLiteral("https://gitlab.com")));
        const WorkspaceConnection *jenkins = workspace.connection(QStringLiteral("ci"));
        QCOMPARE(jenkins->basicUser, QStringLiteral("ann"));
        QVERIFY(jenkins->projects.isEmpty());
        const auto builds = [&](const char *connection, const char *project) {
            return workspace.applicationOf(QString::fromLatin1(connection), QString::fromLatin1(project));
        };
        QCOMPARE(builds("github", "acme/cart"), QStringLiteral("cart"));          // by its name
        QCOMPARE(builds("github", "acme/search"), QStringLiteral("checkout"));    // as said
        QCOMPARE(builds("ci", "shop/checkout/main"), QStringLiteral("checkout")); // a branch of it
        QCOMPARE(builds("ci", "shop/checkout-old"), QString());
        QCOMPARE(builds("ci", "team/cart/main"), QStringLiteral("cart")); // a branch of a multibranch project
        QCOMPARE(builds("travis", "acme/legacy"), QString());
        for (const WorkspaceConnection &one : workspace.connections) { // the same, asked the other way round
            const QStringList projects = workspace.projectsOf(QStringLiteral("checkout"), one.id);
            for (const QString &project : projects)
                QCOMPARE(workspace.applicationOf(one.id, project), QStringLiteral("checkout"));
            QCOMPARE(projects.contains(QStringLiteral("acme/search")), one.id == QLatin1String("github"));
        }
    }

    // A folder that is said is no project: what lies in it is, where somebody tells.
    void aFolderOfProjectsIsNoProject_data()
    {
        QTest::addColumn<QStringList>("followed");
        QTest::addColumn<QStringList>("known"); // by the server
        QTest::addColumn<QStringList>("projects");
        const auto l = [](const char *names) { return QString::fromLatin1(names).split(u' ', Qt::SkipEmptyParts); };
        QTest::newRow("one in it") << l("") << l("shop/cart infra/net") << l("shop/cart");
        QTest::newRow("several in it") << l("") << l("shop/cart shop/cart-ops") << l("shop/cart shop/cart-ops");
        QTest::newRow("none in it") << l("") << l("shopping/cart infra/net") << l("");
        QTest::newRow("a project after all") << l("") << l("shop shop/cart") << l("shop");
        QTest::newRow("followed by name") << l("shop/cart infra/net") << l("") << l("shop/cart");
        QTest::newRow("in a folder that is followed") << l("shop") << l("") << l("shop");
        QTest::newRow("nobody tells") << l("") << l("") << l("shop");
    }
    void aFolderOfProjectsIsNoProject()
    {
        QFETCH(QStringList, followed);
        QFETCH(QStringList, known);
        Workspace workspace;
        WorkspaceConnection server;
        server.id = QStringLiteral("ci");
        server.kind = WorkspaceConnection::Kind::GitLab;
        server.projects = followed;
        workspace.connections = {server};
        WorkspaceApplication cart;
        cart.name = QStringLiteral("cart");
        cart.pipelines = {{server.id, QStringLiteral("shop")}};
        workspace.applications = {cart};
        QTEST(workspace.projectsOf(cart.name, server.id, known), "projects");
    }

    // One that is not named is what a namespace of any cluster says, wherever the others are.
    void anEnvironmentIsInTheClustersThatItIsNamedIn_data()
    {
        QTest::addColumn<QString>("application");
        QTest::addColumn<QString>("environment");
        QTest::addColumn<QStringList>("clusters");
        const auto row = [](const char *name, const char *application, const char *environment,
                            const QStringList &clusters) {
            QTest::newRow(name) << QString::fromLatin1(application) << QString::fromLatin1(environment) << clusters;
        };
        const QString east = QStringLiteral("east");
        const QString west = QStringLiteral("west");
        row("one", "cart", "staging", {east});
        row("two, one of them twice", "cart", "canary", {east, west});
        row("the application's others alone are named", "cart", "production", {});
        row("another application's", "search", "production", {west});
        row("nothing of the application", "till", "production", {});
    }
    void anEnvironmentIsInTheClustersThatItIsNamedIn()
    {
        QFETCH(QString, application);
        QFETCH(QString, environment);
        const auto place = [](const char *name, const char *connection, const char *ns) {
            return WorkspaceEnvironment{QString::fromLatin1(name), QString::fromLatin1(connection),
                                        QString::fromLatin1(ns)};
        };
        WorkspaceApplication cart;
        cart.name = QStringLiteral("cart");
        cart.environments = {place("staging", "east", "shop-staging"), place("canary", "east", "shop-canary"),
                             place("canary", "east", "shop-canary-2"), place("canary", "west", "shop-canary")};
        WorkspaceApplication search;
        search.name = QStringLiteral("search");
        search.environments = {place("production", "west", "shop")};
        Workspace workspace;
        workspace.applications = {cart, search};
        QTEST(workspace.clustersOf(application, environment), "clusters");
    }

    void changesAServerWithPipelines()
    {
        put(m_path, "version: 1\nconnections:\n- id: github\n  kind: github\n  projects: [acme/cart]\n  later: kept\n");
        auto file = WorkspaceFile::load(m_path);
        QVERIFY(file);
        WorkspaceConnection connection = *file->workspace().connection(QStringLiteral("github"));
        connection.projects.append(QStringLiteral("acme/search"));
        file->putConnection(connection);
        QVERIFY(file->save());
        const auto again = WorkspaceFile::load(m_path);
        QVERIFY(again);
        QCOMPARE(again->workspace().connection(QStringLiteral("github"))->projects, connection.projects);
        QVERIFY(contents(m_path).contains("later: kept"));
    }

    void tellsAllMistakesAtOnce()
    {
        const QByteArray text = "version: 2\n"
                                "connections:\n"
                                "  - id: a\n"
                                "    kind: teamcity\n"
                                "  - id: b\n"
                                "    kind: prometheus\n"
                                "    url: ftp://x\n"
                                "    auth: {bearer: hunter2-hunter2}\n"
                                "applications:\n"
                                "  - team: x\n";
        const auto document = YamlDocument::parse(text, QStringLiteral("t.yaml"));
        QVERIFY(document);
        const auto decoded = decodeWorkspace(*document);
        QVERIFY(!decoded);
        const QStringList lines = decoded.error().message.split(QLatin1Char('\n'));
        QCOMPARE(lines.size(), 5);
        QCOMPARE(lines[0],
                 QStringLiteral("t.yaml:1: version: expected 1, without quotes, found \"2\". This version of Signalbox "
                                "reads version 1 of the file."));
        QCOMPARE(lines[1],
                 QStringLiteral("t.yaml:4: connections[0].kind: expected kubernetes, prometheus, jenkins, github, "
                                "gitlab or travis, found \"teamcity\". This version knows no other kind."));
        QVERIFY(lines[3].startsWith(QStringLiteral("t.yaml:8: connections[1].auth.bearer: This is no reference")));
        QVERIFY(!decoded.error().message.contains(QStringLiteral("hunter2")));
    }

    void writesTheSameThingBack_data()
    {
        QTest::addColumn<QString>("path");
        QTest::newRow("YAML") << dataFile("full.yaml");
        QTest::newRow("JSON") << dataFile("full.json");
        QTest::newRow("smallest") << dataFile("smallest.yaml");
        QTest::newRow("pipelines") << dataFile("pipelines.yaml");
    }
    void writesTheSameThingBack()
    {
        QFETCH(QString, path);
        const auto before = YamlDocument::load(path);
        QVERIFY(before);
        const WorkspaceNode tree = WorkspaceNode::of(*before);
        for (const QByteArray &text : {writeYaml(tree), writeJson(tree)}) {
            const auto after = YamlDocument::parse(text, path);
            QVERIFY2(after, after ? "" : qPrintable(after.error().message + QString::fromUtf8(text)));
            QCOMPARE(QByteArray::fromStdString(after->root().dump(1)),
                     QByteArray::fromStdString(before->root().dump(1)));
        }
    }

    void writesHardTextsBack_data()
    {
        QTest::addColumn<QString>("text");
        for (const char *text : {"true",
                                 "null",
                                 "~",
                                 "1.10",
                                 "0x10",
                                 "a: b",
                                 "a #b",
                                 "- a",
                                 "env:X",
                                 "a:",
                                 "",
                                 " a ",
                                 "\ta",
                                 "a\nb",
                                 "a\n",
                                 "a\n\n",
                                 "\na",
                                 " a\nb",
                                 "a\n  b\nc",
                                 "\"quoted\"",
                                 "back\\slash",
                                 "ümläut 中文 🚦",
                                 "...",
                                 "---",
                                 "@x",
                                 "`x`",
                                 "%x",
                                 "*x",
                                 "&x",
                                 "!x",
                                 "|",
                                 ">",
                                 "no",
                                 "y",
                                 "12:30:45",
                                 "[x]",
                                 "{x}",
                                 "a\tb",
                                 "a\x01"})
            QTest::newRow(text) << QString::fromUtf8(text);
    }
    void writesHardTextsBack()
    {
        QFETCH(QString, text);
        WorkspaceNode root = WorkspaceNode::map();
        root.set(QStringLiteral("a"), WorkspaceNode::quoted(text));
        WorkspaceNode list = WorkspaceNode::list();
        list.entries.emplace_back(QString(), WorkspaceNode::quoted(text));
        root.set(text, list);
        root.set(QStringLiteral("z"), WorkspaceNode::plain(QStringLiteral("1")));
        for (const QByteArray &bytes : {writeYaml(root), writeJson(root)}) {
            const auto document = YamlDocument::parse(bytes, QStringLiteral("t"));
            QVERIFY2(document, document ? "" : qPrintable(document.error().message + QString::fromUtf8(bytes)));
            QCOMPARE(YamlValue(*document)[QStringLiteral("a")].text(), text);
            QCOMPARE(YamlValue(*document)[text].items().value(0, YamlValue(*document)).text(), text);
            QCOMPARE(YamlValue(*document)[QStringLiteral("z")].text(), QStringLiteral("1"));
        }
    }

    void keepsWhatTheUserWrote()
    {
        put(m_path, contents(dataFile("full.yaml")));
        auto file = WorkspaceFile::load(m_path);
        QVERIFY(file);
        WorkspaceConnection changed = file->workspace().connections[0];
        changed.context = QStringLiteral("prod-eu-2");
        file->putConnection(changed);
        QVERIFY(file->removeConnection(QStringLiteral("second")));
        WorkspaceConnection added;
        added.id = QStringLiteral("qa");
        added.kubeconfig = {QStringLiteral("qa.yaml")};
        file->putConnection(added);
        const auto saved = file->save();
        QVERIFY2(saved, saved ? "" : qPrintable(saved.error().message));

        const QByteArray text = contents(m_path);
        QVERIFY(text.startsWith("# Workspace of the shop team.\n# Ask in #shop before you change it.\n\nversion: 1\n"));
        QVERIFY2(text.contains("    colour: red\n"), text.constData());
        QVERIFY(text.contains("owner: ops\n"));
        QVERIFY(text.contains("context: prod-eu-2\n"));
        QVERIFY(text.contains("title: \"Production EU\"\n"));
        QVERIFY(!text.contains("second"));
        QVERIFY(text.contains("  - id: qa\n    kind: kubernetes\n    kubeconfig: qa.yaml\n"));
        QVERIFY(text.indexOf("name: ") < text.indexOf("owner: "));
        QVERIFY(text.indexOf("owner: ") < text.indexOf("connections:"));
        // Untouched by us: order of keys, reference, query of several lines.
        QVERIFY(text.contains("  - kind: prometheus\n    id: metrics\n"));
        QVERIFY2(text.contains("      expression: |\n        sum(rate("), text.constData());
        const auto again = WorkspaceFile::load(m_path);
        QVERIFY2(again, again ? "" : qPrintable(again.error().message));
        QCOMPARE(again->workspace().connections.size(), 3);
        QCOMPARE(again->workspace().panels, file->workspace().panels);
    }

    void staysJson()
    {
        put(m_path, contents(dataFile("full.json")));
        auto file = WorkspaceFile::load(m_path);
        QVERIFY(file);
        WorkspaceConnection changed = file->workspace().connections[1];
        changed.insecureSkipTlsVerify = false;
        file->putConnection(changed);
        QVERIFY(file->save());
        const QByteArray text = contents(m_path);
        QVERIFY2(text.contains("\"insecureSkipTlsVerify\": false"), text.constData());
        QVERIFY(text.contains("\"version\": 1,"));
        QVERIFY2(text.simplified().contains("\"future\": { \"a\": [ 1, true, null, \"x\" ] }"), text.constData());
    }

    void writesNothingOverAnotherChange_data()
    {
        QTest::addColumn<int>("what");
        QTest::newRow("changed") << 0;
        QTest::newRow("removed") << 1;
        QTest::newRow("appeared") << 2;
    }
    void writesNothingOverAnotherChange()
    {
        QFETCH(int, what);
        if (what != 2)
            put(m_path, "version: 1\n");
        auto loaded = what == 2 ? Result<WorkspaceFile>(WorkspaceFile::createAt(m_path)) : WorkspaceFile::load(m_path);
        QVERIFY(loaded);
        const QByteArray theirs = "version: 1\nname: theirs\n";
        if (what == 1)
            QFile::remove(m_path);
        else
            put(m_path, theirs);
        WorkspaceConnection added;
        added.id = QStringLiteral("x");
        loaded->putConnection(added);
        const auto saved = loaded->save();
        QVERIFY(!saved);
        QCOMPARE(saved.error().kind, ErrorKind::Conflict);
        QCOMPARE(contents(m_path), what == 1 ? QByteArray() : theirs);
        QCOMPARE(QFileInfo(m_path).exists(), what != 1);
    }

    void keepsPanelsApart()
    {
        put(m_path, "version: 1\n"
                    "connections:\n"
                    "  - {id: prom, kind: prometheus, url: http://127.0.0.1:9090}\n"
                    "metrics:\n"
                    "  layout: wide\n"
                    "  panels:\n"
                    "    - {id: errors, title: Errors, expression: up, colour: red}\n");
        auto file = WorkspaceFile::load(m_path);
        QVERIFY2(file, file ? "" : qPrintable(file.error().message));
        WorkspacePanel ofAll = file->workspace().panels.first();
        ofAll.panel.expression = QStringLiteral("sum(up)\n  > 0");
        file->putPanel(ofAll);
        WorkspacePanel ofCart = ofAll;
        ofCart.connection = QStringLiteral("prom");
        ofCart.application = QStringLiteral("cart");
        ofCart.panel.limit = 1.5;
        ofCart.panel.trackNames = {{QStringLiteral("1.4.0"), QStringLiteral("blue")}};
        file->putPanel(ofCart);
        const auto saved = file->save();
        QVERIFY2(saved, saved ? "" : qPrintable(saved.error().message));

        auto again = WorkspaceFile::load(m_path);
        QVERIFY(again);
        QCOMPARE(again->workspace().panels.size(), 2);
        QVERIFY(contents(m_path).contains("colour: red"));
        QVERIFY(contents(m_path).contains("layout: wide"));
        const QList<MetricPanel> cart = again->workspace().panelsFor(QStringLiteral("prom"), QStringLiteral("cart"));
        QCOMPARE(cart.size(), 1);
        QCOMPARE(cart.first().limit, std::optional(1.5));
        QCOMPARE(cart.first().trackNames, ofCart.panel.trackNames);
        const QList<MetricPanel> other = again->workspace().panelsFor(QStringLiteral("prom"), QStringLiteral("shop"));
        QCOMPARE(other.size(), 1);
        QCOMPARE(other.first().expression, ofAll.panel.expression);
        QVERIFY(!other.first().limit);

        QVERIFY(again->removePanel(QStringLiteral("errors"), QStringLiteral("prom"), QStringLiteral("cart")));
        QVERIFY(!again->removePanel(QStringLiteral("errors"), QStringLiteral("prom"), QStringLiteral("cart")));
        QVERIFY(again->save());
        QCOMPARE(WorkspaceFile::load(m_path)->workspace().panels.size(), 1);
    }

    void savesTwiceInARow()
    {
        auto file = WorkspaceFile::createAt(m_path);
        WorkspaceConnection connection;
        connection.id = QStringLiteral("a");
        file.putConnection(connection);
        QVERIFY(file.save());
        QVERIFY(!(QFile::permissions(m_path) & (QFileDevice::ReadGroup | QFileDevice::ReadOther)));
        connection.context = QStringLiteral("c");
        file.putConnection(connection);
        QVERIFY(file.save());
        QCOMPARE(contents(m_path),
                 QByteArray("version: 1\nconnections:\n  - id: a\n    kind: kubernetes\n    context: c\n"));
    }

    void keepsPermissions()
    {
        put(m_path, "version: 1\n");
        const auto permissions = QFileDevice::ReadOwner | QFileDevice::WriteOwner | QFileDevice::ReadGroup;
        QFile::setPermissions(m_path, permissions);
        auto file = WorkspaceFile::load(m_path);
        QVERIFY(file);
        WorkspaceConnection added;
        added.id = QStringLiteral("x");
        file->putConnection(added);
        QVERIFY(file->save());
        QCOMPARE(QFile::permissions(m_path) & ~(QFileDevice::ReadUser | QFileDevice::WriteUser), permissions);
    }

    void refusesToWriteAMistake()
    {
        put(m_path, "version: 1\n");
        auto file = WorkspaceFile::load(m_path);
        QVERIFY(file);
        WorkspaceConnection wrong;
        wrong.id = QStringLiteral("not an id");
        file->putConnection(wrong);
        const auto saved = file->save();
        QVERIFY(!saved);
        QCOMPARE(saved.error().kind, ErrorKind::Invalid);
        QCOMPARE(contents(m_path), QByteArray("version: 1\n"));
    }

    void resolvesPathsFromItsFolder()
    {
        put(m_path, "version: 1\n");
        const auto file = WorkspaceFile::load(m_path);
        QVERIFY(file);
        QCOMPARE(file->resolved(QStringLiteral("../a.pem")),
                 QFileInfo(m_folder->path()).dir().absoluteFilePath(QStringLiteral("a.pem")));
        QCOMPARE(file->resolved(QStringLiteral("/x/y")), QStringLiteral("/x/y"));
        QCOMPARE(file->resolved(QStringLiteral("~/y")), QDir::homePath() + QStringLiteral("/y"));
    }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_path;
};

QTEST_GUILESS_MAIN(TestWorkspace)
#include "test_workspace.moc"
