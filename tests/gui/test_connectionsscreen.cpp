// The first page without a cluster, and the Connections screen: contexts, servers, testing, saving, removing.
#include "services/pipelines/pipelinefeed.h"
#include "tests/gui/shellfixture.h"
#include "tests/support/stays.h"
#include "ui/pages/connections/connectionsmodel.h"
#include "ui/shell/statusbar.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/notices.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/tableview.h"
#include "ui/widgets/timetext.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QListWidget>
#include <QProgressBar>
#include <QPushButton>
#include <QRegularExpression>
#include <QScopeGuard>

using namespace signalbox;
using namespace signalbox::test;

class TestConnectionsScreen : public ShellFixture
{
    Q_OBJECT
private slots:
    void withoutAClusterTheFirstPageSaysHow()
    {
        m_window.reset();
        m_world = std::make_unique<ConsoleWorld>();
        m_world->connections.trouble =
            Error{ErrorKind::Invalid, QStringLiteral("~/.kube/config line 3: expected a list."), {}};
        open();
        QVERIFY(m_window->findChild<QWidget *>(QStringLiteral("welcome"))->isVisible());
        QCOMPARE(m_window->findChild<QLabel *>(QStringLiteral("welcomeProblem"))->text(),
                 QStringLiteral("~/.kube/config line 3: expected a list."));
        QTRY_VERIFY(m_window->findChild<QLabel *>(QStringLiteral("contextsNone")) != nullptr);
    }

    // Nobody who starts first is helped by the signs of a list that is not there.
    void helpOnTheFirstPageIsAboutIt()
    {
        startWithContexts({context("dev", true)});
        QTRY_COMPARE(m_world->connections.probes.size(), 1);
        QTest::keyClick(m_window.get(), Qt::Key_F1);
        auto *overlay = m_window->findChild<QWidget *>(QStringLiteral("helpOverlay"));
        QVERIFY(overlay->isVisible());
        QCOMPARE(overlay->accessibleName(), QStringLiteral("Help on First start"));
        const QString spoken = overlay->accessibleDescription();
        for (const char *word : {"kubeconfig", "practice world", "in progress: Being tested", "Space: Choose a cluster",
                                 "Ctrl K: Find anything"})
            QVERIFY2(spoken.contains(QString::fromLatin1(word)), qPrintable(spoken));
        QVERIFY2(!spoken.contains(QStringLiteral("key figures")), qPrintable(spoken)); // the Overview's
        QTest::keyClick(overlay, Qt::Key_Escape);
        m_window->go({QStringLiteral("settings"), {}, {}, {}, {}, {}});
        QTest::keyClick(m_window.get(), Qt::Key_F1);
        QCOMPARE(overlay->accessibleName(), QStringLiteral("Help on Settings"));
    }

    void theFirstPageTestsEveryContextAndAddsThoseChosen()
    {
        startWithContexts({context("kind-dev", true), context("prod-eu"), context("old")});
        auto *add = m_window->findChild<QPushButton *>(QStringLiteral("welcomeAdd"));
        QTRY_COMPARE(m_world->connections.probes.size(), 3); // all at once, and each is told
        QVERIFY(!add->isEnabled());
        QTRY_VERIFY(textOf("contextText-old").contains(QStringLiteral("Reach the server")));
        const auto *progress = m_window->findChild<QProgressBar *>(QStringLiteral("contextsProgress"));
        QVERIFY(progress->isVisible());
        m_world->connections.probes[0]->finishWith(true, QStringLiteral("You see the whole cluster."));
        QCOMPARE(progress->value(), 1);
        QCOMPARE(textOf("contextsSummary"), QStringLiteral("1 of 3 tested"));
        m_world->connections.probes[1]->finishWith(true, QStringLiteral("You see the whole cluster."));
        m_world->connections.probes[2]->finishWith(false, QStringLiteral("No route to old.example."));
        QCOMPARE(textOf("contextsSummary"), QStringLiteral("3 found · 2 reachable"));
        QVERIFY(!progress->isVisible());
        QCOMPARE(textOf("contextText-old"), QStringLiteral("No route to old.example."));
        auto *dev = m_window->findChild<QCheckBox *>(QStringLiteral("context-kind-dev"));
        auto *prod = m_window->findChild<QCheckBox *>(QStringLiteral("context-prod-eu"));
        QVERIFY(dev->isChecked()); // the current one, since it works
        QVERIFY(!prod->isChecked());
        auto *old = m_window->findChild<QCheckBox *>(QStringLiteral("context-old"));
        QVERIFY(!old->isChecked());
        old->setFocus();
        QTest::keyClick(old, Qt::Key_Space); // tests it again, and cannot be added meanwhile
        QCOMPARE(m_world->connections.probes.size(), 4);
        QVERIFY(!add->isEnabled());
        m_world->connections.probes[3]->finishWith(false, QStringLiteral("No route to old.example."));
        QVERIFY(!old->isChecked());
        QVERIFY(add->isEnabled());
        prod->setFocus();
        QTest::keyClick(prod, Qt::Key_Space);
        QCOMPARE(add->text(), QStringLiteral("Add 2 clusters"));
        add->setFocus();
        QTest::keyClick(add, Qt::Key_Return);
        QTRY_COMPARE(m_world->connections.configs.size(), 2);
        QCOMPARE(m_world->connections.configs[0].context, QStringLiteral("kind-dev"));
        QCOMPARE(m_world->connections.configs[1].context, QStringLiteral("prod-eu"));
    }

    void nothingIsTestedBeforeTheConfigurationIsRead()
    {
        m_window.reset();
        m_world = std::make_unique<ConsoleWorld>();
        m_world->connections.known = {context("dev", true)};
        m_world->connections.hasRead = false;
        open();
        const auto *welcome = m_window->findChild<QWidget *>(QStringLiteral("welcome"));
        QVERIFY(!welcome->isVisible());
        QVERIFY(stays([this] { return m_world->connections.probes.isEmpty(); }, std::chrono::milliseconds(300)));
        m_world->connections.hasRead = true;
        emit m_world->connections.changed();
        QTRY_VERIFY(welcome->isVisible());
        QTRY_COMPARE(m_world->connections.probes.size(), 1);
    }

    // A file's current context opens by itself. That it does not answer is why this page is here.
    void whatIsOpenAlreadyIsTestedToo()
    {
        ContextInfo current = context("current", true);
        ContextInfo other = context("other");
        current.isImported = true;
        other.isImported = true;
        startWithContexts({current, other});
        QTRY_COMPARE(m_world->connections.probes.size(), 2);
        QVERIFY(!textOf("contextText-current").contains(QStringLiteral("open already")));
        m_world->connections.probes[0]->finishWith(false, QStringLiteral("No route to current.example."));
        m_world->connections.probes[1]->finishWith(true, QStringLiteral("You see the whole cluster."));
        QCOMPARE(textOf("contextText-current"), QStringLiteral("No route to current.example."));
        QVERIFY2(textOf("contextText-other").startsWith(QStringLiteral("open already")),
                 qPrintable(textOf("contextText-other")));
        QCOMPARE(textOf("contextsSummary"), QStringLiteral("2 found · 1 reachable"));
        for (const char *name : {"context-current", "context-other"}) {
            const auto *choice = m_window->findChild<QCheckBox *>(QString::fromLatin1(name));
            QVERIFY2(!choice->isEnabled() && !choice->isChecked(), name);
        }
        QVERIFY(!m_window->findChild<QPushButton *>(QStringLiteral("welcomeAdd"))->isEnabled());
    }

    void testingContextsCanBeStopped()
    {
        startWithContexts({context("a", true), context("b"), context("c"), context("d"), context("e")});
        QTRY_COMPARE(m_world->connections.probes.size(), 4); // no more than that at a time
        QTest::mouseClick(m_window->findChild<QPushButton *>(QStringLiteral("welcomeStop")), Qt::LeftButton);
        for (const auto &probe : m_world->connections.probes)
            QVERIFY(probe.isNull()); // deleted is stopped
        QVERIFY(!m_window->findChild<QPushButton *>(QStringLiteral("welcomeStop"))->isVisible());
        auto *fifth = m_window->findChild<QCheckBox *>(QStringLiteral("context-e"));
        QVERIFY(textOf("contextText-e").contains(QStringLiteral("choose it")));
        QTest::mouseClick(fifth, Qt::LeftButton, {}, QPoint(8, fifth->height() / 2)); // tests just this one
        QCOMPARE(m_world->connections.probes.size(), 5);
        QVERIFY(!m_window->findChild<QPushButton *>(QStringLiteral("welcomeAdd"))->isEnabled());
        m_world->connections.probes[4]->finishWith(true, QStringLiteral("fine"));
        QVERIFY(m_window->findChild<QPushButton *>(QStringLiteral("welcomeAdd"))->isEnabled());
    }

    void aContextWithoutVerifiedTlsIsNotTestedUnasked()
    {
        ContextInfo insecure = context("insecure");
        insecure.skipsTlsVerification = true;
        startWithContexts({insecure});
        QTRY_VERIFY(textOf("contextText-insecure").contains(QStringLiteral("credentials")));
        QVERIFY(m_world->connections.probes.isEmpty());
    }

    // Managed clusters have addresses for names: what became of the test keeps its room.
    void aLongContextNameLeavesRoomForItsTest()
    {
        const QString name = QStringLiteral("arn:aws:eks:eu-central-1:123456789012:cluster/the-production-cluster-0");
        ContextInfo broken = context("arn", true);
        broken.name = name;
        broken.problem = QStringLiteral("The certificate was made out for another name than this one.");
        startWithContexts({broken});
        const auto *text = m_window->findChild<QLabel *>(QStringLiteral("contextText-") + name);
        QVERIFY(text);
        QTRY_VERIFY2(text->width() > 250, qPrintable(QString::number(text->width())));
        const auto *choice = m_window->findChild<QCheckBox *>(QStringLiteral("context-") + name);
        QVERIFY(choice->toolTip().startsWith(name));
        QVERIFY(choice->accessibleName().startsWith(name));
    }

    // A browser opened by a credential plugin for each of ten contexts would be a poor welcome.
    void aContextWhoseCredentialsAProgramHandsOutIsTestedWhenChosen()
    {
        ContextInfo cloud = context("cloud", true);
        cloud.credentialProgram = QStringLiteral("cloud-login");
        startWithContexts({cloud, context("plain")});
        QTRY_VERIFY(textOf("contextText-cloud").contains(QStringLiteral("come from cloud-login")));
        QTRY_COMPARE(m_world->connections.probes.size(), 1); // plain's
        auto *choice = m_window->findChild<QCheckBox *>(QStringLiteral("context-cloud"));
        QTest::mouseClick(choice, Qt::LeftButton, {}, QPoint(8, choice->height() / 2));
        QCOMPARE(m_world->connections.probes.size(), 2);
    }

    void whatCannotBeSavedIsSaid()
    {
        startWithContexts({context("dev", true)});
        QTRY_COMPARE(m_world->connections.probes.size(), 1);
        m_world->connections.probes[0]->finishWith(true, QStringLiteral("fine"));
        m_world->connections.saveFails = Error{ErrorKind::Invalid, QStringLiteral("The disk is full."), {}};
        QTest::mouseClick(m_window->findChild<QPushButton *>(QStringLiteral("welcomeAdd")), Qt::LeftButton);
        QTRY_COMPARE(textOf("welcomeProblem"), QStringLiteral("dev was not added: The disk is full."));
    }

    void theFirstPageOpensFilesAndWorkspaces()
    {
        m_window.reset();
        m_world = std::make_unique<ConsoleWorld>();
        QStringList opened;
        m_world->context->openWorkspace = [&opened](const QString &file) {
            opened << file;
            return false;
        };
        open();
        m_world->prompter.file = QStringLiteral("/srv/team/kubeconfig");
        m_world->connections.known = {context("elsewhere")};
        QTest::mouseClick(m_window->findChild<QPushButton *>(QStringLiteral("welcomeFile")), Qt::LeftButton);
        QTRY_VERIFY(m_window->findChild<QCheckBox *>(QStringLiteral("context-elsewhere")) != nullptr);
        QCOMPARE(m_world->connections.askedFiles, QStringList{QStringLiteral("/srv/team/kubeconfig")});
        m_world->prompter.file = QStringLiteral("/srv/team/workspace.yaml");
        QTest::mouseClick(m_window->findChild<QPushButton *>(QStringLiteral("welcomeWorkspace")), Qt::LeftButton);
        QCOMPARE(opened, QStringList{QStringLiteral("/srv/team/workspace.yaml")});
        QVERIFY(textOf("welcomeProblem").contains(QStringLiteral("/srv/team/workspace.yaml")));
    }

    void theFirstPageOffersThePracticeWorld()
    {
        m_window.reset();
        m_world = std::make_unique<ConsoleWorld>();
        int opened = 0;
        m_world->context->openPractice = [&opened] { return ++opened == 1; };
        open();
        auto *practice = m_window->findChild<QPushButton *>(QStringLiteral("welcomePractice"));
        QVERIFY(practice && practice->isVisible());
        const auto *welcome = m_window->findChild<QWidget *>(QStringLiteral("welcome"));
        QTRY_VERIFY(welcome->isAncestorOf(m_window->focusWidget())); // nothing to find with the mouse first
        practice->setFocus();
        QTest::keyClick(practice, Qt::Key_Space);
        QCOMPARE(opened, 1);
        auto *problem = m_window->findChild<QLabel *>(QStringLiteral("welcomeProblem"));
        QVERIFY(!problem->isVisible());
        QTest::mouseClick(practice, Qt::LeftButton);
        QVERIFY(problem->isVisible());
        QVERIFY(problem->text().contains(QStringLiteral("--demo")));
    }

    void prometheusIsTestedAndSaved()
    {
        m_window->go({QStringLiteral("connections"), {}, {}, {}, {}, QStringLiteral("add-prometheus")});
        auto *address = m_window->findChild<QLineEdit *>(QStringLiteral("promAddress"));
        auto *save = m_window->findChild<QPushButton *>(QStringLiteral("formSave"));
        auto *test = m_window->findChild<QPushButton *>(QStringLiteral("formTest"));
        QTest::keyClicks(address, QStringLiteral("prometheus:9090"));
        QVERIFY(!save->isEnabled()); // no scheme
        address->setText(QStringLiteral("http://prometheus:9090"));
        QVERIFY(save->isEnabled());
        test->click();
        QVERIFY(!m_world->connections.probing.isNull());
        QCOMPARE(m_world->connections.probed.address, QStringLiteral("http://prometheus:9090"));
        m_world->connections.probing->finishWith(true, QStringLiteral("answers"));
        QVERIFY(test->isEnabled());
        save->click();
        QTRY_COMPARE(m_world->connections.configs.size(), 2);
        QCOMPARE(m_world->connections.configs.last().title, QStringLiteral("prometheus"));
    }

    void aServerWithPipelinesIsTestedAndSaved()
    {
        m_window->go({QStringLiteral("connections"), {}, {}, {}, {}, QStringLiteral("add-server")});
        const auto field = [&](const char *name) {
            return m_window->findChild<QLineEdit *>(QString::fromLatin1(name));
        };
        auto *kind = m_window->findChild<QComboBox *>(QStringLiteral("serverKind"));
        auto *save = m_window->findChild<QPushButton *>(QStringLiteral("formSave"));
        auto *test = m_window->findChild<QPushButton *>(QStringLiteral("formTest"));
        QVERIFY(!save->isEnabled()); // a Jenkins without an address
        QVERIFY(!save->toolTip().isEmpty());
        field("serverAddress")->setText(QStringLiteral("https://jenkins.example/ci"));
        QVERIFY(save->isEnabled()); // all of it, without a login
        QTest::keyClicks(field("serverUser"), QStringLiteral("ann"));
        QVERIFY(!save->isEnabled()); // whose token?
        kind->setCurrentText(QStringLiteral("GitHub"));
        QVERIFY(!field("serverUser")->isVisible());
        field("serverAddress")->clear();
        QVERIFY(!save->isEnabled()); // no project
        QTest::keyClicks(field("serverProjects"), QStringLiteral("acme/cart, acme/search"));
        QVERIFY(save->isEnabled());
        field("serverCredential")->setText(QStringLiteral("env:GITHUB_TOKEN"));
        test->click();
        QVERIFY(!m_world->connections.probing.isNull());
        QCOMPARE(m_world->connections.probed.address, QStringLiteral("https://api.github.com"));
        QCOMPARE(m_world->connections.probed.projects,
                 (QStringList{QStringLiteral("acme/cart"), QStringLiteral("acme/search")}));
        QVERIFY(m_world->connections.probed.user.isEmpty());
        m_world->connections.probing->finishWith(true, QStringLiteral("answers"));
        save->click();
        QTRY_COMPARE(m_world->connections.configs.size(), 2);
        QCOMPARE(m_world->connections.configs.last().kind, ConnectionConfig::Kind::GitHub);
    }

    void theStatusBarTellsOfServersAndTheirLimits()
    {
        PipelineSet servers;
        RunStore store;
        PipelineFeed feed(servers, store);
        m_world->context->runs = &feed;
        {
            StatusBar bar(*m_world->context);
            RunStore::Server server;
            server.title = QStringLiteral("github");
            server.pipelines.state = Freshness::State::Live;
            server.pipelines.lastHeard = QDateTime::currentDateTimeUtc().addSecs(-4);
            server.interval = std::chrono::seconds(30);
            server.budget = RequestBudget{5000, 4000, QDateTime::currentDateTimeUtc().addSecs(900), 1000};
            store.putServer(QStringLiteral("gh"), server);
            const auto shown = [&] { return bar.texts().filter(QStringLiteral("github")).value(0); };
            QTRY_VERIFY2(shown().startsWith(QStringLiteral("github · ")), qPrintable(shown()));
            QVERIFY2(!shown().contains(QStringLiteral("limit")), qPrintable(shown()));
            QVERIFY2(shown().endsWith(QStringLiteral(" · 4,000 left")), qPrintable(shown()));
            const QList<QPushButton *> entries = bar.findChildren<QPushButton *>();
            QVERIFY(std::any_of(entries.cbegin(), entries.cend(), [](const QPushButton *entry) {
                return entry->accessibleName().contains(QStringLiteral("4,000 left"));
            }));
            server.budget->remaining = 412;
            store.putServer(QStringLiteral("gh"), server);
            QTRY_COMPARE(shown(), QStringLiteral("github · rate limit 412 left · polling every 30 s"));
            server.budget.reset();
            server.pipelines.state = Freshness::State::Failed;
            store.putServer(QStringLiteral("gh"), server);
            QTRY_COMPARE(shown(), QStringLiteral("github · not reachable"));
            server.pipelines.state = Freshness::State::Live;
            store.putServer(QStringLiteral("gh"), server);
            QTRY_VERIFY2(!shown().contains(QStringLiteral("reachable")), qPrintable(shown()));
            // The list of pipelines answers, the runs of one of them do not.
            RunStore::Entry entry;
            entry.pipeline.ref = {QStringLiteral("gh"), QStringLiteral("acme/cart"), QStringLiteral("release")};
            entry.freshness = {Freshness::State::Stale, AgeTicker::now(), AgeTicker::now().addSecs(-190),
                               Error{ErrorKind::Unreachable, QStringLiteral("no answer"), {}}};
            store.putEntry(entry);
            QTRY_COMPARE(shown(), QStringLiteral("github · stale, 3 m old"));
            const RunStore::Server live = server;
            entry.freshness = {Freshness::State::Live, {}, AgeTicker::now(), {}};
            store.putEntry(entry);
            server.chosen = Freshness{Freshness::State::Denied, AgeTicker::now(), {}, {}};
            store.putServer(QStringLiteral("gh"), server);
            QTRY_VERIFY2(shown().contains(QStringLiteral(" · since ")), qPrintable(shown()));
            store.putServer(QStringLiteral("gh"), live);
            // The list of pipelines is read every ten minutes, the runs every few seconds: these tell how old it is.
            server = live;
            server.pipelines.lastHeard = AgeTicker::now().addSecs(-240);
            store.putServer(QStringLiteral("gh"), server);
            entry.freshness.lastHeard = AgeTicker::now().addSecs(-5);
            store.putEntry(entry);
            static const QRegularExpression seconds(QStringLiteral("^github · \\d+ s$"));
            QTRY_VERIFY2(seconds.match(shown()).hasMatch(), qPrintable(shown()));
            ConnectionConfig config;
            config.id = QStringLiteral("gh");
            config.kind = ConnectionConfig::Kind::GitHub;
            m_world->connections.configs.append(config);
            const auto listed = [&] { return connectionRows(*m_world->context, AgeTicker::now()).constLast().state; };
            static const QRegularExpression old(QStringLiteral("^\\d+ s old$"));
            QVERIFY2(old.match(listed()).hasMatch(), qPrintable(listed()));
            // One pipeline that was deleted makes the server no unreachable one; all of them do.
            entry.freshness.state = Freshness::State::Failed;
            store.putEntry(entry);
            QTRY_VERIFY2(shown().contains(QStringLiteral("not reachable")), qPrintable(shown()));
            QCOMPARE(listed(), QStringLiteral("not reachable"));
            RunStore::Entry other = entry;
            other.pipeline.ref.pipeline = QStringLiteral("nightly");
            other.freshness.state = Freshness::State::Live;
            store.putEntry(other);
            QTRY_VERIFY2(shown().startsWith(QStringLiteral("github · one of 2 pipelines cannot be read")),
                         qPrintable(shown()));
            QCOMPARE(listed(), QStringLiteral("one of 2 pipelines cannot be read"));
            QCOMPARE(connectionRows(*m_world->context, AgeTicker::now()).constLast().health, Health::Warning);
            // What one build hides of the gates, too.
            store.keepOnly(QStringLiteral("gh"), {other.pipeline.ref.key()});
            server.unreadGates = QStringLiteral("What team/cart#1 waits for could not be read: not allowed.");
            store.putServer(QStringLiteral("gh"), server);
            QTRY_VERIFY2(shown().startsWith(QStringLiteral("github · some of its gates cannot be read")),
                         qPrintable(shown()));
            QCOMPARE(listed(), QStringLiteral("some of its gates cannot be read"));
            server.unreadGates.clear();
            store.putServer(QStringLiteral("gh"), server);
            store.putEntry(entry);
            other.freshness.state = Freshness::State::Stale; // now nothing answers
            store.putEntry(other);
            QTRY_VERIFY2(shown().contains(QStringLiteral("not reachable")), qPrintable(shown()));
            QCOMPARE(listed(), QStringLiteral("not reachable"));
            other.freshness.state = Freshness::State::Live;
            store.putEntry(other);
            QTRY_VERIFY2(shown().contains(QStringLiteral("cannot be read")), qPrintable(shown()));
            server.pipelines.state = Freshness::State::Failed;
            store.putServer(QStringLiteral("gh"), server);
            QTRY_VERIFY2(shown().contains(QStringLiteral("not reachable")), qPrintable(shown()));
            QCOMPARE(listed(), QStringLiteral("not reachable"));
            server.pipelines.state = Freshness::State::Live;
            entry.freshness.state = Freshness::State::Live;
            store.keepOnly(QStringLiteral("gh"), {entry.pipeline.ref.key()});
            store.putEntry(entry);
            server.pipelines.state = Freshness::State::Stale; // late: that is told
            store.putServer(QStringLiteral("gh"), server);
            QTRY_COMPARE(shown(), QStringLiteral("github · stale, 4 m old"));
            QCOMPARE(listed(), QStringLiteral("stale, 4 m old"));
            m_world->connections.configs.removeLast();
        }
        m_world->context->runs = nullptr;
    }

    // What is not well and the oldest of what is stay to be read, shorter perhaps; all of it is in the tool tip.
    void whereThereIsLittleRoomWhatMattersStays_data()
    {
        QTest::addColumn<int>("wide");
        QTest::newRow("a wide window's") << 1700;
        QTest::newRow("that of 1440 pixels") << 1244;
        QTest::newRow("that of 1100 pixels") << 904;
        QTest::newRow("the least") << 764;
    }
    void whereThereIsLittleRoomWhatMattersStays()
    {
        QFETCH(int, wide);
        const auto thaw = qScopeGuard([] { AgeTicker::freezeAt({}); });
        const QDateTime now = QDateTime::currentDateTimeUtc();
        AgeTicker::freezeAt(now);
        PipelineSet servers;
        RunStore store;
        PipelineFeed feed(servers, store);
        m_world->context->runs = &feed;
        const auto leave = qScopeGuard([this] { m_world->context->runs = nullptr; });
        const auto put = [&](const char *id, const char *title, Freshness::State state, int age) {
            RunStore::Server server;
            server.title = QString::fromLatin1(title);
            server.pipelines.state = state;
            server.pipelines.lastHeard = now.addSecs(-age);
            store.putServer(QString::fromLatin1(id), server);
        };
        put("gh", "GitHub of the company", Freshness::State::Live, 5);
        put("gl", "GitLab of the company", Freshness::State::Stale, 190);
        put("jk", "Jenkins in the basement", Freshness::State::Live, 41);
        put("tr", "Travis of the vision team", Freshness::State::Failed, 190);
        StatusBar bar(*m_world->context);
        bar.resize(wide, bar.height());
        bar.show();
        QVERIFY(QTest::qWaitForWindowExposed(&bar));
        QTRY_VERIFY(bar.texts().size() >= 5);
        const auto shown = [&](const char *start) {
            return bar.shownTexts().filter(QRegularExpression(u'^' + QString::fromLatin1(start))).value(0);
        };
        static const QRegularExpression stale(QStringLiteral(" · stale,? 3 m( old)?$"));
        QTRY_VERIFY2(stale.match(shown("GitL")).hasMatch(), qPrintable(bar.shownTexts().join(u'|')));
        static const QRegularExpression lost(QStringLiteral(" · (no answer|not reachable)$"));
        QVERIFY2(lost.match(shown("Trav")).hasMatch(), qPrintable(bar.shownTexts().join(u'|')));
        QVERIFY2(shown("Jenk").endsWith(QStringLiteral(" · 41 s")), qPrintable(bar.shownTexts().join(u'|')));
        const QList<QPushButton *> buttons = bar.findChildren<QPushButton *>();
        for (const QString &whole : bar.texts()) {
            QVERIFY2(std::any_of(buttons.cbegin(), buttons.cend(),
                                 [&](const QPushButton *one) { return one->toolTip().startsWith(whole); }),
                     qPrintable(whole));
        }
        // Another one is the oldest by now: it says so.
        put("jk", "Jenkins in the basement", Freshness::State::Live, 2);
        put("gh", "GitHub of the company", Freshness::State::Live, 35);
        QTRY_VERIFY2(shown("GitH").endsWith(QStringLiteral(" · 35 s")), qPrintable(bar.shownTexts().join(u'|')));
    }

    void contextsAreTestedThenAdded()
    {
        ContextInfo good;
        good.name = QStringLiteral("staging-eu");
        good.kubeconfig = QStringLiteral("/home/me/.kube/config");
        ContextInfo broken = good;
        broken.name = QStringLiteral("old");
        broken.problem = QStringLiteral("Basic authentication is not supported by any current server.");
        m_world->connections.known = {good, broken};
        m_window->go({QStringLiteral("connections"), {}, {}, {}, {}, QStringLiteral("add-kubernetes")});
        auto *list = m_window->findChild<QListWidget *>(QStringLiteral("contextList"));
        QTRY_COMPARE(list->count(), 2);
        auto *save = m_window->findChild<QPushButton *>(QStringLiteral("formSave"));
        QVERIFY(!save->isEnabled());
        QVERIFY(!(list->item(1)->flags() & Qt::ItemIsUserCheckable));
        list->item(0)->setCheckState(Qt::Checked);
        save->click();
        QVERIFY(!m_world->connections.probing.isNull());
        m_world->connections.probing->finishWith(false, QStringLiteral("No route to the server."));
        QCOMPARE(m_world->connections.configs.size(), 1); // not added
        QVERIFY(
            m_window->findChild<QLabel *>(QStringLiteral("formProblem"))->text().contains(QStringLiteral("No route")));
        save->click();
        m_world->connections.probing->finishWith(true, QStringLiteral("fine"));
        QTRY_COMPARE(m_world->connections.configs.size(), 2);
        QCOMPARE(m_world->connections.configs.last().context, QStringLiteral("staging-eu"));
    }

    void editingChangesTheOneThereIs()
    {
        m_window->go({QStringLiteral("connections"), {}, QStringLiteral("prod-eu"), {}, {}, {}});
        const ConnectionConfig before = m_world->connections.configs.value(0);
        m_window->findChild<QPushButton *>(QStringLiteral("editConnection"))->click();
        auto *title = m_window->findChild<QLineEdit *>(QStringLiteral("clusterTitle"));
        QTRY_VERIFY(title->isVisible());
        QVERIFY(title->hasFocus());
        QCOMPARE(title->text(), before.title);
        const auto *context = m_window->findChild<QLineEdit *>(QStringLiteral("clusterContext"));
        QCOMPARE(context->text(), before.context);
        title->clear();
        QTest::keyClicks(title, QStringLiteral("Europe"));
        auto *namespaces = m_window->findChild<QLineEdit *>(QStringLiteral("clusterNamespaces"));
        namespaces->setText(QStringLiteral(" shop  pay "));
        ConnectionConfig wanted = before;
        wanted.title = QStringLiteral("Europe");
        wanted.namespaces = {QStringLiteral("shop"), QStringLiteral("pay")};
        m_window->findChild<QPushButton *>(QStringLiteral("formTest"))->click();
        QVERIFY(m_world->connections.probed == wanted); // what is tested is what would be saved
        m_world->connections.probing->finishWith(true, QStringLiteral("answers"));
        QCOMPARE(m_world->connections.configs, QList<ConnectionConfig>{before});
        m_world->connections.saveFails = Error{ErrorKind::Conflict, QStringLiteral("read again meanwhile"), {}};
        m_window->findChild<QPushButton *>(QStringLiteral("formSave"))->click();
        const auto *problem = m_window->findChild<QLabel *>(QStringLiteral("formProblem"));
        QTRY_COMPARE(problem->text(), QStringLiteral("read again meanwhile"));
        QVERIFY2(title->isVisible() && title->text() == u"Europe", "what was typed is not lost");
        m_world->connections.saveFails.reset();
        m_window->findChild<QPushButton *>(QStringLiteral("formSave"))->click();
        QTRY_COMPARE(m_world->connections.configs, QList<ConnectionConfig>{wanted});
        QTRY_VERIFY(!title->isVisible());
    }

    void removingCanBeUndone()
    {
        m_window->go({QStringLiteral("connections"), {}, QStringLiteral("prod-eu"), {}, {}, {}});
        m_window->findChild<QPushButton *>(QStringLiteral("removeConnection"))->click();
        QTRY_COMPARE(m_world->connections.configs.size(), 0);
        auto *banner = m_window->findChild<Banner *>(QStringLiteral("removedBanner"));
        QTRY_VERIFY(banner->isVisible());
        banner->findChild<QPushButton *>()->click();
        QTRY_COMPARE(m_world->connections.configs.size(), 1);
        QTRY_VERIFY(!banner->isVisible());
    }

private:
    static ContextInfo context(const char *name, bool isCurrent = false)
    {
        ContextInfo info;
        info.name = QString::fromLatin1(name);
        info.server = QStringLiteral("https://%1.example:6443").arg(info.name);
        info.user = QStringLiteral("me");
        info.kubeconfig = QStringLiteral("/home/me/.kube/config");
        info.isCurrent = isCurrent;
        return info;
    }
    void startWithContexts(const QList<ContextInfo> &contexts)
    {
        m_window.reset();
        m_world = std::make_unique<ConsoleWorld>();
        m_world->connections.known = contexts;
        open();
    }
};

QTEST_MAIN(TestConnectionsScreen)
#include "test_connectionsscreen.moc"
