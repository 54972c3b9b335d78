// What is shown of a promotion: differences, commits, path, risk, votes, checks.
#include "services/pipelines/pipelinefeed.h"
#include "tests/gui/promotions/promotionspagefixture.h"
#include "tests/support/fakepipelineserver.h"
#include "ui/pages/changes/changesview.h"
#include "ui/pages/promotions/pathgraph.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/badge.h"

#include <QLabel>
#include <QScopeGuard>
#include <QSignalSpy>

#include <algorithm>

using namespace signalbox;
using namespace signalbox::test;
using policy::PromotionBoard;
using policy::PromotionCard;

class TestPromotionDetail : public PromotionsPageFixture
{
    Q_OBJECT
private slots:
    void theClusterDifferenceNamesBothDigests()
    {
        Screen screen;
        screen.select(PromotionConsole::support);
        const auto text = [&] {
            return screen.page.findChild<QLabel *>(QStringLiteral("clusterDifference"))->toolTip();
        };
        QTRY_VERIFY(text().contains(QStringLiteral("- image registry.example/smart-support@sha256:1f0a9be2")));
        QVERIFY(text().contains(QStringLiteral("+ image registry.example/smart-support@sha256:77b0e41c")));
        QCOMPARE(screen.world.desk.planned.last().promotion, PromotionConsole::support);
    }

    // Of commits is spoken where commits stand: not under the heading of the cluster.
    void whatKeepsCommitsAwayStandsAboveTheCluster()
    {
        Screen screen([](PromotionConsole &world) { world.source->releases.clear(); });
        screen.select(PromotionConsole::support);
        QTRY_VERIFY2(textOf(screen.page, "commitsNote").contains(QStringLiteral("There is no release")),
                     qPrintable(textOf(screen.page, "commitsNote")));
        const auto *note = screen.page.findChild<QLabel *>(QStringLiteral("commitsNote"));
        const auto *cluster = screen.page.findChild<QLabel *>(QStringLiteral("clusterDifference"));
        QVERIFY(note->isVisible());
        QTRY_VERIFY(note->mapToGlobal(QPoint(0, 0)).y() < cluster->mapToGlobal(QPoint(0, 0)).y());
        QVERIFY(!cluster->toolTip().contains(QStringLiteral("There is no release")));
    }

    // Information and no gate: what the policy says stays what it is.
    void theRunThatMadeItIsTold_data()
    {
        QTest::addColumn<RunState>("state");
        QTest::addColumn<bool>("isLive");
        QTest::addColumn<Health>("health");
        QTest::newRow("passed") << RunState::Passed << true << Health::Ok;
        QTest::newRow("failed") << RunState::Failed << true << Health::Failing;
        QTest::newRow("passed, as far as was read") << RunState::Passed << false << Health::Unknown;
    }
    void theRunThatMadeItIsTold()
    {
        QFETCH(RunState, state);
        QFETCH(bool, isLive);
        QFETCH(Health, health);
        PipelineSet servers;
        RunStore store;
        PipelineFeed feed{servers, store};
        Screen screen([&](PromotionConsole &world) {
            world.context->pipelines = &servers;
            world.context->runs = &feed;
        });
        screen.select(PromotionConsole::support);
        const policy::Subject subject = screen.world.desk.board().find(PromotionConsole::support)->decision.subject;
        const auto *line = screen.page.findChild<QWidget *>(QStringLiteral("makingRun"));
        QVERIFY(line->isVisible());
        QVERIFY2(textOf(screen.page, "makingRunText").contains(QStringLiteral("known")),
                 qPrintable(textOf(screen.page, "makingRunText")));
        QVERIFY(!visible<QPushButton>(screen.page, "makingRunOpen"));
        QVERIFY(!subject.commit.isEmpty());
        RunStore::Entry entry;
        entry.pipeline = pipelineOf(QStringLiteral("ci"), QStringLiteral("shop/support"), QStringLiteral("release"));
        entry.application = subject.application;
        entry.runs = {runOf(entry.pipeline, 412, state, 30), runOf(entry.pipeline, 411, RunState::Failed, 60)};
        entry.runs.first().commit = subject.commit;
        entry.freshness.state = isLive ? Freshness::State::Live : Freshness::State::Failed;
        store.putEntry(entry);
        QTRY_VERIFY(visible<QPushButton>(screen.page, "makingRunOpen"));
        QVERIFY(textOf(screen.page, "makingRunText").startsWith(QStringLiteral("release #412: ")));
        QCOMPARE(line->findChild<StateSign *>()->health(), health);
        // It stands below the checks and is none of those that their heading counts.
        QVERIFY(!textOf(screen.page, "makingRunTold").isEmpty());
        QSignalSpy asked(&screen.page, &Page::navigate);
        visible<QPushButton>(screen.page, "makingRunOpen")->click();
        QCOMPARE(asked.size(), qsizetype(1));
        const auto target = asked.first().first().value<NavigationTarget>();
        QCOMPARE(target.page, QStringLiteral("pipelines"));
        QCOMPARE(target.object.uid, entry.runs.first().ref.key());
    }

    void withoutAPlanTheDifferenceComesFromWhatRuns()
    {
        Screen screen([](PromotionConsole &world) {
            world.desk.planFails = Error{ErrorKind::Refused, QStringLiteral("The policy is not met."), {}};
        });
        screen.select(PromotionConsole::support);
        const auto text = [&] {
            return screen.page.findChild<QLabel *>(QStringLiteral("clusterDifference"))->toolTip();
        };
        QTRY_VERIFY(text().contains(QStringLiteral("The policy is not met.")));
        QVERIFY(text().contains(QStringLiteral("+ image registry.example/smart-support@sha256:77b0e41c")));
    }

    void theClusterDifferenceFollowsWhatRuns()
    {
        Screen screen([](PromotionConsole &world) {
            world.desk.planOf = [&world](const SeenPromotion &seen) {
                Plan plan = world.startPlan(seen);
                for (PlanStep &step : plan.steps) {
                    const PromotionCard *card = world.desk.board().find(seen.promotion);
                    step.diff = {{DiffLine::Kind::Removed, QStringLiteral("image ") + card->path.last().image}};
                }
                return plan;
            };
        });
        screen.select(PromotionConsole::support);
        const auto text = [&] {
            return screen.page.findChild<QLabel *>(QStringLiteral("clusterDifference"))->toolTip();
        };
        QTRY_VERIFY2(text().contains(QStringLiteral("- image registry.example/smart-support:8.1.7")),
                     qPrintable(text()));
        screen.world.change([&](PromotionBoard &board) { // somebody rolled it back meanwhile
            PromotionCard &card = screen.world.card(board, PromotionConsole::support);
            card.path.last().image = QStringLiteral("registry.example/smart-support:8.1.6");
            card.path.last().digest = QStringLiteral("sha256:") + hex("aa", 64);
        });
        QVERIFY(!text().contains(QStringLiteral("8.1.7"))); // at once
        QTRY_VERIFY2(text().contains(QStringLiteral("- image registry.example/smart-support:8.1.6")),
                     qPrintable(text()));
    }

    // A vendor's plan tells of its gate; which image goes away and which comes is told before it.
    void theImageIsToldBesideAVendorsPlan()
    {
        Screen screen([](PromotionConsole &world) {
            world.desk.planOf = [&world](const SeenPromotion &seen) {
                Plan plan = world.startPlan(seen);
                for (PlanStep &step : plan.steps)
                    step.diff.clear();
                plan.steps.first().diff = {
                    {DiffLine::Kind::Added, QString::fromUtf8("release #33 waits \xe2\x86\x92 approved")}};
                return plan;
            };
        });
        screen.select(PromotionConsole::support);
        const auto text = [&] {
            return screen.page.findChild<QLabel *>(QStringLiteral("clusterDifference"))->toolTip();
        };
        QTRY_VERIFY2(text().contains(QStringLiteral("release #33 waits")), qPrintable(text()));
        const auto from = text().indexOf(QStringLiteral("- image registry.example/smart-support@sha256:1f0a9be2"));
        const auto to = text().indexOf(QStringLiteral("+ image registry.example/smart-support@sha256:77b0e41c"));
        QVERIFY2(from >= 0 && from < to && to < text().indexOf(QStringLiteral("release #33")), qPrintable(text()));
    }

    void nothingThatChangesHasNoHeading()
    {
        Screen screen([](PromotionConsole &world) {
            world.desk.planOf = [&world](const SeenPromotion &seen) {
                Plan plan = world.startPlan(seen);
                for (PlanStep &step : plan.steps)
                    step.diff.clear();
                return plan;
            };
            world.change([&](PromotionBoard &board) {
                PromotionCard &card = world.card(board, PromotionConsole::support);
                card.path.last().digest = card.decision.subject.digest;
            });
        });
        screen.select(PromotionConsole::support);
        QTRY_VERIFY(!screen.world.desk.planned.isEmpty());
        const auto *heading = screen.page.findChild<QLabel *>(QStringLiteral("clusterHeading"));
        QTRY_VERIFY(!heading->isVisible());
        QVERIFY(!screen.page.findChild<QLabel *>(QStringLiteral("clusterDifference"))->isVisible());
    }

    void aDifferenceThatCouldNotBeWorkedOutIsTriedAgain()
    {
        Screen screen([](PromotionConsole &world) {
            world.desk.planFails = Error{ErrorKind::Unreachable, QStringLiteral("prod-eu does not answer."), {}};
        });
        screen.select(PromotionConsole::support);
        const auto text = [&] {
            return screen.page.findChild<QLabel *>(QStringLiteral("clusterDifference"))->toolTip();
        };
        QTRY_VERIFY(text().contains(QStringLiteral("prod-eu does not answer.")));
        screen.world.desk.planFails.reset();
        screen.world.change([&](PromotionBoard &board) { board.readAt = board.readAt.addSecs(60); });
        QTRY_VERIFY2(!text().contains(QStringLiteral("prod-eu does not answer.")), qPrintable(text()));
    }

    void thePathTellsWhatRunsWhereAndHowFarItIsAhead()
    {
        Screen screen;
        screen.select(PromotionConsole::support);
        auto *graph = screen.page.findChild<PathGraph *>();
        QTRY_VERIFY2(graph->spoken().contains(QStringLiteral("4 ahead")), qPrintable(graph->spoken()));
        QVERIFY(graph->spoken().contains(QStringLiteral("staging: 8.1.9 · 38 m")));
        QVERIFY(graph->spoken().contains(QStringLiteral("Approve: 1 of 2")));
        QVERIFY(graph->spoken().contains(QStringLiteral("production: 8.1.7")));
        QCOMPARE(graph->accessibleDescription(), graph->spoken());
    }

    // Pods that crash are no roll-out that goes on, nor one that is there.
    void aPlaceThatFailsIsShownAsFailing_data()
    {
        QTest::addColumn<policy::PathPlace::State>("state");
        QTest::addColumn<Health>("health"); // of its pods
        QTest::addColumn<Health>("shown");
        using State = policy::PathPlace::State;
        QTest::newRow("a roll-out") << State::Busy << Health::InProgress << Health::InProgress;
        QTest::newRow("a roll-out that fails") << State::Busy << Health::Failing << Health::Failing;
        QTest::newRow("it runs, and fails") << State::Runs << Health::Failing << Health::Failing;
        QTest::newRow("it runs") << State::Runs << Health::Ok << Health::Ok;
        QTest::newRow("its digest is not known, and it fails") << State::Unknown << Health::Failing << Health::Failing;
    }
    void aPlaceThatFailsIsShownAsFailing()
    {
        QFETCH(policy::PathPlace::State, state);
        QFETCH(Health, health);
        QFETCH(Health, shown);
        Screen screen;
        screen.world.change([&](PromotionBoard &board) {
            policy::PathPlace &staging = screen.world.card(board, PromotionConsole::support).path.first();
            staging.state = state;
            staging.health = health;
        });
        screen.select(PromotionConsole::support);
        const QString spoken = screen.page.findChild<PathGraph *>()->spoken();
        const QString staging = spoken.section(QStringLiteral(". "), 0, 0).section(u';', 0, 0);
        QVERIFY2(staging.startsWith(QLatin1String("staging: ")) && staging.endsWith(healthLabel(shown)),
                 qPrintable(spoken));
    }

    // What nobody can look at is as old as its reading, however old its pods were by then.
    void aPlaceThatIsNotLiveTellsTheAgeOfItsReading_data()
    {
        QTest::addColumn<int>("readAgo"); // seconds; below 0: never
        QTest::addColumn<QString>("production");
        QTest::newRow("minutes") << 420 << QStringLiteral("production: 8.1.7 · read 7 m ago");
        QTest::newRow("just now") << 20 << QStringLiteral("production: 8.1.7 · read 20 s ago");
        QTest::newRow("never") << -1 << QStringLiteral("production: 8.1.7 · not live");
    }
    void aPlaceThatIsNotLiveTellsTheAgeOfItsReading()
    {
        QFETCH(int, readAgo);
        QFETCH(QString, production);
        Screen screen;
        const QDateTime readAt = readAgo < 0 ? QDateTime() : screen.world.now.addSecs(-readAgo);
        screen.world.change([&](PromotionBoard &board) {
            screen.world.card(board, PromotionConsole::support).stale = {
                {QStringLiteral("production"), readAt, QStringLiteral("prod-eu does not answer.")}};
        });
        screen.select(PromotionConsole::support);
        const QString spoken = screen.page.findChild<PathGraph *>()->spoken();
        QVERIFY2(spoken.contains(QStringLiteral("staging: 8.1.9 · 38 m")), qPrintable(spoken)); // that one is live
        const QString told = QStringLiteral("%1, %2").arg(production, healthLabel(Health::Unknown));
        QVERIFY2(spoken.contains(told), qPrintable(spoken));
    }

    void commitsOpenInTheirOwnViewAndEscComesBack()
    {
        Screen screen;
        screen.select(PromotionConsole::support);
        auto *commits = screen.page.findChild<RowList *>(QStringLiteral("promotionCommits"));
        QTRY_COMPARE(commits->model()->rowCount(), 4);
        QTRY_VERIFY(commits->isVisible());
        commits->setFocus();
        QTest::keyClick(commits, Qt::Key_Return);
        auto *view = screen.page.findChild<ChangesView *>();
        QVERIFY(view && view->isVisible());
        QTRY_VERIFY(!textOf(*view, "changesCommitDetail").isEmpty());
        QVERIFY(screen.page.goBack());
        QVERIFY(!view->isVisible());
        QVERIFY(!screen.page.goBack());
        QTest::mouseClick(screen.page.findChild<QPushButton *>(QStringLiteral("openDiff")), Qt::LeftButton);
        QVERIFY(view->isVisible());
        QVERIFY(textOf(*view, "changesCommitDetail").isEmpty());
    }

    void whyItWasAskedForHasALineOfItsOwn()
    {
        Screen screen;
        screen.select(PromotionConsole::support);
        const auto *title = screen.page.findChild<QWidget *>(QStringLiteral("promotionTitle"));
        const auto *asked = screen.page.findChild<QWidget *>(QStringLiteral("promotionAsked"));
        const auto *head = screen.page.findChild<QWidget *>(QStringLiteral("promotionHead"));
        QTRY_VERIFY(asked->mapTo(head, QPoint()).y() >= title->mapTo(head, QPoint(0, title->height())).y());
        QTRY_VERIFY2(asked->width() > head->width() * 9 / 10, qPrintable(QString::number(asked->width())));
    }

    void theRiskHasItsReasonsAndItsQuality()
    {
        Screen screen;
        screen.select(PromotionConsole::support);
        QCOMPARE(screen.page.findChild<Badge *>(QStringLiteral("promotionRisk"))->text(), QStringLiteral("RISK 0.18"));
        QVERIFY(screen.label("riskText").startsWith(QStringLiteral("0.18")));
        QVERIFY(!screen.label("riskText").contains(QStringLiteral("Brier"))); // that is said once, below
        QVERIFY2(screen.label("riskQuality").contains(QStringLiteral("Brier score 0.112")),
                 qPrintable(screen.label("riskQuality")));
        auto *how = screen.page.findChild<QPushButton *>(QStringLiteral("riskModelButton"));
        QVERIFY(!screen.page.findChild<QLabel *>(QStringLiteral("riskModel"))->isVisible());
        how->setFocus();
        QTest::keyClick(how, Qt::Key_Space);
        QVERIFY(screen.page.findChild<QLabel *>(QStringLiteral("riskModel"))->isVisible());
        QVERIFY(screen.label("riskModel").contains(QStringLiteral("Platt 1999")));
        screen.world.change([&](PromotionBoard &board) {
            PromotionCard &card = screen.world.card(board, PromotionConsole::support);
            card.risk = {};
            card.risk.history = 12;
            card.risk.text = QStringLiteral("too little history: 12 of 50 promotions");
        });
        QTRY_COMPARE(screen.label("riskText"), QStringLiteral("too little history: 12 of 50 promotions"));
        QVERIFY(screen.page.findChild<Badge *>(QStringLiteral("promotionRisk"))->text().isEmpty());
    }

    void votesThatDoNotCountSayWhy()
    {
        Screen screen;
        screen.select(PromotionConsole::support);
        auto *votes = screen.page.findChild<QWidget *>(QStringLiteral("votesList"));
        QStringList spoken;
        for (const QLabel *label : votes->findChildren<QLabel *>())
            spoken << label->accessibleName();
        const QString all = spoken.join(QLatin1Char('\n'));
        QVERIFY2(all.contains(QStringLiteral("bob approved looks good")), qPrintable(all));
        QVERIFY(all.contains(QStringLiteral("given for another digest")));
        QVERIFY(all.contains(QStringLiteral("carol or dave")));
    }

    // Where both boxes stand below each other the checks are still what is seen most of.
    void theChecksHaveRoomBesideBothBoxes()
    {
        Screen screen;
        screen.page.resize(904, 622); // of a window of 1100 x 700
        screen.select(PromotionConsole::support);
        screen.approve()->setFocus();
        screen.world.makeReady(PromotionConsole::support);
        QTRY_VERIFY(!screen.start()->fingerprint().isEmpty());
        QVERIFY(screen.reject()->isVisible());
        QVERIFY(!screen.approve()->isVisible());                                                  // it was given
        QVERIFY(screen.page.findChild<QWidget *>(QStringLiteral("promotionsInbox"))->hasFocus()); // on to the next
        const auto *comment = screen.page.findChild<QLineEdit *>(QStringLiteral("decisionComment"));
        QVERIFY2(comment->placeholderText().startsWith(QStringLiteral("Comment on a rejection")),
                 qPrintable(comment->placeholderText()));
        const auto *rules = screen.page.findChild<QWidget *>(QStringLiteral("rulesList"));
        QTRY_VERIFY2(rules->visibleRegion().boundingRect().height() >= 6 * 31,
                     qPrintable(QString::number(rules->visibleRegion().boundingRect().height())));
        auto *reason = screen.page.findChild<QLineEdit *>(QStringLiteral("operationReason"));
        QVERIFY(reason->isVisible() && reason->width() > 120);
        // Back again where it can be approved.
        screen.select(PromotionConsole::store);
        QVERIFY(screen.approve()->isVisible());
        QVERIFY(comment->placeholderText().startsWith(QStringLiteral("Comment, signed")));
        QVERIFY(!screen.words().isEmpty());
    }

    // Also at dusk, when the system's colours change while somebody reads before they approve.
    void theChecksKeepTheirRoomWhenTheThemeChanges()
    {
        Screen screen;
        screen.page.resize(904, 622); // of a window of 1100 x 700
        screen.select(PromotionConsole::support);
        const auto *rules = screen.page.findChild<QWidget *>(QStringLiteral("rulesList"));
        const auto seen = [rules] {
            QList<QLabel *> labels = rules->findChildren<QLabel *>();
            labels.removeIf([](const QLabel *label) { return !label->isVisible(); });
            return labels;
        };
        const auto isCut = [&seen] {
            const QList<QLabel *> labels = seen();
            return std::any_of(labels.cbegin(), labels.cend(), [](const QLabel *label) {
                return label->height() < label->heightForWidth(label->width());
            });
        };
        QTRY_VERIFY(seen().size() >= 6 && !isCut());
        const QList<QLabel *> before = seen();
        const Theme::Choice first = m_theme->choice();
        const auto back = qScopeGuard([this, first] { m_theme->setChoice(first); });
        for (const Theme::Choice choice : {Theme::Choice::Light, Theme::Choice::Dark}) {
            m_theme->setChoice(choice);
            QCOMPARE(seen(), before); // none of them went for a moment
            QTRY_VERIFY(!isCut());
            QVERIFY(std::any_of(before.cbegin(), before.cend(),
                                [](const QLabel *label) { return label->text().contains(tokens().textSoft.name()); }));
        }
    }
};

QTEST_MAIN(TestPromotionDetail)
#include "test_promotiondetail.moc"
