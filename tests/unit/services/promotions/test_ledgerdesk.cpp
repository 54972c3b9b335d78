#include "tests/unit/services/promotions/promotionshop.h"

#include <QElapsedTimer>
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

// Several people at one ledger: what each may do and is shown.
class TestLedgerDesk : public QObject
{
    Q_OBJECT

    std::unique_ptr<PromotionShop> m_shop;

    std::unique_ptr<Console> console(const char *person, Console::Sharing sharing = Console::Sharing::SamePath) const
    {
        return m_shop->console(person, sharing);
    }

private slots:
    void init() { m_shop = std::make_unique<PromotionShop>(); }

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
        Operation *operation = finished(start(*dan, awaited(dan->desk->plan(seenOf(card), {}))));
        QVERIFY(operation);
        QCOMPARE(operation->outcome()->kind, OutcomeKind::Done);
        QCOMPARE(dan->cluster.count(u("execute 1")), 1);
        QTRY_COMPARE(settled.size(), 1);
        card = ann->card(id);
        QCOMPARE(policy::cardStateName(card.state), u("done"));
        QCOMPARE(card.decision.claimant, u("dan"));
        QVERIFY(card.outcome->observedAt.isValid());
        QVERIFY(!ann->card(id).mayApprove.isGiven);
    }

    // As every ledger begins: it records what is done, and no promotion can wait in it.
    void aLedgerThatNobodySignsYetIsNoneToDecideIn()
    {
        Forge unsignedOne;
        ForgedCommit first;
        first.key = u("-");
        first.at = QDateTime::currentDateTimeUtc().addSecs(-3600);
        const policy::Note note{{}, u("web"), u("dev"), u("hello")};
        first.files = {unsignedOne.file(unsignedOne.entry(note, u("ann"), first.at))};
        unsignedOne.commit(first);
        Console dan(unsignedOne.path(), u("dan"), unsignedOne.signer(u("dan")), Console::Sharing::SamePath);
        const auto board = awaited(dan.desk->refresh({}));
        QVERIFY(!board);
        QCOMPARE(board.error().kind, ErrorKind::Unsupported);
        QCOMPARE(dan.desk->board().ledgerFreshness.state, Freshness::State::Absent);
        QVERIFY(dan.desk->board().hasNoLedger());
    }

    // A rejection that is made to disappear does not let anybody go on.
    void aLedgerThatIsRewoundUnderTheConsoleIsNotDecidedBy()
    {
        const auto dan = console("dan");
        const auto bob = console("bob");
        const auto cai = console("cai");
        const QString promotion = ask(*dan);
        QVERIFY(!promotion.isEmpty());
        const QByteArray before = m_shop->forge.tip();
        QVERIFY(awaited(bob->desk->reject(seenOf(bob->card(promotion)), u("no"))));
        QVERIFY(awaited(cai->desk->refresh({})));
        const SeenPromotion seen = seenOf(dan->card(promotion));
        m_shop->forge.moveTo(before);
        const auto board = awaited(cai->desk->refresh({}));
        QVERIFY(!board);
        QCOMPARE(board.error().kind, ErrorKind::Refused);
        QVERIFY2(board.error().message.contains(u("rewound")), qPrintable(board.error().message));
        QCOMPARE(cai->desk->board().ledgerFreshness.state, Freshness::State::Stale);
        // What ran where was read before that, and not since.
        const QDateTime readAt = cai->desk->board().readAt;
        for (const PromotionCard &card : cai->desk->board().open) {
            QCOMPARE(card.stale.size(), card.path.size());
            for (const policy::StalePlace &place : card.stale)
                QCOMPARE(place.since, readAt);
        }
        const auto approved = awaited(cai->desk->approve(seen, u("fine")));
        QVERIFY(!approved);
        QCOMPARE(m_shop->forge.tip(), before);
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
        m_shop->changePolicy(cartPolicy({}, "[{count: 2, roles: [approvers]}]"));
        const auto late = awaited(ann->desk->approve(seen, {}));
        QVERIFY(!late);
        QCOMPARE(late.error().kind, ErrorKind::Conflict);
        QVERIFY(ann->card(id).votes.isEmpty());
    }

    void aClaimSaysThatItWantsATouch()
    {
        const auto dan = console("dan");
        const auto ann = console("ann");
        const auto key = std::make_shared<TouchSigner>(m_shop->forge.signer(u("bob")));
        Console bob(m_shop->forge.path(), u("bob"), key, Console::Sharing::SamePath);
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
        const auto key = std::make_shared<TouchSigner>(m_shop->forge.signer(u("bob")));
        Console bob(m_shop->forge.path(), u("bob"), key, Console::Sharing::Remote);
        QVERIFY(awaited(bob.desk->refresh({})));
        const QString id = ask(*ann);
        QVERIFY(awaited(bob.team->record()->append(m_shop->forge.entry(
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

    void aHoldOfWhatIsNowhereIsRefused_data()
    {
        QTest::addColumn<QString>("known");
        QTest::newRow("a name that is mistyped") << QString();
        QTest::newRow("a cluster is still read") << u("unread");
        QTest::newRow("the ledger tells of it") << u("ledger");
        QTest::newRow("the policy names it") << u("policy");
    }
    void aHoldOfWhatIsNowhereIsRefused()
    {
        QFETCH(QString, known);
        if (known == u("policy"))
            m_shop = std::make_unique<PromotionShop>(cartPolicy("  - {environment: qa, applications: [chart]}\n"));
        if (known == u("ledger")) {
            policy::Claim chart = claimOf(QString());
            chart.subject.application = u("chart");
            m_shop->forge.add(requestOf(chart), u("dan"), QDateTime::currentDateTimeUtc().addSecs(-60));
        }
        const auto ann = console("ann");
        if (known == u("unread"))
            ann->setListing(Freshness::State::Loading);
        const QString environment = known == u("policy") ? u("qa") : u("production");
        // Whoever would promote it is told the same: a name that nobody knows, not a release that may not go there.
        const auto draft = awaited(ann->desk->draft({u("chart"), environment, {}, {}, u("it is time")}, {}));
        QVERIFY(!draft);
        QCOMPARE(draft.error().kind, known.isEmpty() ? ErrorKind::NotFound : ErrorKind::Refused);
        const auto held = awaited(ann->desk->hold(u("chart"), environment, u("the night was long")));
        if (!known.isEmpty()) {
            QVERIFY2(held, qPrintable(held ? QString() : held.error().message));
            return;
        }
        QVERIFY(!held && held.error().kind == ErrorKind::NotFound);
        QVERIFY2(held.error().message.contains(u("There are: cart.")), qPrintable(held.error().message));
        const auto board = awaited(ann->desk->refresh({}));
        QVERIFY(board && board->stops.isEmpty());
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
        // What starting asks for is over.
        int asked = dan->book->caughtUp;
        QElapsedTimer quiet;
        quiet.start();
        const auto isQuiet = [&] {
            if (std::exchange(asked, dan->book->caughtUp) != asked)
                quiet.restart();
            return dan->desk->isSettled() && quiet.hasExpired(300);
        };
        QTRY_VERIFY_WITH_TIMEOUT(isQuiet(), 20000);
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

    // Looked at again and nothing is new: no board is made, no figure worked out, nobody is told.
    void whatHasNotChangedIsNotWorkedOutAgain()
    {
        const auto dan = console("dan");
        const QString id = ask(*dan);
        const PromotionCard first = dan->card(id);
        const LedgerDesk::Work before = dan->desk->work();
        QVERIFY(before.boards > 0 && before.risks > 0);
        const QSignalSpy changed(dan->desk.get(), &PromotionDesk::boardChanged);
        const QDateTime readAt = dan->desk->board().readAt;
        for (int i = 0; i < 3; ++i)
            QCOMPARE(dan->card(id), first);
        QCOMPARE(dan->desk->work().looks, before.looks + 3);
        QCOMPARE(dan->desk->work().boards, before.boards);
        QCOMPARE(dan->desk->work().risks, before.risks);
        QCOMPARE(changed.size(), 0);
        QVERIFY(dan->desk->board().readAt > readAt); // it was read all the same
        // The world moves, the ledger does not: judged again, by the figure of before.
        dan->deployer->releases[u("production")].isSettled = false;
        (void)dan->card(id);
        QCOMPARE(dan->desk->work().boards, before.boards + 1);
        QCOMPARE(dan->desk->work().risks, before.risks);
        QCOMPARE(changed.size(), 1);
        // The ledger goes on: all of it anew.
        const auto ann = console("ann");
        QVERIFY(approve(*ann, id));
        (void)dan->card(id);
        QVERIFY(dan->desk->work().boards > before.boards + 1);
        QVERIFY(dan->desk->work().risks > before.risks);
        QVERIFY(changed.size() > 1);
    }

    // Pods of what nobody has asked for come and go.
    void anotherApplicationsPodsAreNotLookedAt()
    {
        const auto dan = console("dan");
        QVERIFY(!ask(*dan).isEmpty());
        dan->desk->start();
        QTRY_COMPARE(dan->desk->board().open.size(), qsizetype(1));
        int looks = -1;
        QElapsedTimer quiet;
        quiet.start();
        const auto isQuiet = [&] {
            if (std::exchange(looks, dan->desk->work().looks) != dan->desk->work().looks)
                quiet.restart();
            return quiet.hasExpired(3000);
        };
        QTRY_VERIFY_WITH_TIMEOUT(isQuiet(), 20000);
        Deployed other = Console::placeOf(u("production"));
        other.application = u("search");
        dan->deployed.apply({other}, {});
        QVERIFY(!QTest::qWaitFor([&] { return dan->desk->work().looks > looks; }, 2500)); // what follows takes 1.5 s
        Deployed production = Console::placeOf(u("production"));
        production.tracks.first().version = u("1.4.9");
        dan->deployed.apply({production}, {});
        QTRY_COMPARE_WITH_TIMEOUT(dan->desk->work().looks, looks + 1, 20000);
    }

    // The clusters are not asked about what rests while something else moves; what moves is, until it has come to rest.
    void aChangeInAClusterAsksOnlyAboutWhatItChanged()
    {
        const auto dan = console("dan");
        Deployed staging = Console::placeOf(u("staging"));
        Deployed production = Console::placeOf(u("production"));
        staging.freshness.state = production.freshness.state = Freshness::State::Live;
        dan->deployed.apply({staging, production}, {});
        QVERIFY(!ask(*dan).isEmpty());
        dan->desk->start();
        QTRY_COMPARE(dan->desk->board().open.size(), qsizetype(1));
        const auto asked = [&](const char *ns) { return dan->deployer->timesAsked.value(u(ns)); };
        // A change in production: the desk has read again once it has asked there.
        const auto changeProduction = [&](const QString &version) {
            const int before = asked("production");
            production.tracks.first().version = version;
            dan->deployed.apply({production}, {});
            return QTest::qWaitFor([&] { return asked("production") > before; }, 20000);
        };
        QVERIFY(changeProduction(u("1.4.1")));
        const int rested = asked("staging");
        QVERIFY(rested > 0);
        QVERIFY(changeProduction(u("1.4.2")));
        QVERIFY(changeProduction(u("1.4.3")));
        QCOMPARE(asked("staging"), rested);
        (void)dan->card(dan->desk->board().open.first().id); // who asks for the board has all asked
        QCOMPARE(asked("staging"), rested + 1);
        // On its way: the watches may have told all of it before the cluster is done.
        dan->deployer->releases[u("staging")].isSettled = false;
        (void)dan->card(dan->desk->board().open.first().id);
        const int moving = asked("staging");
        QVERIFY(changeProduction(u("1.4.4")));
        QTRY_COMPARE(asked("staging"), moving + 1);
        // A watch that is not live says nothing.
        dan->deployer->releases[u("staging")].isSettled = true;
        staging.freshness.state = Freshness::State::Stale;
        dan->deployed.apply({staging}, {});
        QTRY_VERIFY(asked("staging") > moving + 1);
        const int stale = asked("staging");
        QVERIFY(changeProduction(u("1.4.5")));
        QTRY_COMPARE(asked("staging"), stale + 1);
    }

    // An answer is taken again while its watches tell no more; not past a question that failed since.
    void anAnswerDoesNotOutliveAFailedQuestion()
    {
        const auto dan = console("dan");
        Deployed staging = Console::placeOf(u("staging"));
        Deployed production = Console::placeOf(u("production"));
        staging.freshness.state = production.freshness.state = Freshness::State::Live;
        dan->deployed.apply({staging, production}, {});
        const QDateTime answered = QDateTime::currentDateTimeUtc().addSecs(-20);
        dan->deployer->readAt = answered;
        WorldReader::Sources sources;
        sources.clusters = &dan->clusters;
        sources.deployed = &dan->deployed;
        WorldReader reader(sources);
        policy::Policy policy;
        policy.paths = {policy::PromotionPath{{u("cart")}, {u("staging"), u("production")}}};
        PromotionInQuestion question;
        question.promotion = u("p");
        question.request.subject = {u("cart"), u("production"), digestOf('7'), {}};
        const auto look = [&](WorldReader::For purpose) {
            const auto world = awaited(reader.read(policy, {question}, purpose, {}));
            const PlaceReading *place = world ? world->applications.value(u("cart")).place(u("production")) : nullptr;
            return place ? *place : PlaceReading();
        };
        using For = WorldReader::For;
        const auto asked = [&] { return dan->deployer->timesAsked.value(u("production")); };
        PlaceReading place = look(For::Show);
        QVERIFY(place.isLive);
        QCOMPARE(place.heardAt, answered);
        place = look(For::Look);
        QVERIFY(place.isLive);
        QCOMPARE(asked(), 1); // taken again, and it is as old as it is
        QCOMPARE(place.heardAt, answered);

        dan->deployer->isReachable = false;
        QVERIFY(!look(For::Show).isLive);
        QVERIFY(!look(For::Look).isLive);
        QCOMPARE(asked(), 3);
        QCOMPARE(look(For::Look).heardAt, answered);

        dan->deployer->isReachable = true;
        QVERIFY(look(For::Look).isLive);
        QVERIFY(look(For::Look).isLive);
        QCOMPARE(asked(), 5);
    }

    void aVendorsGateIsRefusedInThePlan()
    {
        m_shop = std::make_unique<PromotionShop>(
            cartPolicy("    execution: {by: vendorGate, connection: jenkins, gate: Deploy}\n"));
        const auto dan = console("dan");
        const auto ann = console("ann");
        const QString id = ask(*dan);
        QVERIFY(approve(*ann, id));
        const auto plan = planOf(*dan, id);
        QVERIFY(!plan);
        QCOMPARE(plan.error().kind, ErrorKind::Unsupported);
        QVERIFY2(plan.error().message.contains(u("\"jenkins\"")), qPrintable(plan.error().message));
    }

    void breakGlassLetsOneActAndIsOwed()
    {
        m_shop = std::make_unique<PromotionShop>(
            cartPolicy("breakGlass: {roles: [approvers], countersignRoles: [admins, approvers]}\n"));
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
