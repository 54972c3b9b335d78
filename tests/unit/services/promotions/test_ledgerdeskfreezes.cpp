#include "tests/unit/services/promotions/promotionshop.h"

#include <QDir>
#include <QScopeGuard>
#include <QSemaphore>
#include <QTimer>

using namespace signalbox;
using namespace signalbox::test;
using policy::FreezeOrder;
using policy::FreezeReach;

// A freeze is ordered as it was shown, or not at all.
class TestLedgerDeskFreezes : public QObject
{
    Q_OBJECT

    std::unique_ptr<PromotionShop> m_shop;

    static QByteArray policy(const QByteArray &freezers) { return cartPolicy("stops: {freezeBy: " + freezers + "}\n"); }
    std::unique_ptr<Console> console(const char *person) const { return m_shop->console(person); }
    static FreezeOrder order(const QString &application = u("cart"), const QString &environment = u("production"))
    {
        const QDateTime now = QDateTime::currentDateTimeUtc();
        return {application, environment, now.addSecs(-1), now.addSecs(3600), u("end of year")};
    }

    static Plan changeOf(const QString &environment, OperationKind kind, Direction direction)
    {
        Plan plan;
        plan.id = u("plan");
        plan.kind = kind;
        plan.direction = direction;
        plan.application = u("cart");
        plan.environment = environment;
        plan.connection = u("eu");
        plan.ns = environment;
        plan.plannedAt = QDateTime::currentDateTimeUtc();
        PlanStep step;
        step.id = u("1");
        step.title = u("Give green 25 %");
        step.call = {plan.connection, u("PATCH"), u("/route"), {}, "{}"};
        step.expectation.kind = u("route-weights");
        plan.steps = {step};
        plan.bringsNewest = true;
        return plan;
    }

private slots:
    void init() { m_shop = std::make_unique<PromotionShop>(policy("[admins]")); }

    void saysWhatItRefuses_data()
    {
        QTest::addColumn<QString>("application");
        QTest::addColumn<QString>("environment");
        QTest::addColumn<QStringList>("environments");
        QTest::addColumn<QStringList>("applications");
        QTest::addColumn<bool>("isStopped");
        QTest::newRow("here") << u("cart") << u("production") << QStringList{u("production")} << QStringList{u("cart")}
                              << true;
        QTest::newRow("everywhere") << u("*") << u("*") << QStringList{u("staging"), u("production")}
                                    << QStringList{u("cart")} << true;
        QTest::newRow("elsewhere") << u("cart") << u("staging") << QStringList{u("staging")} << QStringList{u("cart")}
                                   << false;
        QTest::newRow("nothing") << u("web-*") << u("moon") << QStringList{} << QStringList{} << false;
    }
    void saysWhatItRefuses()
    {
        QFETCH(QString, application);
        QFETCH(QString, environment);
        QFETCH(QStringList, environments);
        QFETCH(QStringList, applications);
        QFETCH(bool, isStopped);
        const auto dan = console("dan");
        const auto ann = console("ann");
        const QString id = ask(*dan);
        QVERIFY(!id.isEmpty());
        const auto reach = awaited(ann->desk->draftFreeze(order(application, environment), {}));
        QVERIFY2(reach, qPrintable(reach ? QString() : reach.error().message));
        QCOMPARE(reach->environments, environments);
        QCOMPARE(reach->applications, applications);
        QCOMPARE(reach->promotions, isStopped ? QStringList{id} : QStringList{});
        QVERIFY(reach->may.isGiven);
        QVERIFY(ann->desk->board().stops.isEmpty());
        QVERIFY(awaited(ann->desk->freeze(*reach)));
        const policy::PromotionCard card = dan->card(id);
        QCOMPARE(policy::cardStateName(card.state), isStopped ? u("blocked") : u("waiting"));
        const policy::RuleResult *rule = card.decision.rule(policy::Rule::Freeze);
        QCOMPARE(rule && rule->state == policy::RuleResult::State::Block, isStopped);
    }

    // Somebody asks, or the policy changes, between the look and the signature.
    void whatMovedIsNotFrozen_data()
    {
        QTest::addColumn<bool>("isPolicy");
        QTest::addColumn<QString>("words");
        QTest::newRow("a promotion was asked for") << false << u("the promotions that it stops are ");
        QTest::newRow("the policy changed") << true << u("the policy changed");
    }
    void whatMovedIsNotFrozen()
    {
        QFETCH(bool, isPolicy);
        QFETCH(QString, words);
        const auto dan = console("dan");
        const auto ann = console("ann");
        const auto reach = awaited(ann->desk->draftFreeze(order(), {}));
        QVERIFY(reach);
        QString id;
        if (isPolicy) {
            m_shop->changePolicy(policy("[admins, approvers]"));
        } else {
            id = ask(*dan);
            QVERIFY(!id.isEmpty());
        }
        const auto late = awaited(ann->desk->freeze(*reach));
        QVERIFY(!late);
        QCOMPARE(late.error().kind, ErrorKind::Conflict);
        QVERIFY2(late.error().message.contains(words + id), qPrintable(late.error().message));
        QVERIFY(awaited(ann->desk->refresh({})));
        QVERIFY(ann->desk->board().stops.isEmpty());
    }

    void refuses()
    {
        const auto cai = console("cai");
        const auto reach = awaited(cai->desk->draftFreeze(order(), {}));
        QVERIFY(reach && !reach->may.isGiven);
        QCOMPARE(reach->may.reason, u("Only admins may order a freeze."));
        const auto refused = awaited(cai->desk->freeze(*reach));
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Refused);

        const auto ann = console("ann");
        FreezeOrder over = order();
        over.from = over.from.addDays(-2);
        over.until = over.from.addSecs(60);
        const auto late = awaited(ann->desk->draftFreeze(over, {}));
        QVERIFY(!late);
        QCOMPARE(late.error().kind, ErrorKind::Invalid);
        QVERIFY2(late.error().message.contains(u("is over already")), qPrintable(late.error().message));
        QVERIFY2(late.error().message.contains(u(" UTC is over")), qPrintable(late.error().message));
    }

    // Frozen within its times, free between them, listed all the while, ended by a lift.
    void comesAgainUntilItIsLifted_data()
    {
        QTest::addColumn<int>("begunAgo"); // seconds
        QTest::addColumn<bool>("holds");
        QTest::addColumn<int>("nextIn"); // days after the first
        QTest::newRow("within the first") << 60 << true << 0;
        QTest::newRow("between two of them") << 7200 << false << 7;
        QTest::newRow("within the second") << 7 * 86400 + 60 << true << 7;
        QTest::newRow("before the first") << -600 << false << 0;
    }
    void comesAgainUntilItIsLifted()
    {
        QFETCH(int, begunAgo);
        QFETCH(bool, holds);
        QFETCH(int, nextIn);
        const auto dan = console("dan");
        const auto ann = console("ann");
        const QString id = ask(*dan);
        QVERIFY(approve(*ann, id));
        FreezeOrder weekly = order();
        weekly.from = QDateTime::fromSecsSinceEpoch(QDateTime::currentSecsSinceEpoch() - begunAgo, Qt::UTC);
        weekly.repeat = policy::FreezeRepeat{u("FREQ=WEEKLY"), "UTC", std::chrono::hours(1)};
        const auto reach = awaited(ann->desk->draftFreeze(weekly, {}));
        QVERIFY2(reach, qPrintable(reach ? QString() : reach.error().message));
        QVERIFY(reach->order.isEndless());
        QCOMPARE(reach->next.size(), 3);
        const policy::Interval next{weekly.from.addDays(nextIn), weekly.from.addDays(nextIn).addSecs(3600)};
        QCOMPARE(reach->next.first(), next);
        const auto entry = awaited(ann->desk->freeze(*reach));
        QVERIFY2(entry, qPrintable(entry ? QString() : entry.error().message));

        QCOMPARE(policy::cardStateName(dan->card(id).state), holds ? u("blocked") : u("ready"));
        QCOMPARE(dan->desk->board().stops.size(), qsizetype(1));
        const policy::Stop stop = dan->desk->board().stops.first().stop;
        QCOMPARE(stop.entry, *entry);
        QCOMPARE(stop.state, holds ? policy::Stop::State::Holds : policy::Stop::State::Later);
        QCOMPARE(stop.since, next.begin);
        QCOMPARE(stop.until, next.end);

        QVERIFY(awaited(ann->desk->lift(*entry, u("done with it"))));
        QCOMPARE(policy::cardStateName(dan->card(id).state), u("ready"));
        QVERIFY(dan->desk->board().stops.isEmpty());
    }

    void aRuleThatCannotBeReadIsRefused()
    {
        const auto ann = console("ann");
        FreezeOrder wrong = order();
        wrong.repeat = policy::FreezeRepeat{u("EVERY FRIDAY"), "UTC", std::chrono::hours(1)};
        const auto reach = awaited(ann->desk->draftFreeze(wrong, {}));
        QVERIFY(!reach && reach.error().kind == ErrorKind::Invalid);
        FreezeReach seen;
        seen.order = wrong;
        const auto entry = awaited(ann->desk->freeze(seen));
        QVERIFY(!entry && entry.error().kind == ErrorKind::Invalid);
        QVERIFY(ann->desk->board().stops.isEmpty());
    }

    // Finding out that a rule never comes takes a while: the window does not wait for it.
    void aRuleIsReadOnTheQueue_data()
    {
        QTest::addColumn<QString>("rule");
        QTest::addColumn<bool>("comes");
        QTest::newRow("never") << u("FREQ=MONTHLY;BYDAY=6MO") << false;
        QTest::newRow("no rule") << u("EVERY FRIDAY") << false;
        QTest::newRow("24 times a day, since years")
            << u("FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23") << false;
        QTest::newRow("daily, since years") << u("FREQ=DAILY") << true;
    }
    void aRuleIsReadOnTheQueue()
    {
        QFETCH(QString, rule);
        QFETCH(bool, comes);
        const auto ann = console("ann");
        FreezeOrder often = order();
        often.from = QDateTime(QDate(2018, 1, 1), QTime(0, 0), Qt::UTC);
        often.repeat = policy::FreezeRepeat{rule, "UTC", std::chrono::minutes(30)};
        const auto answer = ann->desk->draftFreeze(often, {});
        QVERIFY(!answer.isFinished());
        const auto reach = awaited(answer);
        QCOMPARE(reach.has_value(), comes);
        if (comes)
            QCOMPARE(reach->next.size(), 3);
        else
            QCOMPARE(reach.error().kind, ErrorKind::Invalid);
    }

    // Any change of the place that goes forward is held to it, not promotions alone; nothing holds up what goes back.
    void whatGoesForwardIsHeldAndWhatGoesBackIsNot_data()
    {
        QTest::addColumn<bool>("isHold");
        QTest::addColumn<QString>("environment");
        QTest::newRow("a freeze") << false << u("production");
        QTest::newRow("a hold") << true << u("production");
        QTest::newRow("a freeze, and nobody wrote rules") << false << u("canary");
    }
    void whatGoesForwardIsHeldAndWhatGoesBackIsNot()
    {
        QFETCH(bool, isHold);
        QFETCH(QString, environment);
        const auto ann = console("ann");
        ann->operations->setPolicyChecks(
            [&ann](const Plan &plan, const StopToken &stop) { return ann->desk->checksFor(plan, stop); });
        const auto rehearsed = [&ann, environment](OperationKind kind, Direction direction) {
            const auto made = ann->operations->create(changeOf(environment, kind, direction));
            Operation *const operation = made ? *made : nullptr;
            if (operation)
                operation->start(Operation::Mode::DryRun);
            return finished(operation);
        };
        const auto shift = [&rehearsed] { return rehearsed(OperationKind::TrafficShift, Direction::Forward); };
        const Operation *free = shift();
        QVERIFY(free);
        QCOMPARE(free->outcome()->kind, OutcomeKind::DryRun);
        QString entry;
        if (isHold) {
            const auto held = awaited(ann->desk->hold(u("cart"), environment, u("it went back")));
            QVERIFY2(held, qPrintable(held ? QString() : held.error().message));
            entry = *held;
        } else {
            const auto reach = awaited(ann->desk->draftFreeze(order(u("cart"), environment), {}));
            QVERIFY(reach);
            const auto frozen = awaited(ann->desk->freeze(*reach));
            QVERIFY2(frozen, qPrintable(frozen ? QString() : frozen.error().message));
            entry = *frozen;
        }
        const Operation *stopped = shift();
        QVERIFY(stopped);
        QCOMPARE(stopped->outcome()->kind, OutcomeKind::Refused);
        const QString why = isHold ? u("it went back") : u("end of year");
        QVERIFY2(stopped->outcome()->message.contains(why), qPrintable(stopped->outcome()->message));
        const Operation *back = rehearsed(OperationKind::Rollback, Direction::Back);
        QVERIFY(back);
        QCOMPARE(back->outcome()->kind, OutcomeKind::DryRun);
        for (const Check &check : back->plan().checks)
            QVERIFY2(check.id != CheckId::FreezeWindow && check.id != CheckId::Policy, qPrintable(check.text));
        QVERIFY(awaited(ann->desk->lift(entry, u("done with it"))));
        const Operation *lifted = shift();
        QVERIFY(lifted);
        QCOMPARE(lifted->outcome()->kind, OutcomeKind::DryRun);
    }

    // The same freeze stops what brings the newest beyond doubt, and warns whoever moves traffic otherwise, or mends.
    void onlyWhatBringsTheNewestIsStopped_data()
    {
        QTest::addColumn<OperationKind>("kind");
        QTest::addColumn<bool>("bringsNewest");
        QTest::addColumn<bool>("isStopped");
        QTest::newRow("more to the newest") << OperationKind::TrafficShift << true << true;
        QTest::newRow("a share") << OperationKind::TrafficShift << false << false;
        QTest::newRow("a switch") << OperationKind::TrafficSwitch << false << false;
        QTest::newRow("a restart") << OperationKind::Restart << false << false;
        QTest::newRow("a roll-out goes on") << OperationKind::Resume << false << false;
        QTest::newRow("a deployed revision") << OperationKind::Rollback << false << true;
    }
    void onlyWhatBringsTheNewestIsStopped()
    {
        QFETCH(OperationKind, kind);
        QFETCH(bool, bringsNewest);
        QFETCH(bool, isStopped);
        const auto ann = console("ann");
        ann->operations->setPolicyChecks(
            [&ann](const Plan &plan, const StopToken &stop) { return ann->desk->checksFor(plan, stop); });
        const auto reach = awaited(ann->desk->draftFreeze(order(), {}));
        QVERIFY(reach);
        QVERIFY(awaited(ann->desk->freeze(*reach)));
        Plan plan = changeOf(u("production"), kind, Direction::Forward);
        plan.bringsNewest = bringsNewest;
        const auto made = ann->operations->create(plan);
        QVERIFY(made);
        (*made)->start(Operation::Mode::DryRun);
        const Operation *done = finished(*made);
        QVERIFY(done);
        QCOMPARE(done->outcome()->kind, isStopped ? OutcomeKind::Refused : OutcomeKind::DryRun);
        const QList<Check> checks = done->plan().checks;
        QVERIFY(std::any_of(checks.cbegin(), checks.cend(), [](const Check &check) {
            return check.state != CheckState::Pass && check.detail.contains(u("end of year"));
        }));
    }

    // By hand as well: with a reason, by whom the policy lets, owed until others countersign.
    void whoCannotWaitBreaksTheGlass_data()
    {
        QTest::addColumn<bool>("isHold");
        QTest::newRow("a freeze") << false;
        QTest::newRow("a hold") << true;
    }
    void whoCannotWaitBreaksTheGlass()
    {
        QFETCH(bool, isHold);
        m_shop = std::make_unique<PromotionShop>(
            cartPolicy("stops: {freezeBy: [admins]}\n"
                       "breakGlass: {roles: [approvers], countersignRoles: [admins, approvers]}\n"));
        const auto ann = console("ann");
        const auto cai = console("cai");
        const auto dan = console("dan");
        const auto there = [](const Console &who) {
            return awaited(who.desk->draftGlassAt(u("cart"), u("production"), {}));
        };
        const auto needless = there(*cai); // nobody is owed for what nothing stops
        QVERIFY(!needless && needless.error().kind == ErrorKind::Refused);
        QVERIFY2(needless.error().message.contains(u("no need")), qPrintable(needless.error().message));
        if (isHold) {
            QVERIFY(awaited(ann->desk->hold(u("cart"), u("production"), u("end of year"))));
        } else {
            const auto reach = awaited(ann->desk->draftFreeze(order(), {}));
            QVERIFY(reach);
            QVERIFY(awaited(ann->desk->freeze(*reach)));
        }
        const auto stopped = [](const Console &who, CheckState state) -> std::optional<Check> {
            const auto checks = awaited(
                who.desk->checksFor(changeOf(u("production"), OperationKind::TrafficShift, Direction::Forward), {}));
            for (const Check &check : checks ? *checks : QList<Check>()) {
                if (check.state == state && check.detail.contains(u("end of year")))
                    return check;
            }
            return {};
        };
        const auto notHis = stopped(*dan, CheckState::Block);
        QVERIFY(notHis);
        QVERIFY2(notHis->wayOut.contains(u("cai")) && notHis->wayOut.endsWith(u("may break the glass.")),
                 qPrintable(notHis->wayOut));
        const auto notShown = there(*dan);
        QVERIFY(!notShown && notShown.error().kind == ErrorKind::Refused);

        const auto before = stopped(*cai, CheckState::Block);
        QVERIFY(before);
        QVERIFY2(before->wayOut.contains(u("signalbox break-glass cart production")), qPrintable(before->wayOut));
        const auto seen = there(*cai);
        QVERIFY2(seen, qPrintable(seen ? QString() : seen.error().message));
        const auto refused = awaited(dan->desk->breakGlassAt(*seen, u("the shop is down")));
        QVERIFY(!refused && refused.error().kind == ErrorKind::Refused);
        const auto unsaid = awaited(cai->desk->breakGlassAt(*seen, u(" ")));
        QVERIFY(!unsaid && unsaid.error().kind == ErrorKind::Invalid);
        policy::Subject other = *seen;
        other.digest = u("sha256:") + QString(64, u'e');
        const auto moved = awaited(cai->desk->breakGlassAt(other, u("the shop is down")));
        QVERIFY(!moved && moved.error().kind == ErrorKind::Conflict);
        const auto broken = awaited(cai->desk->breakGlassAt(*seen, u("the shop is down")));
        QVERIFY2(broken, qPrintable(broken ? QString() : broken.error().message));
        const auto twice = awaited(cai->desk->breakGlassAt(*seen, u("the shop is down")));
        QVERIFY(!twice && twice.error().kind == ErrorKind::Refused);
        QVERIFY(!stopped(*cai, CheckState::Block));
        QVERIFY(stopped(*cai, CheckState::Warn));

        const auto board = awaited(cai->desk->refresh({}));
        QVERIFY(board);
        QCOMPARE(board->debts.size(), qsizetype(1));
        const policy::Glass glass = board->debts.first().glass;
        QCOMPARE(glass.entry, *broken);
        QCOMPARE(glass.reason, u("the shop is down"));
        QVERIFY(glass.subject == *seen);
        QCOMPARE(glass.owed, 2);
        QVERIFY(awaited(ann->desk->countersign(*broken, u("seen"))));
        QVERIFY(awaited(console("bob")->desk->countersign(*broken, u("seen"))));
        QVERIFY(awaited(cai->desk->refresh({}))->debts.isEmpty());
        QVERIFY(m_shop->isWhole());
    }

    // Unlike the second of two claims neither is left out: what it let through may be done by the time that the other
    // is heard of.
    void twoWhoActAloneAtOnceBothAnswerForIt()
    {
        m_shop = std::make_unique<PromotionShop>(
            cartPolicy("stops: {freezeBy: [admins]}\n"
                       "breakGlass: {roles: [approvers], countersignRoles: [admins, approvers]}\n"));
        const auto ann = console("ann");
        const auto bob = console("bob");
        const auto cai = console("cai");
        QVERIFY(awaited(ann->desk->hold(u("cart"), u("production"), u("end of year"))));
        const auto seen = awaited(bob->desk->draftGlassAt(u("cart"), u("production"), {}));
        QVERIFY2(seen, qPrintable(seen ? QString() : seen.error().message));
        const auto first = bob->desk->breakGlassAt(*seen, u("the shop is down"));
        const auto second = cai->desk->breakGlassAt(*seen, u("the shop is down"));
        QStringList broken;
        for (const auto &each : {first, second}) {
            const auto entry = awaited(each);
            if (entry)
                broken.append(*entry);
            else // it heard of the other in time
                QCOMPARE(entry.error().kind, ErrorKind::Refused);
        }
        QVERIFY(!broken.isEmpty());
        const auto board = awaited(ann->desk->refresh({}));
        QVERIFY(board);
        QStringList owed;
        for (const policy::BoardDebt &debt : board->debts)
            owed.append(debt.glass.entry);
        owed.sort();
        broken.sort();
        QCOMPARE(owed, broken);
        QVERIFY(m_shop->isWhole());
    }

    // A hold that came with a way back stops nobody who mends by hand.
    void whatStopsSaysWhatToDo_data()
    {
        QTest::addColumn<QByteArray>("more"); // of the policy
        QTest::addColumn<bool>("isRolledBack");
        QTest::addColumn<CheckState>("worst");
        const QByteArray always = "{name: always, zone: UTC, span: {from: 2020-01-01, to: 2035-01-01}}";
        QTest::newRow("nothing") << QByteArray() << false << CheckState::Pass;
        QTest::newRow("the policy's freeze")
            << QByteArray("freezes:\n  - " + always + "\n") << false << CheckState::Block;
        QTest::newRow("rolled back") << QByteArray() << true << CheckState::Warn;
    }
    void whatStopsSaysWhatToDo()
    {
        QFETCH(QByteArray, more);
        QFETCH(bool, isRolledBack);
        QFETCH(CheckState, worst);
        m_shop = std::make_unique<PromotionShop>(cartPolicy(more));
        const auto ann = console("ann");
        if (isRolledBack) {
            const Plan back = changeOf(u("production"), OperationKind::Rollback, Direction::Back);
            QVERIFY(finished(start(*ann, Result<Plan>(back))));
            QTRY_VERIFY(!awaited(ann->desk->refresh({}))->stops.isEmpty());
        }
        const auto checks =
            awaited(ann->desk->checksFor(changeOf(u("production"), OperationKind::Rollback, Direction::Forward), {}));
        QVERIFY2(checks, qPrintable(checks ? QString() : checks.error().message));
        CheckState found = CheckState::Pass;
        for (const Check &check : *checks) {
            QVERIFY2(check.text != policy::ruleTitle(policy::Rule::OneAtATime), qPrintable(check.text));
            QVERIFY2(check.state == CheckState::Pass || !check.wayOut.isEmpty(), qPrintable(check.text));
            found = std::max(found, check.state);
        }
        QCOMPARE(found, worst);
    }

    // A remote that hangs: what is known here is judged in time, and not asked for again at once.
    void aHangingLedgerHoldsNothingUp()
    {
        const auto ann = console("ann");
        ann->checksLimit = std::chrono::milliseconds(200);
        ann->checksMayBeOld = std::chrono::seconds(30);
        ann->sitDown();
        QVERIFY(awaited(ann->desk->hold(u("cart"), u("production"), u("it went back"))));
        ann->sitDown();
        ann->book->hanging = std::make_shared<QPromise<Result<void>>>();
        ann->book->hanging->start();
        const int before = ann->book->caughtUp;
        const Plan plan = changeOf(u("production"), OperationKind::TrafficShift, Direction::Forward);
        for (int look = 0; look < 2; ++look) {
            const auto checks = awaited(ann->desk->checksFor(plan, {}));
            QVERIFY2(checks, qPrintable(checks ? QString() : checks.error().message));
            QVERIFY(std::any_of(checks->cbegin(), checks->cend(), [](const Check &check) {
                return check.state == CheckState::Block && check.detail.contains(u("it went back"));
            }));
            QVERIFY2(checks->last().text.contains(u("The shared ledger cannot be reached")),
                     qPrintable(checks->last().text));
        }
        QCOMPARE(ann->book->caughtUp, before + 1);
        ann->book->hanging->finish();
    }

    // Verifying a long ledger takes long: that is no remote that cannot be reached.
    void whatTakesLongToVerifyWasReached()
    {
        const auto ann = console("ann");
        QVERIFY(awaited(ann->desk->hold(u("cart"), u("production"), u("it went back"))));
        const auto mayGoOn = std::make_shared<QSemaphore>();
        const auto letGo = qScopeGuard([mayGoOn] { mayGoOn->release(1000); });
        ann->checksLimit = std::chrono::milliseconds(50);
        ann->whileRead = [mayGoOn] { mayGoOn->acquire(); };
        ann->sitDown();
        ann->book->hanging = std::make_shared<QPromise<Result<void>>>(); // which answers at once
        ann->book->hanging->start();
        ann->book->hanging->addResult(Result<void>());
        ann->book->hanging->finish();
        const auto answer =
            ann->desk->checksFor(changeOf(u("production"), OperationKind::TrafficShift, Direction::Forward), {});
        QTimer::singleShot(ann->checksLimit * 4, ann->desk.get(), [mayGoOn] { mayGoOn->release(1000); });
        const auto checks = awaited(answer);
        QVERIFY2(checks, qPrintable(checks ? QString() : checks.error().message));
        QVERIFY(std::any_of(checks->cbegin(), checks->cend(),
                            [](const Check &check) { return check.detail.contains(u("it went back")); }));
        QVERIFY(std::none_of(checks->cbegin(), checks->cend(), [](const Check &check) {
            return check.text.contains(u("The shared ledger cannot be reached"));
        }));
    }

    // A ledger that nobody can reach holds nothing up by itself, and is told.
    void anUnreachableLedgerIsTold_data()
    {
        QTest::addColumn<bool>("hasCopy");
        QTest::addColumn<QString>("words");
        QTest::newRow("a copy of it is here") << true << u("The shared ledger cannot be reached");
        QTest::newRow("no copy is here") << false << u("the ledger cannot be read");
    }
    void anUnreachableLedgerIsTold()
    {
        QFETCH(bool, hasCopy);
        QFETCH(QString, words);
        const auto ann = m_shop->console("ann", Console::Sharing::Remote);
        if (hasCopy)
            QVERIFY(awaited(ann->desk->refresh({})));
        QVERIFY(QDir(m_shop->forge.path()).removeRecursively());
        const Plan plan = changeOf(u("production"), OperationKind::TrafficShift, Direction::Forward);
        const auto checks = awaited(ann->desk->checksFor(plan, {}));
        QVERIFY2(checks, qPrintable(checks ? QString() : checks.error().message));
        QVERIFY(!checks->isEmpty());
        QCOMPARE(checks->last().state, CheckState::Warn);
        QVERIFY2(checks->last().text.contains(words), qPrintable(checks->last().text));
        for (const Check &check : *checks)
            QVERIFY2(check.state != CheckState::Block, qPrintable(check.text));
    }

    // What is under way is not stopped, what is over cannot be.
    void namesOnlyWhatWouldHaveToWait()
    {
        const auto dan = console("dan");
        const auto ann = console("ann");
        const QString rejected = ask(*dan);
        QCOMPARE(awaited(ann->desk->draftFreeze(order(), {}))->promotions, QStringList{rejected});
        QVERIFY(awaited(ann->desk->reject(seenOf(ann->card(rejected)), u("not today"))));
        QVERIFY(awaited(ann->desk->draftFreeze(order(), {}))->promotions.isEmpty());
        const QString id = ask(*dan);
        QVERIFY(approve(*ann, id));
        QCOMPARE(awaited(ann->desk->draftFreeze(order(), {}))->promotions, QStringList{id});
        Operation *operation = startAndHold(*dan, planOf(*dan, id));
        QVERIFY(operation);
        QVERIFY(awaited(ann->desk->draftFreeze(order(), {}))->promotions.isEmpty());
        dan->cluster.give(Receipt{});
        QTRY_VERIFY(operation->isFinished());
        QTRY_VERIFY(dan->desk->isSettled());
    }
};

QTEST_GUILESS_MAIN(TestLedgerDeskFreezes)
#include "test_ledgerdeskfreezes.moc"
