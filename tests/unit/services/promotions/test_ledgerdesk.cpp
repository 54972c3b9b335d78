#include "tests/unit/services/promotions/promotionworld.h"

#include <QSignalSpy>

#include <atomic>

using namespace signalbox;
using namespace signalbox::test;
using policy::PromotionCard;

namespace
{

// As a security key: each signature wants a touch.
class TouchSigner : public ssh::Signer
{
public:
    explicit TouchSigner(std::shared_ptr<ssh::Signer> key)
        : m_key(std::move(key))
    {}
    const ssh::PublicKey &publicKey() const override { return m_key->publicKey(); }
    QString description() const override { return m_key->description(); }
    bool needsTouch() const override { return true; }
    QFuture<Result<QByteArray>> signData(QByteArray data, StopToken stop) override
    {
        ++touches;
        return m_key->signData(std::move(data), std::move(stop));
    }
    std::atomic<int> touches{0};

private:
    std::shared_ptr<ssh::Signer> m_key;
};

} // namespace

// Several people at one ledger: what each may do, and that exactly one carries a promotion out.
class TestLedgerDesk : public QObject
{
    Q_OBJECT

    std::unique_ptr<Forge> m_forge;

    static QByteArray policy(const QByteArray &more = {}, const QByteArray &quorum = "[{count: 1, roles: [approvers]}]")
    {
        QByteArray text = "version: 1\nworkspace: shop\nprincipals:\n";
        for (const char *person : {"ann", "bob", "cai", "dan"})
            text += QByteArray("  - {name: ") + person + ", emails: [" + person + "@shop.example]}\n";
        return text +
               "roles:\n"
               "  - {name: admins, members: [ann, bob]}\n"
               "  - {name: approvers, members: [ann, bob, cai]}\n"
               "  - {name: developers, members: [dan]}\n"
               "paths:\n"
               "  - environments: [staging, production]\n"
               "environments:\n"
               "  - {environment: staging, noFiringAlerts: false}\n"
               "  - environment: production\n"
               "    approvals: " +
               quorum +
               "\n    veto: [admins]\n"
               "    noFiringAlerts: false\n"
               "    notAuthor: false\n" +
               more;
    }

    void begin(const QByteArray &text)
    {
        m_forge = std::make_unique<Forge>();
        ForgedCommit first;
        first.files = {{u("allowed_signers"), m_forge->allowedSigners()}, {u("policy.yaml"), text}};
        first.at = QDateTime::currentDateTimeUtc().addSecs(-3600);
        m_forge->commit(first);
    }
    std::unique_ptr<Console> console(const char *person, Console::Sharing sharing = Console::Sharing::SamePath) const
    {
        return std::make_unique<Console>(m_forge->path(), u(person), m_forge->signer(u(person)), sharing);
    }
    static QString ask(Console &by)
    {
        const auto draft = awaited(by.desk->draft({u("cart"), u("production"), {}, {}, u("it is time")}, {}));
        if (!draft)
            qWarning("%s", qPrintable(draft.error().message));
        const auto id = draft ? awaited(by.desk->request(*draft)) : Result<QString>(draft.error());
        if (!id)
            qWarning("%s", qPrintable(id.error().message));
        return id.value_or(QString());
    }
    static Result<QString> approve(Console &by, const QString &promotion)
    {
        return awaited(by.desk->approve(seenOf(by.card(promotion)), u("fine")));
    }
    static Operation *start(Console &by, const Result<Plan> &plan)
    {
        if (!plan) {
            qWarning("%s", qPrintable(plan.error().message));
            return nullptr;
        }
        const auto made = by.operations->create(*plan);
        if (!made)
            return nullptr;
        Operation *operation = *made;
        QObject::connect(operation, &Operation::stateChanged, operation, [operation](OperationState state) {
            if (state == OperationState::AwaitingConfirmation)
                QTimer::singleShot(0, operation, [operation] { operation->confirm(operation->plan().fingerprint()); });
        });
        operation->start();
        return operation;
    }

private slots:
    void init() { begin(policy()); }

    void asksApprovesAndCarriesOut()
    {
        const auto dan = console("dan");
        const auto ann = console("ann");
        const QString id = ask(*dan);
        QVERIFY(!id.isEmpty());
        PromotionCard card = ann->card(id);
        QCOMPARE(policy::cardStateName(card.state), u("waiting"));
        QCOMPARE(card.requester, u("dan"));
        QCOMPARE(card.request.version, u("1.5.0"));
        QCOMPARE(card.request.replacesDigest, digestOf('1'));
        QVERIFY2(card.mayApprove.isGiven, qPrintable(card.mayApprove.reason));
        const auto entry = approve(*ann, id);
        QVERIFY2(entry, qPrintable(entry ? QString() : entry.error().message));
        card = dan->card(id);
        QCOMPARE(policy::cardStateName(card.state), u("ready"));
        QCOMPARE(card.votes.size(), qsizetype(1));
        QCOMPARE(card.votes.first().who, u("ann"));
        QVERIFY(card.mayStart.isGiven);
        QSignalSpy settled(dan->desk.get(), &LedgerDesk::settled);
        Operation *operation = start(*dan, awaited(dan->desk->plan(seenOf(card), {})));
        QVERIFY(operation);
        QTRY_VERIFY(operation->isFinished());
        QCOMPARE(operation->outcome()->kind, OutcomeKind::Done);
        QCOMPARE(dan->cluster.count(u("execute 1")), 1);
        QTRY_COMPARE(settled.size(), 1);
        card = ann->card(id);
        QCOMPARE(policy::cardStateName(card.state), u("done"));
        QCOMPARE(card.decision.claimant, u("dan"));
        QVERIFY(card.outcome->observedAt.isValid());
        QVERIFY(!ann->card(id).mayApprove.isGiven);
    }

    // Whoever is first wins; the others change nothing and say so.
    // A rejection that is made to disappear does not let anybody go on.
    void aLedgerThatIsRewoundUnderTheConsoleIsNotDecidedBy()
    {
        const auto dan = console("dan");
        const auto bob = console("bob");
        const auto cai = console("cai");
        const QString promotion = ask(*dan);
        QVERIFY(!promotion.isEmpty());
        const QByteArray before = m_forge->tip();
        QVERIFY(awaited(bob->desk->reject(seenOf(bob->card(promotion)), u("no"))));
        QVERIFY(awaited(cai->desk->refresh({})));
        const SeenPromotion seen = seenOf(dan->card(promotion));
        m_forge->moveTo(before);
        const auto board = awaited(cai->desk->refresh({}));
        QVERIFY(!board);
        QCOMPARE(board.error().kind, ErrorKind::Refused);
        QVERIFY2(board.error().message.contains(u("rewound")), qPrintable(board.error().message));
        QCOMPARE(cai->desk->board().ledgerFreshness.state, Freshness::State::Stale);
        const auto approved = awaited(cai->desk->approve(seen, u("fine")));
        QVERIFY(!approved);
        QCOMPARE(m_forge->tip(), before);
    }

    void threeConsolesCarryItOutOnce_data()
    {
        QTest::addColumn<bool>("isShared");
        QTest::newRow("one path") << false;
        QTest::newRow("copies, shared through a repository") << true;
    }
    void threeConsolesCarryItOutOnce()
    {
        QFETCH(bool, isShared);
        const auto sharing = isShared ? Console::Sharing::Remote : Console::Sharing::SamePath;
        std::vector<std::unique_ptr<Console>> consoles;
        for (const char *person : {"dan", "ann", "bob"})
            consoles.push_back(console(person, sharing));
        const QString id = ask(*consoles[0]);
        const auto cai = console("cai", sharing);
        QVERIFY(approve(*cai, id));
        QList<QFuture<Result<Plan>>> plans;
        for (const auto &one : consoles) {
            QVERIFY(one->card(id).mayStart.isGiven);
            plans.append(one->desk->plan(seenOf(one->card(id)), {}));
        }
        QList<Result<Plan>> made;
        for (const auto &plan : plans)
            made.append(awaited(plan));
        QList<Operation *> operations; // all begin in one turn of the loop
        for (qsizetype i = 0; i < made.size(); ++i)
            operations.append(start(*consoles[static_cast<size_t>(i)], made.at(i)));
        int done = 0;
        int late = 0;
        int executed = 0;
        for (Operation *operation : operations) {
            QVERIFY(operation);
            QTRY_VERIFY_WITH_TIMEOUT(operation->isFinished(), 20000);
            done += operation->outcome()->kind == OutcomeKind::Done ? 1 : 0;
            late += operation->outcome()->kind == OutcomeKind::Conflict ? 1 : 0;
        }
        for (const auto &one : consoles)
            executed += one->cluster.count(u("execute 1"));
        QCOMPARE(done, 1);
        QCOMPARE(late, 2);
        QCOMPARE(executed, 1);
        for (const auto &one : consoles)
            QTRY_VERIFY(one->desk->isSettled());
        const auto chain = ledger::verifyChain(m_forge->path(), {}, {});
        QVERIFY(chain && chain->isWhole()); // no second claim was written
        QCOMPARE(policy::cardStateName(cai->card(id).state), u("done"));
    }

    // Nobody has a console open: it stays ready, and the first that comes back carries it out.
    void withNoConsoleOpenItWaits()
    {
        QString id;
        {
            const auto dan = console("dan");
            id = ask(*dan);
            const auto ann = console("ann");
            QVERIFY(approve(*ann, id));
        }
        const auto dan = console("dan");
        const PromotionCard card = dan->card(id);
        QCOMPARE(policy::cardStateName(card.state), u("ready"));
        Operation *operation = start(*dan, awaited(dan->desk->plan(seenOf(card), {})));
        QVERIFY(operation);
        QTRY_VERIFY(operation->isFinished());
        QCOMPARE(operation->outcome()->kind, OutcomeKind::Done);
        QTRY_VERIFY(dan->desk->isSettled());
    }

    // It neither keeps whoever may carry it out from doing so, nor counts.
    void aClaimOfSomebodyWhoMayNotTakesNothingAway()
    {
        const auto ann = console("ann");
        const auto bob = console("bob");
        const QString id = ask(*ann);
        QVERIFY(approve(*bob, id));
        const policy::Decision before = ann->card(id).decision;
        m_forge->add(policy::Claim{id, before.subject, before.policyCommit}, u("dan"), QDateTime::currentDateTimeUtc());
        const PromotionCard card = ann->card(id);
        QCOMPARE(policy::cardStateName(card.state), u("ready"));
        Operation *operation = start(*ann, awaited(ann->desk->plan(seenOf(card), {})));
        QVERIFY(operation);
        QTRY_VERIFY(operation->isFinished());
        QVERIFY2(operation->outcome()->kind == OutcomeKind::Done, qPrintable(operation->outcome()->message));
        QTRY_VERIFY(ann->desk->isSettled());
        QCOMPARE(ann->card(id).decision.claimant, u("ann"));
    }

    // The program ended after the effect and before it could say so: the next one does.
    void anOutcomeThatWasNotRecordedIsMadeUpFor()
    {
        const auto dan = console("dan");
        const auto ann = console("ann");
        const QString id = ask(*dan);
        QVERIFY(approve(*ann, id));
        dan->cluster.holdsExecute = true;
        Operation *operation = start(*dan, awaited(dan->desk->plan(seenOf(dan->card(id)), {})));
        QVERIFY(operation);
        QTRY_VERIFY(dan->cluster.isHolding());
        dan->desk.reset();
        dan->cluster.give(Receipt{});
        QTRY_VERIFY(operation->isFinished());
        QTRY_VERIFY(dan->operations->isIdle());
        QCOMPARE(policy::cardStateName(ann->card(id).state), u("underWay"));
        dan->sitDown(std::chrono::seconds(0));
        QTRY_COMPARE(policy::cardStateName(dan->card(id).state), u("done"));
        const PromotionCard card = ann->card(id);
        QVERIFY(card.outcome && card.outcome->observedAt.isValid());
        QCOMPARE(card.outcome->operation, operation->id());
    }

    // An admin may end a claim although its claimant is still at work: the ledger keeps that, and the claimant is told.
    void aClaimIsClosedWhileItsClaimantIsAtWork()
    {
        const auto dan = console("dan");
        const auto ann = console("ann");
        const auto cai = console("cai");
        const QString id = ask(*dan);
        QVERIFY(approve(*cai, id));
        dan->cluster.holdsExecute = true;
        Operation *operation = start(*dan, awaited(dan->desk->plan(seenOf(dan->card(id)), {})));
        QVERIFY(operation);
        QTRY_VERIFY(dan->cluster.isHolding());
        QCOMPARE(policy::cardStateName(ann->card(id).state), u("underWay"));
        const auto refused = awaited(cai->desk->closeClaim(seenOf(cai->card(id)), OutcomeKind::Unknown, u("late")));
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Refused);
        QVERIFY2(refused.error().message.contains(u("claimant or an admin")), qPrintable(refused.error().message));
        QVERIFY(awaited(ann->desk->closeClaim(seenOf(ann->card(id)), OutcomeKind::Unknown, u("no answer"))));
        QCOMPARE(policy::cardStateName(cai->card(id).state), u("ended"));
        QSignalSpy problems(dan->desk.get(), &PromotionDesk::problemOccurred);
        dan->cluster.give(Receipt{});
        QTRY_VERIFY(operation->isFinished());
        QCOMPARE(operation->outcome()->kind, OutcomeKind::Done);
        QTRY_COMPARE(problems.size(), 1);
        const Error told = problems.first().first().value<Error>();
        QCOMPARE(told.kind, ErrorKind::Conflict);
        QVERIFY2(told.message.contains(u("ann had closed its claim")), qPrintable(told.message));
        QTRY_VERIFY(dan->desk->isSettled());
        const PromotionCard card = cai->card(id);
        QCOMPARE(policy::cardStateName(card.state), u("ended"));
        QCOMPARE(card.outcome->kind, OutcomeKind::Unknown);
        QCOMPARE(card.outcome->message, u("no answer"));
        QVERIFY(!awaited(ann->desk->closeClaim(seenOf(card), OutcomeKind::Unknown, u("again")))); // nothing is open
        const auto chain = ledger::verifyChain(m_forge->path(), {}, {});
        QVERIFY(chain && chain->isWhole());
    }

    // The claimant's machine is gone, and with it what would have been said: an admin ends it, and the next can go on.
    void aClaimWhoseOutcomeWasLostIsClosed_data()
    {
        QTest::addColumn<QString>("by");
        QTest::newRow("an admin") << u("ann");
        QTest::newRow("the claimant, elsewhere") << u("dan");
    }
    void aClaimWhoseOutcomeWasLostIsClosed()
    {
        QFETCH(QString, by);
        const auto cai = console("cai");
        QString id;
        {
            const auto dan = console("dan");
            id = ask(*dan);
            QVERIFY(approve(*cai, id));
            dan->cluster.holdsExecute = true;
            Operation *operation = start(*dan, awaited(dan->desk->plan(seenOf(dan->card(id)), {})));
            QVERIFY(operation);
            QTRY_VERIFY(dan->cluster.isHolding());
            dan->desk.reset();
            dan->cluster.give(Receipt{});
            QTRY_VERIFY(operation->isFinished());
            QTRY_VERIFY(dan->operations->isIdle());
        }
        const auto who = console(qPrintable(by));
        PromotionCard card = who->card(id);
        QCOMPARE(policy::cardStateName(card.state), u("underWay")); // and stands in the way
        QVERIFY(awaited(who->desk->closeClaim(seenOf(card), OutcomeKind::Unknown, u("the laptop is lost"))));
        card = cai->card(id);
        QCOMPARE(policy::cardStateName(card.state), u("ended"));
        QCOMPARE(card.outcome->message, u("the laptop is lost"));
        QVERIFY(!card.outcome->observedAt.isValid()); // nobody saw an effect
        const QString next = ask(*who);
        QVERIFY(!next.isEmpty());
        QVERIFY(approve(*cai, next));
        QVERIFY(who->card(next).mayStart.isGiven);
        const auto chain = ledger::verifyChain(m_forge->path(), {}, {});
        QVERIFY(chain && chain->isWhole());
    }

    // Somebody who came second recorded an operation for the same release, after the claim that won.
    void anothersLostOperationIsNotTheOutcome()
    {
        const auto dan = console("dan");
        const auto ann = console("ann");
        const auto bob = console("bob");
        const QString id = ask(*dan);
        QVERIFY(approve(*bob, id));
        const auto first = awaited(dan->desk->plan(seenOf(dan->card(id)), {}));
        const auto second = awaited(ann->desk->plan(seenOf(ann->card(id)), {}));
        dan->cluster.holdsExecute = true;
        Operation *running = start(*dan, first);
        QVERIFY(running);
        QTRY_VERIFY(dan->cluster.isHolding());
        Operation *lost = start(*ann, second);
        QVERIFY(lost);
        QTRY_VERIFY(lost->isFinished());
        QCOMPARE(lost->outcome()->kind, OutcomeKind::Conflict);
        QTRY_VERIFY(ann->operations->isIdle());
        const auto elsewhere = console("dan"); // another machine: the operation is not its own
        elsewhere->sitDown(std::chrono::seconds(0));
        for (int look = 0; look < 4; ++look) {
            QCOMPARE(policy::cardStateName(elsewhere->card(id).state), u("underWay"));
            QTest::qWait(50);
            QTRY_VERIFY(elsewhere->desk->isSettled());
        }
        dan->cluster.give(Receipt{});
        QTRY_VERIFY(running->isFinished());
        QTRY_VERIFY(dan->desk->isSettled());
        const PromotionCard card = ann->card(id);
        QVERIFY(card.outcome);
        QCOMPARE(card.outcome->kind, OutcomeKind::Done);
        QCOMPARE(card.outcome->operation, running->id());
    }

    void refuses_data()
    {
        QTest::addColumn<QString>("who");
        QTest::addColumn<QString>("reason");
        QTest::newRow("the requester") << "ann"
                                       << "You asked for it: somebody else has to approve.";
        QTest::newRow("somebody without the role") << "dan"
                                                   << "Only approvers may approve it.";
        QTest::newRow("a key nobody knows") << "eve"
                                            << "allowed_signers does not have your key";
    }

    void refuses()
    {
        QFETCH(QString, who);
        QFETCH(QString, reason);
        const auto ann = console("ann");
        const QString id = ask(*ann);
        const auto other = who == u("ann") ? nullptr : console(who.toLatin1().constData());
        Console &by = other ? *other : *ann;
        const PromotionCard card = by.card(id);
        QVERIFY2(card.mayApprove.reason.contains(reason), qPrintable(card.mayApprove.reason));
        const auto refused = awaited(by.desk->approve(seenOf(card), {}));
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Refused);
        QVERIFY(ann->card(id).votes.isEmpty());
    }

    // What was looked at is not what is there any more: nothing is written.
    void aMovedDigestIsAConflict()
    {
        const auto dan = console("dan");
        const auto ann = console("ann");
        const auto bob = console("bob");
        const QString id = ask(*dan);
        QVERIFY(approve(*bob, id));
        const SeenPromotion seen = seenOf(ann->card(id));
        for (Console *one : {dan.get(), ann.get(), bob.get()})
            one->put(u("staging"), u("1.5.0"), digestOf('8')); // the same tag, built again
        const auto late = awaited(ann->desk->approve(seen, {}));
        QVERIFY(!late);
        QCOMPARE(late.error().kind, ErrorKind::Conflict);
        const auto plan = awaited(dan->desk->plan(seen, {}));
        QVERIFY(!plan);
        QCOMPARE(plan.error().kind, ErrorKind::Conflict);
        const PromotionCard card = ann->card(id);
        QCOMPARE(card.votes.size(), qsizetype(1));
        QVERIFY(!card.votes.first().counts);
        QVERIFY2(card.votes.first().whyNot.contains(u("what would go out now")), qPrintable(card.votes.first().whyNot));
    }

    void aChangedPolicyIsAConflict()
    {
        const auto dan = console("dan");
        const auto ann = console("ann");
        const QString id = ask(*dan);
        const SeenPromotion seen = seenOf(ann->card(id));
        ForgedCommit change;
        change.files = {{u("policy.yaml"), policy({}, "[{count: 2, roles: [approvers]}]")}};
        change.by = u("ann");
        change.at = QDateTime::currentDateTimeUtc();
        const QByteArray commit = m_forge->commit(change);
        m_forge->add(policy::PolicyCountersign{QString::fromLatin1(commit), {}}, u("bob"),
                     QDateTime::currentDateTimeUtc());
        const auto late = awaited(ann->desk->approve(seen, {}));
        QVERIFY(!late);
        QCOMPARE(late.error().kind, ErrorKind::Conflict);
        QVERIFY(ann->card(id).votes.isEmpty());
    }

    void aPlanIsRefusedAfterAVetoBetweenPlanAndClaim()
    {
        const auto dan = console("dan");
        const auto ann = console("ann");
        const auto bob = console("bob");
        const QString id = ask(*dan);
        QVERIFY(approve(*ann, id));
        const auto plan = awaited(dan->desk->plan(seenOf(dan->card(id)), {}));
        QVERIFY(awaited(bob->desk->reject(seenOf(bob->card(id)), u("not today"))));
        Operation *operation = start(*dan, plan);
        QVERIFY(operation);
        QTRY_VERIFY(operation->isFinished());
        QCOMPARE(operation->outcome()->kind, OutcomeKind::Refused);
        QCOMPARE(dan->cluster.count(u("execute 1")), 0);
        QTRY_VERIFY(dan->desk->isSettled());
        QCOMPARE(policy::cardStateName(dan->card(id).state), u("rejected"));
    }

    // It came into the shared ledger after the claim was written and before it was sent.
    void aVetoInFrontOfTheClaimStopsIt()
    {
        const auto dan = console("dan");
        const auto ann = console("ann");
        const auto bob = console("bob");
        const QString id = ask(*dan);
        QVERIFY(approve(*ann, id));
        const auto plan = awaited(dan->desk->plan(seenOf(dan->card(id)), {}));
        dan->book->beforeClaim = [&] { QVERIFY(awaited(bob->desk->reject(seenOf(bob->card(id)), u("not today")))); };
        Operation *operation = start(*dan, plan);
        QVERIFY(operation);
        QTRY_VERIFY(operation->isFinished());
        QVERIFY(!dan->book->beforeClaim);
        QCOMPARE(operation->outcome()->kind, OutcomeKind::Refused);
        QVERIFY2(operation->outcome()->message.contains(u("stands against it")),
                 qPrintable(operation->outcome()->message));
        QCOMPARE(dan->cluster.count(u("execute 1")), 0);
        QTRY_VERIFY(dan->desk->isSettled());
        const auto chain = ledger::verifyChain(m_forge->path(), {}, {});
        QVERIFY(chain && chain->isWhole());
        QCOMPARE(policy::cardStateName(bob->card(id).state), u("ended")); // the claim has its outcome
    }

    // It is there, but whoever wrote it does not know what came into the ledger with it.
    void aClaimWhoseAnswerWasLostIsDecidedAnew_data()
    {
        QTest::addColumn<QString>("meanwhile");
        QTest::addColumn<OutcomeKind>("outcome");
        QTest::newRow("nothing") << QString() << OutcomeKind::Done;
        QTest::newRow("a hold") << u("hold") << OutcomeKind::Refused;
        QTest::newRow("a veto") << u("veto") << OutcomeKind::Refused;
    }
    void aClaimWhoseAnswerWasLostIsDecidedAnew()
    {
        QFETCH(QString, meanwhile);
        QFETCH(OutcomeKind, outcome);
        const auto dan = console("dan");
        const auto ann = console("ann");
        const auto bob = console("bob");
        const QString id = ask(*dan);
        QVERIFY(approve(*ann, id));
        const auto plan = awaited(dan->desk->plan(seenOf(dan->card(id)), {}));
        dan->book->losesAnswer = true;
        dan->book->beforeClaim = [&] {
            if (meanwhile == u("hold"))
                QVERIFY(awaited(bob->desk->hold(u("cart"), u("production"), u("not now"))));
            else if (meanwhile == u("veto"))
                QVERIFY(awaited(bob->desk->reject(seenOf(bob->card(id)), u("not today"))));
        };
        Operation *operation = start(*dan, plan);
        QVERIFY(operation);
        QTRY_VERIFY_WITH_TIMEOUT(operation->isFinished(), 20000);
        QVERIFY(!dan->book->beforeClaim);
        QCOMPARE(operation->outcome()->kind, outcome);
        const bool isDone = outcome == OutcomeKind::Done;
        QCOMPARE(dan->cluster.count(u("execute 1")), isDone ? 1 : 0);
        QTRY_VERIFY(dan->desk->isSettled());
        QCOMPARE(policy::cardStateName(ann->card(id).state), isDone ? u("done") : u("ended"));
    }

    // Nor is one effective that is looked at without knowing how it was written.
    void aClaimBehindAHoldIsNotEffective()
    {
        const auto dan = console("dan");
        const auto ann = console("ann");
        const QString id = ask(*dan);
        QVERIFY(approve(*ann, id));
        const auto plan = awaited(dan->desk->plan(seenOf(dan->card(id)), {}));
        QVERIFY(plan);
        const PlanStep step = plan->steps.first();
        const auto receipt = awaited(dan->runner.execute(step, {}));
        QVERIFY2(receipt, qPrintable(receipt ? QString() : receipt.error().message));
        auto took = awaited(dan->runner.tookPlace(step, {}));
        QVERIFY(took && *took);
        QVERIFY(awaited(ann->desk->hold(u("cart"), u("production"), u("not now"))));
        const auto seen = awaited(dan->runner.observe(step, Receipt{}, {}));
        QVERIFY(seen);
        QCOMPARE(seen->state, Observation::State::Failed);
        QVERIFY2(seen->text.contains(u("stands against it")), qPrintable(seen->text));
        took = awaited(dan->runner.tookPlace(step, {}));
        QVERIFY(took && !*took);
        const auto again = awaited(dan->runner.execute(step, {}));
        QVERIFY(!again);
        QCOMPARE(again.error().kind, ErrorKind::Refused);
    }

    void aClaimSaysThatItWantsATouch()
    {
        const auto dan = console("dan");
        const auto ann = console("ann");
        const auto key = std::make_shared<TouchSigner>(m_forge->signer(u("bob")));
        Console bob(m_forge->path(), u("bob"), key, Console::Sharing::SamePath);
        const QString id = ask(*dan);
        QVERIFY(approve(*ann, id));
        const auto plan = awaited(bob.desk->plan(seenOf(bob.card(id)), {}));
        QVERIFY(plan);
        QSignalSpy asked(bob.team.get(), &TeamLedger::touchNeeded);
        QVERIFY(awaited(bob.runner.execute(plan->steps.first(), {})));
        QCOMPARE(key->touches.load(), 1);
        QTRY_COMPARE(asked.size(), 1);
    }

    // To show what is there nobody has to touch a key: not even where entries of ours have to be signed once more.
    void lookingAsksForNoTouch()
    {
        const auto ann = console("ann");
        const auto key = std::make_shared<TouchSigner>(m_forge->signer(u("bob")));
        Console bob(m_forge->path(), u("bob"), key, Console::Sharing::Remote);
        QVERIFY(awaited(bob.desk->refresh({})));
        const QString id = ask(*ann);
        QVERIFY(awaited(bob.team->record()->append(m_forge->entry(
            policy::Note{{}, u("cart"), u("production"), u("offline")}, u("bob"), QDateTime::currentDateTimeUtc()))));
        const int touched = key->touches;
        const auto board = awaited(bob.desk->refresh({}));
        QVERIFY2(board, qPrintable(board ? QString() : board.error().message));
        QCOMPARE(key->touches.load(), touched);
        QCOMPARE(board->ledgerFreshness.state, Freshness::State::Stale);
        QVERIFY2(board->ledgerFreshness.error->message.contains(u("signed once more")),
                 qPrintable(board->ledgerFreshness.error->message));
        QVERIFY(awaited(bob.desk->hold(u("cart"), u("production"), u("asked for"))));
        QCOMPARE(key->touches.load(), touched + 2); // what waited, and the hold
    }

    void aHoldStopsAndIsLifted()
    {
        const auto dan = console("dan");
        const auto ann = console("ann");
        const QString id = ask(*dan);
        QVERIFY(approve(*ann, id));
        QVERIFY(awaited(ann->desk->hold(u("cart"), u("production"), u("the night was long"))));
        const PromotionCard held = dan->card(id);
        QCOMPARE(policy::cardStateName(held.state), u("blocked"));
        const auto plan = awaited(dan->desk->plan(seenOf(held), {}));
        QVERIFY(plan && plan->isBlocked());
        QCOMPARE(dan->desk->board().stops.size(), qsizetype(1));
        const QString stop = dan->desk->board().stops.first().stop.entry;
        const auto refused = awaited(dan->desk->lift(stop, {}));
        QVERIFY(!refused && refused.error().kind == ErrorKind::Refused);
        QVERIFY(awaited(ann->desk->lift(stop, u("slept"))));
        QCOMPARE(policy::cardStateName(dan->card(id).state), u("ready"));
    }

    void whatIsNotKnownNeverPasses()
    {
        const auto dan = console("dan");
        const auto ann = console("ann");
        const QString id = ask(*dan);
        QVERIFY(approve(*ann, id));
        dan->deployer->isReachable = false;
        const PromotionCard card = dan->card(id);
        QCOMPARE(policy::cardStateName(card.state), u("blocked"));
        QVERIFY(!dan->desk->board().worldFreshness.isLive());
        QVERIFY(!card.mayStart.isGiven);
    }

    // Each card by its own places: it says which of them is away and since when, and nothing is signed on it.
    void aClusterThatIsAwayIsSaidWithSinceWhen()
    {
        const auto dan = console("dan");
        const auto ann = console("ann");
        const QString id = ask(*dan);
        const QDateTime before = QDateTime::currentDateTimeUtc();
        PromotionCard card = ann->card(id);
        QVERIFY(card.isLive());
        const QDateTime after = QDateTime::currentDateTimeUtc();
        ann->deployer->isReachable = false;
        card = ann->card(id);
        QVERIFY(!card.isLive());
        QStringList places;
        for (const policy::StalePlace &place : card.stale) {
            places << place.environment;
            QVERIFY(place.since >= before && place.since <= after);
            QVERIFY2(place.problem.contains(u("the cluster is away")), qPrintable(place.problem));
        }
        QCOMPARE(places, QStringList({u("staging"), u("production")}));
        const auto refused = awaited(ann->desk->approve(seenOf(card), u("fine")));
        QVERIFY(!refused);
        QVERIFY2(refused.error().message.contains(u("the cluster is away")), qPrintable(refused.error().message));
        ann->deployer->isReachable = true;
        QVERIFY(ann->card(id).isLive());
        QVERIFY(approve(*ann, id));
    }

    // While something is rolled out the clusters change many times a second.
    void aChangeInAClusterDoesNotAskTheSharedLedger()
    {
        const auto dan = console("dan", Console::Sharing::Remote);
        const QString id = ask(*dan);
        dan->desk->start();
        QTRY_COMPARE(dan->desk->board().open.size(), qsizetype(1));
        QTRY_VERIFY(dan->desk->board().worldFreshness.isLive());
        QTest::qWait(2000); // what starting asks for is over
        const int asked = dan->book->caughtUp;
        dan->deployer->isReachable = false;
        Deployed production = Console::placeOf(u("production"));
        production.tracks.first().name = u("blue");
        dan->deployed.apply({production}, {});
        QTRY_VERIFY(!dan->desk->board().worldFreshness.isLive());
        QCOMPARE(dan->book->caughtUp, asked);
        QVERIFY(dan->desk->board().ledgerFreshness.isLive());
        (void)dan->card(id); // who asks for the board is told what is there now
        QCOMPARE(dan->book->caughtUp, asked + 1);
    }

    void aVendorsGateIsRefusedInThePlan()
    {
        begin(policy("    execution: {by: vendorGate, connection: jenkins, gate: Deploy}\n"));
        const auto dan = console("dan");
        const auto ann = console("ann");
        const QString id = ask(*dan);
        QVERIFY(approve(*ann, id));
        const auto plan = awaited(dan->desk->plan(seenOf(dan->card(id)), {}));
        QVERIFY(!plan);
        QCOMPARE(plan.error().kind, ErrorKind::Unsupported);
        QVERIFY2(plan.error().message.contains(u("\"jenkins\"")), qPrintable(plan.error().message));
    }

    void breakGlassLetsOneActAndIsOwed()
    {
        begin(policy("breakGlass: {roles: [approvers], countersignRoles: [admins, approvers]}\n"));
        const auto dan = console("dan");
        const auto cai = console("cai");
        const QString id = ask(*dan);
        PromotionCard card = cai->card(id);
        QVERIFY2(card.mayBreakGlass.isGiven, qPrintable(card.mayBreakGlass.reason));
        QVERIFY(!awaited(cai->desk->breakGlass(seenOf(card), u(" "))));
        QVERIFY(awaited(cai->desk->breakGlass(seenOf(card), u("the shop is down"))));
        card = cai->card(id);
        QVERIFY(card.decision.isOpen && !card.decision.isMet);
        QVERIFY(card.mayStart.isGiven);
        QCOMPARE(cai->desk->board().debts.size(), qsizetype(1));
        const policy::BoardDebt debt = cai->desk->board().debts.first();
        QVERIFY(!debt.mayCountersign.isGiven);
        for (const char *person : {"ann", "bob"})
            QVERIFY(awaited(console(person)->desk->countersign(debt.glass.entry, u("yes"))));
        (void)cai->card(id);
        QVERIFY(cai->desk->board().debts.isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestLedgerDesk)
#include "test_ledgerdesk.moc"
