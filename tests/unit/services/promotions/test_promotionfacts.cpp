// What a promotion is judged by: which commit a release is, whether something else goes on.
#include "models/stores/deployedstore.h"
#include "services/promotions/sourcereader.h"
#include "services/promotions/trafficwatch.h"
#include "services/promotions/world.h"
#include "services/promotions/worldreader.h"
#include "tests/support/fakesource.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

QString u(const char *text)
{
    return QString::fromLatin1(text);
}

QString commitOf(char digit)
{
    return QString(40, QLatin1Char(digit));
}

const QString digest = QStringLiteral("sha256:") + QString(64, QLatin1Char('7'));

} // namespace

class TestPromotionFacts : public QObject
{
    Q_OBJECT

private slots:
    void aReleasesCommitIsToldByItsImageFirst_data()
    {
        QTest::addColumn<QString>("label"); // of the running image
        QTest::addColumn<QString>("version");
        QTest::addColumn<QString>("asked"); // the request's commit
        QTest::addColumn<QString>("commit");
        QTest::addColumn<QString>("problem");
        const QString none;
        QTest::newRow("label before a tag that moved")
            << commitOf('a') << u("1.5.0") << commitOf('b') << commitOf('a') << none;
        QTest::newRow("a label that the repository does not have")
            << commitOf('9') << u("1.5.0") << commitOf('b') << none << u("no release 9999");
        QTest::newRow("a label that is no commit") << u("dev") << u("1.5.0") << none << commitOf('b') << none;
        QTest::newRow("a label that is a branch") << u("main") << u("1.5.0") << none << commitOf('b') << none;
        QTest::newRow("tag before the request") << none << u("1.5.0") << commitOf('a') << commitOf('b') << none;
        QTest::newRow("a branch as version") << none << u("main") << commitOf('a') << commitOf('a') << none;
        QTest::newRow("a branch alone") << none << u("main") << none << none << u("main is a branch");
    }
    void aReleasesCommitIsToldByItsImageFirst()
    {
        QFETCH(QString, label);
        QFETCH(QString, version);
        QFETCH(QString, asked);
        QFETCH(QString, commit);
        QFETCH(QString, problem);
        FakeSource source(u("shop"));
        source.releases = {{commitOf('a'), commitOf('a')},
                           {commitOf('b'), commitOf('b')},
                           {commitOf('1'), commitOf('1')},
                           {u("1.5.0"), commitOf('b')},
                           {u("main"), commitOf('e')}};
        source.branches = {u("main")};
        PromotionInQuestion question;
        question.promotion = u("P");
        question.before = u("staging");
        question.request.subject = {u("cart"), u("production"), digest, asked};
        question.request.version = version;
        PlaceReading staging;
        staging.environment = u("staging");
        staging.running = RunningRelease();
        staging.running->digest = digest;
        staging.running->revision = label;
        PlaceReading production;
        production.environment = u("production");
        production.target = RunningRelease();
        production.target->revision = commitOf('1');
        production.running = production.target;
        QObject context;
        std::optional<SourceReading> reading;
        deliver(readPromotionSource(&context, &source, question, {{staging, production}}, true, {}), {}, &context,
                [&reading](const Result<SourceReading> &read) { reading = read.value_or(SourceReading()); });
        QTRY_VERIFY(reading);
        QCOMPARE(reading->commit.value_or(QString()), commit);
        QVERIFY2(problem.isEmpty() ? reading->problem.isEmpty() : reading->problem.contains(problem),
                 qPrintable(reading->problem));
    }

    // What other tools do with the traffic is known as far as it was seen here, without a gap.
    void trafficCountsFromWhenItWasSeen_data()
    {
        using Looks = QList<std::pair<int, double>>; // minute, green's share; below 0: not live; above 1: not known
        QTest::addColumn<Looks>("looks");
        QTest::addColumn<int>("since"); // minute; -1: not known
        QTest::addColumn<bool>("isBegun");
        QTest::newRow("seen once") << Looks{{0, 1}} << 0 << false;
        QTest::newRow("seen all the time") << Looks{{0, 1}, {1, 0.5}, {5, 1}} << 0 << false;
        QTest::newRow("it came") << Looks{{0, 0}, {1, 0.75}} << 1 << true;
        QTest::newRow("it came, and has been there since") << Looks{{0, 0}, {1, 0.75}, {4, 1}} << 1 << true;
        QTest::newRow("it went and came back") << Looks{{0, 1}, {1, 0}, {2, 1}} << 2 << true;
        QTest::newRow("nobody looked for a while") << Looks{{0, 0}, {1, 1}, {7, 1}} << 7 << false;
        QTest::newRow("the watches broke for a moment") << Looks{{0, 0}, {1, 1}, {2, -1}, {3, 1}} << 1 << true;
        QTest::newRow("the watches broke for too long") << Looks{{0, 0}, {1, 1}, {2, -1}, {7, 1}} << 7 << false;
        QTest::newRow("its share was not known meanwhile") << Looks{{0, 0}, {1, 1}, {2, 2}, {3, 1}} << 3 << false;
        QTest::newRow("the clock was set back") << Looks{{10, 0}, {11, 1}, {1, 1}} << 1 << false;
        QTest::newRow("it is not live now") << Looks{{0, 1}, {1, -1}} << 0 << false;
        QTest::newRow("it was never live") << Looks{{0, -1}} << -1 << false;
    }
    void trafficCountsFromWhenItWasSeen()
    {
        using Looks = QList<std::pair<int, double>>;
        QFETCH(Looks, looks);
        QFETCH(int, since);
        QFETCH(bool, isBegun);
        const QDateTime noon(QDate(2026, 3, 4), QTime(12, 0), Qt::UTC);
        TrafficWatch watch;
        Deployed place;
        for (const auto &[minute, share] : looks) {
            Track green;
            green.name = u("green");
            if (share <= 1)
                green.share = std::max(0.0, share);
            Track blue;
            blue.name = u("blue");
            place.tracks = {green, blue};
            place.freshness.state = share < 0 ? Freshness::State::Stale : Freshness::State::Live;
            watch.note(place, noon.addSecs(60 * minute));
        }
        const auto serving = watch.serving(place);
        QVERIFY(serving);
        QCOMPARE(serving->since, since < 0 ? QDateTime() : noon.addSecs(60 * since));
        QCOMPARE(serving->isBegun, isBegun);
        QCOMPARE(serving->share.has_value(), looks.last().second >= 0); // what is stale says nothing
        QCOMPARE(serving->isSeen, looks.last().second >= 0);            // nor does it prove what the ledger tells
    }

    // A restart is no gap where it was short: what was seen before counts, also where the new program looked first and
    // read afterwards.
    void whatWasSeenOutlivesTheProgram_data()
    {
        using Looks = QList<std::pair<int, double>>; // minute, green's share
        QTest::addColumn<Looks>("before");
        QTest::addColumn<Looks>("after");
        QTest::addColumn<int>("since"); // minute
        QTest::addColumn<bool>("isBegun");
        QTest::newRow("it came before") << Looks{{0, 0}, {1, 1}} << Looks{{4, 1}} << 1 << true;
        QTest::newRow("it was there all the time") << Looks{{0, 1}} << Looks{{4, 1}, {5, 1}} << 0 << false;
        QTest::newRow("it came meanwhile") << Looks{{0, 0}} << Looks{{4, 1}} << 4 << true;
        QTest::newRow("it came afterwards") << Looks{{0, 1}} << Looks{{4, 0}, {5, 1}} << 5 << true;
        QTest::newRow("nobody looked for too long") << Looks{{0, 0}, {1, 1}} << Looks{{7, 1}} << 7 << false;
        QTest::newRow("the clock was set back") << Looks{{10, 0}, {11, 1}} << Looks{{2, 1}} << 2 << false;
    }
    void whatWasSeenOutlivesTheProgram()
    {
        using Looks = QList<std::pair<int, double>>;
        QFETCH(Looks, before);
        QFETCH(Looks, after);
        QFETCH(int, since);
        QFETCH(bool, isBegun);
        const QDateTime noon(QDate(2026, 3, 4), QTime(12, 0), Qt::UTC);
        Deployed place;
        place.application = u("cart");
        place.freshness.state = Freshness::State::Live;
        const auto look = [&](TrafficWatch &watch, const Looks &looks) {
            for (const auto &[minute, share] : looks) {
                Track green;
                green.name = u("green");
                green.share = share;
                Track blue;
                blue.name = u("blue");
                blue.share = 1 - share;
                place.tracks = {green, blue};
                watch.note(place, noon.addSecs(60 * minute));
            }
        };
        TrafficWatch first;
        look(first, before);
        const QByteArray kept = first.kept(noon.addSecs(60 * before.last().first));
        QVERIFY(!kept.isEmpty());
        TrafficWatch readsFirst;
        QVERIFY(readsFirst.resume(kept));
        look(readsFirst, after);
        TrafficWatch looksFirst;
        look(looksFirst, {after.first()});
        QVERIFY(looksFirst.resume(kept));
        look(looksFirst, after.mid(1));
        for (const TrafficWatch *watch : {&readsFirst, &looksFirst}) {
            const auto serving = watch->serving(place);
            QVERIFY(serving);
            QCOMPARE(serving->since, noon.addSecs(60 * since));
            QCOMPARE(serving->isBegun, isBegun);
        }
    }

    void theWorldIsReadOnFromWhatWasKept()
    {
        const QTemporaryDir folder;
        const QString path = folder.filePath(u("signalbox-traffic"));
        const QDateTime now = QDateTime::currentDateTimeUtc();
        Deployed place;
        place.application = u("cart");
        place.freshness.state = Freshness::State::Live;
        Track green;
        green.name = u("green");
        green.share = 1;
        Track blue;
        blue.name = u("blue");
        blue.share = 0;
        place.tracks = {green, blue};
        TrafficWatch before;
        before.note(place, now.addSecs(-200));
        before.note(place, now.addSecs(-30));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(before.kept(now));
        file.close();

        DeployedStore store;
        store.apply({place}, {});
        WorldReader::Sources sources;
        sources.deployed = &store;
        WorldReader reader(sources);
        reader.keepTrafficIn([path] { return path; });
        const auto isKept = [&] { // looked at once more, and there since the other program saw it first
            QFile kept(path);
            TrafficWatch next;
            if (!kept.open(QIODevice::ReadOnly) || !next.resume(kept.readAll()))
                return false;
            const auto serving = next.serving(place);
            return serving && serving->since == now.addSecs(-200) && !next.kept(now.addSecs(280)).isEmpty();
        };
        QTRY_VERIFY(isKept());
    }

    void whatIsNotDividedOrOldIsNotKept()
    {
        const QDateTime noon(QDate(2026, 3, 4), QTime(12, 0), Qt::UTC);
        TrafficWatch watch;
        Deployed place;
        place.freshness.state = Freshness::State::Live;
        Track only;
        only.share = 1;
        place.tracks = {only};
        watch.note(place, noon);
        QCOMPARE(watch.kept(noon), QByteArray());
        Track other;
        other.name = u("blue");
        other.share = 0;
        place.tracks = {only, other};
        watch.note(place, noon);
        QVERIFY(!watch.kept(noon).isEmpty());
        QCOMPARE(watch.kept(noon.addSecs(600)), QByteArray()); // nobody could go on from it
        for (const char *junk : {"", "{", "[]", "{\"schema\":\"other/1\"}",
                                 "{\"schema\":\"signalbox.traffic/1\",\"places\":{\"a\":{\"at\":1}}}"})
            QVERIFY2(!watch.resume(junk), junk);
        QCOMPARE(watch.serving(place)->since, noon);
    }

    // Its revisions may not be read, say: routes and Services have told the shares.
    void aKindThatMayNotBeReadTakesNoShareAway()
    {
        const QDateTime noon(QDate(2026, 3, 4), QTime(12, 0), Qt::UTC);
        TrafficWatch watch;
        Deployed place;
        place.freshness.state = Freshness::State::Denied;
        Track green;
        green.name = u("green");
        green.share = 0;
        Track blue;
        blue.name = u("blue");
        place.tracks = {green, blue};
        watch.note(place, noon);
        place.tracks.first().share = 1;
        watch.note(place, noon.addSecs(60));
        const auto serving = watch.serving(place);
        QVERIFY(serving);
        QCOMPARE(serving->share.value_or(-1), 1.0);
        QCOMPARE(serving->since, noon.addSecs(60));
        QVERIFY(serving->isBegun);
        place.tracks.first().share.reset(); // they did not
        QVERIFY(!watch.serving(place)->share);
    }

    // Istio is there, and its VirtualServices may not be read: they may send what the Service gets to another track.
    void whatAServiceTellsBehindRoutesThatMayNotBeReadIsNoShare()
    {
        const QDateTime noon(QDate(2026, 3, 4), QTime(12, 0), Qt::UTC);
        TrafficWatch watch;
        Deployed place;
        place.freshness.state = Freshness::State::Denied;
        place.isShareAssumed = true;
        Track green;
        green.name = u("green");
        green.share = 1;
        Track blue;
        blue.name = u("blue");
        blue.share = 0;
        place.tracks = {green, blue};
        watch.note(place, noon);
        auto serving = watch.serving(place);
        QVERIFY(serving && serving->isSeen); // what the ledger tells may prove it
        QVERIFY(!serving->share);
        QVERIFY(!serving->since.isValid());
        place.tracks = {blue, green};
        QVERIFY(!watch.serving(place)->isSeen);
        place.tracks = {green, blue};
        place.isShareAssumed = false; // the right was given
        watch.note(place, noon.addSecs(60));
        serving = watch.serving(place);
        QCOMPARE(serving->share.value_or(-1), 1.0);
        QCOMPARE(serving->since, noon.addSecs(60));
        QVERIFY(!serving->isBegun); // nobody saw it without
    }

    // Old watches tell nothing: a shift of long ago does not prove what is there now.
    void whatNobodySeesNowIsNotProvenByAnOldShift_data()
    {
        QTest::addColumn<Freshness::State>("state");
        QTest::addColumn<policy::TrafficSince::State>("expected");
        using policy::TrafficSince;
        QTest::newRow("live") << Freshness::State::Live << TrafficSince::State::Known;
        QTest::newRow("may not be read") << Freshness::State::Denied << TrafficSince::State::Known;
        QTest::newRow("stale") << Freshness::State::Stale << TrafficSince::State::Unknown;
        QTest::newRow("failed") << Freshness::State::Failed << TrafficSince::State::Unknown;
        QTest::newRow("still being read") << Freshness::State::Loading << TrafficSince::State::Unknown;
    }
    void whatNobodySeesNowIsNotProvenByAnOldShift()
    {
        QFETCH(Freshness::State, state);
        QFETCH(policy::TrafficSince::State, expected);
        const QDateTime noon(QDate(2026, 3, 4), QTime(12, 0), Qt::UTC);
        policy::SignedRecord shift;
        shift.at = noon.addDays(-3);
        policy::OperationRecord operation;
        operation.kind = OperationKind::TrafficShift;
        operation.application = u("cart");
        operation.environment = u("staging");
        operation.outcome = OutcomeKind::Done;
        operation.from = u("blue 100 %, green 0 %");
        operation.to = u("blue 0 %, green 100 %");
        shift.body = operation;
        Deployed place;
        place.freshness.state = state;
        Track green;
        green.name = u("green");
        Track blue;
        blue.name = u("blue");
        place.tracks = {green, blue};
        policy::Running running;
        running.serving = TrafficWatch().serving(place);
        QVERIFY(running.serving);
        QCOMPARE(policy::trafficSince({shift}, operation.application, operation.environment, running).state, expected);
    }

    void aTrackThatIsAloneHasAllTheTraffic()
    {
        const QDateTime noon(QDate(2026, 3, 4), QTime(12, 0), Qt::UTC);
        TrafficWatch watch;
        Deployed place;
        place.freshness.state = Freshness::State::Live;
        Track only;
        place.tracks = {only};
        watch.note(place, noon);
        QVERIFY(!watch.serving(place)); // nothing divides it
        place.tracks.first().share = 1;
        QVERIFY(!watch.serving(place));
        place.tracks.first().share = 0;
        watch.note(place, noon);
        QVERIFY(watch.serving(place)); // its router leads elsewhere
        place.tracks.first().share = 1;
        watch.note(place, noon.addSecs(60));
        QCOMPARE(watch.serving(place)->since, noon.addSecs(60));
    }

    // Unless it names another application or place, an alert that fires in the place is about this one.
    void anAlertIsAboutWhatItsLabelsName_data()
    {
        QTest::addColumn<Labels>("labels");
        QTest::addColumn<bool>("isAbout");
        const auto row = [](const char *name, const Labels &labels, bool isAbout) {
            QTest::newRow(name) << labels << isAbout;
        };
        const Labels here{{u("namespace"), u("shop")}};
        const auto with = [&here](const Labels &more) {
            Labels all = here;
            for (auto it = more.cbegin(); it != more.cend(); ++it)
                all.insert(it.key(), it.value());
            return all;
        };
        row("its application", {{u("app"), u("cart")}}, true);
        row("another application", with({{u("app"), u("search")}}), false);
        row("its workload", with({{u("deployment"), u("cart-web")}}), true);
        // As KubePodCrashLooping of kube-prometheus has it.
        const Labels crash{{u("pod"), u("cart-web-7d4b9c-x2x9k")},
                           {u("container"), u("web")},
                           {u("job"), u("kube-state-metrics")},
                           {u("service"), u("prometheus-kube-state-metrics")}};
        row("a pod of its workload", with(crash), true);
        row("another's pod", with({{u("pod"), u("search-7d4b9c-x2x9k")}}), false);
        row("a stateful set", with({{u("statefulset"), u("cart-web")}}), true);
        row("another daemon set", with({{u("daemonset"), u("logs")}, {u("pod"), u("cart-web-x2x9k")}}), false);
        row("a job of it", with({{u("job_name"), u("cart-migrate-1")}}), true);
        row("the scraped job", {{u("job"), u("cart")}}, true);
        row("a container alone", with({{u("container"), u("cart")}}), true);
        row("the namespace alone", here, true);
        row("the namespace and the exporter", with({{u("job"), u("kube-state-metrics")}}), true);
        row("the exporter's namespace", with({{u("namespace"), u("monitoring")}, {u("exported_namespace"), u("shop")}}),
            true);
        row("another namespace", {{u("namespace"), u("bank")}}, false);
        row("its name in another namespace", {{u("app"), u("cart")}, {u("namespace"), u("bank")}}, false);
        row("another environment", {{u("app"), u("cart")}, {u("environment"), u("staging")}}, false);
        row("the environment alone", {{u("environment"), u("production")}}, true);
        row("nothing", {{u("severity"), u("critical")}}, false);
    }
    void anAlertIsAboutWhatItsLabelsName()
    {
        QFETCH(Labels, labels);
        QFETCH(bool, isAbout);
        Alert alert;
        alert.name = u("Trouble");
        alert.state = Alert::State::Firing;
        alert.labels = labels;
        PlaceReading place;
        place.environment = u("production");
        place.deployed = Deployed();
        place.deployed->ns = u("shop");
        Track track;
        ObjectRef workload;
        workload.name = u("cart-web");
        track.workloads = {workload};
        place.deployed->tracks = {track};
        QCOMPARE(alertsAbout({alert}, u("cart"), place), isAbout ? QStringList{u("Trouble")} : QStringList());
    }

    // Its namespace is not known then: what names the application counts wherever it is.
    void whereNoClusterShowsItAnAlertOfItsNameCounts()
    {
        Alert alert;
        alert.name = u("Trouble");
        alert.labels = {{u("app"), u("cart")}, {u("namespace"), u("shop")}};
        PlaceReading place;
        place.environment = u("production");
        QCOMPARE(alertsAbout({alert}, u("cart"), place), QStringList{u("Trouble")});
    }

    // The idle track may have a version that nobody ever got: what is between it and the live one goes out, too.
    void changesBeginWithWhatUsersGet()
    {
        FakeSource source(u("shop"));
        source.releases = {
            {commitOf('a'), commitOf('a')}, {commitOf('1'), commitOf('1')}, {commitOf('2'), commitOf('2')}};
        PromotionInQuestion question;
        question.promotion = u("P");
        question.label = commitOf('a');
        question.request.subject = {u("cart"), u("production"), digest, {}};
        PlaceReading production;
        production.environment = u("production");
        production.running = RunningRelease();
        production.running->revision = commitOf('1');
        production.target = RunningRelease(); // idle
        production.target->revision = commitOf('2');
        QObject context;
        std::optional<SourceReading> reading;
        deliver(readPromotionSource(&context, &source, question, {{production}}, true, {}), {}, &context,
                [&reading](const Result<SourceReading> &read) { reading = read.value_or(SourceReading()); });
        QTRY_VERIFY(reading);
        QCOMPARE(reading->replaces.value_or(QString()), commitOf('1'));
        QVERIFY2(source.asked.contains(commitOf('1') + u("..") + commitOf('a')), qPrintable(source.asked.join(u' ')));
    }

    void authorsAreAllWhoHadAHandInIt()
    {
        FakeSource source(u("shop"));
        source.releases = {{commitOf('a'), commitOf('a')}, {commitOf('1'), commitOf('1')}};
        ChangeCommit commit;
        commit.id = commitOf('a');
        commit.authorEmail = u("dan@shop.example");
        commit.committerEmail = u("bob@shop.example");
        commit.body = u("Why it is so.\n\nCo-authored-by: Ann <ann@shop.example>\n");
        ChangeCommit merged = commit;
        merged.committerEmail = u("noreply@github.com");
        source.set.commits = {commit, merged};
        PromotionInQuestion question;
        question.promotion = u("P");
        question.label = commitOf('a');
        question.request.subject = {u("cart"), u("production"), digest, {}};
        PlaceReading production;
        production.environment = u("production");
        production.running = RunningRelease();
        production.running->revision = commitOf('1');
        production.target = production.running;
        QObject context;
        std::optional<SourceReading> reading;
        deliver(readPromotionSource(&context, &source, question, {{production}}, true, {}), {}, &context,
                [&reading](const Result<SourceReading> &read) { reading = read.value_or(SourceReading()); });
        QTRY_VERIFY(reading);
        QCOMPARE(reading->authors.value_or(QStringList()), (QStringList{u("dan@shop.example"), u("ann@shop.example")}));
        // The request takes them along, for whoever reads the ledger alone.
        QVERIFY(reading->changes && reading->changes->hasAllCommits());
        QCOMPARE(policy::authorsIn(*reading->changes), *reading->authors);
        QCOMPARE(policy::committersIn(*reading->changes), reading->committers);
        QCOMPARE(reading->committers, (QStringList{u("bob@shop.example"), u("noreply@github.com")}));
        // Of who committed it only whom the policy knows is an author.
        policy::Policy policy;
        policy::Principal bob;
        bob.name = u("bob");
        bob.emails = {u("bob@shop.example")};
        policy.principals = {bob};
        policy::Facts facts;
        facts.authors = reading->authors;
        addCommitters(facts, policy, reading->committers);
        QCOMPARE(facts.authors->size(), 3);
        QCOMPARE(facts.authors->last(), u("bob@shop.example"));
    }

    // As the Overview has it; of what is old nobody knows.
    void aPlaceOfThePathTellsHowItIs_data()
    {
        QTest::addColumn<Freshness::State>("state");
        QTest::addColumn<Health>("health");
        QTest::newRow("seen") << Freshness::State::Live << Health::Failing;
        QTest::newRow("a kind may not be read") << Freshness::State::Denied << Health::Failing;
        QTest::newRow("old") << Freshness::State::Stale << Health::Unknown;
    }
    void aPlaceOfThePathTellsHowItIs()
    {
        QFETCH(Freshness::State, state);
        QFETCH(Health, health);
        PlaceReading dev;
        dev.environment = u("dev");
        dev.running = RunningRelease(); // not settled
        dev.running->digest = digest;
        dev.deployed = Deployed();
        dev.deployed->health = Health::Failing;
        dev.deployed->state = u("0 / 2 ready: CrashLoopBackOff");
        dev.deployed->freshness.state = state;
        World world;
        world.applications.insert(u("cart"), {{dev}});
        policy::PromotionRequest request;
        request.subject = {u("cart"), u("staging"), digest, {}};
        const QList<policy::PathPlace> path = pathOf(world, request, u("dev"));
        QCOMPARE(path.size(), qsizetype(1));
        QCOMPARE(path.first().state, policy::PathPlace::State::Busy);
        QCOMPARE(path.first().health, health);
        QCOMPARE(path.first().trouble.isEmpty(), health == Health::Unknown);
    }

    // A track without traffic fails: that is the place's trouble only where a promotion is about to set that one.
    void anIdleTrackIsNotThePlace_data()
    {
        QTest::addColumn<double>("share"); // of the one that fails
        QTest::addColumn<double>("others");
        QTest::addColumn<bool>("isSet");
        QTest::addColumn<Health>("health");
        QTest::newRow("idle") << 0.0 << 1.0 << false << Health::Ok;
        QTest::newRow("idle, and about to be set") << 0.0 << 1.0 << true << Health::Failing;
        QTest::newRow("it serves") << 0.1 << 0.9 << false << Health::Failing;
        QTest::newRow("nothing serves") << 0.0 << 0.0 << false << Health::Failing;
    }
    void anIdleTrackIsNotThePlace()
    {
        QFETCH(double, share);
        QFETCH(double, others);
        QFETCH(bool, isSet);
        QFETCH(Health, health);
        Track blue;
        blue.name = u("blue");
        blue.share = others;
        blue.health = Health::Ok;
        Track green = blue;
        green.name = u("green");
        green.share = share;
        green.health = Health::Failing;
        ObjectRef workload;
        workload.name = u("cart-green");
        green.workloads = {workload};
        PlaceReading production;
        production.environment = u("production");
        production.running = RunningRelease();
        if (isSet) {
            production.target = RunningRelease();
            production.target->workload = workload;
        }
        production.deployed = Deployed();
        production.deployed->tracks = {blue, green};
        production.deployed->health = Health::Failing;
        production.deployed->state = u("0 / 2 ready: CrashLoopBackOff");
        production.deployed->freshness.state = Freshness::State::Live;
        World world;
        world.applications.insert(u("cart"), {{production}});
        policy::PromotionRequest request;
        request.subject = {u("cart"), u("production"), digest, {}};
        const QList<policy::PathPlace> path = pathOf(world, request, u("staging"));
        QCOMPARE(path.size(), qsizetype(1));
        QCOMPARE(path.first().health, health);
        QCOMPARE(path.first().trouble.isEmpty(), health != Health::Failing);
    }

    // One of two tracks answers, and not the one that would be set.
    void whyBusyIsNotKnownIsTold()
    {
        PlaceReading production;
        production.environment = u("production");
        production.isLive = true;
        production.running = RunningRelease();
        production.targetProblem = u("The track blue does not answer.");
        World world;
        world.applications.insert(u("cart"), {{production}});
        policy::PromotionRequest request;
        request.subject = {u("cart"), u("production"), digest, {}};
        const policy::Facts facts = factsOf(world, request, u("P"), u("staging"));
        QVERIFY(!facts.isBusy);
        QCOMPARE(facts.busyProblem, production.targetProblem);
    }

    // Where nobody has its repository: what the request lists is believed, of the commit that it names.
    void authorsWithoutARepositoryAreThoseOfTheCommitAskedFor_data()
    {
        QTest::addColumn<QString>("asked"); // commit
        QTest::addColumn<QString>("label");
        QTest::addColumn<int>("listed");
        QTest::addColumn<bool>("isKnown");
        QTest::newRow("as the request has it") << commitOf('a') << QString() << 1 << true;
        QTest::newRow("as the image says, too") << commitOf('a') << commitOf('a') << 1 << true;
        QTest::newRow("the image says another") << commitOf('a') << commitOf('b') << 1 << false;
        QTest::newRow("neither names one") << QString() << QString() << 1 << false;
        QTest::newRow("it lists none") << commitOf('a') << QString() << 0 << false;
        QTest::newRow("the image alone names one") << QString() << commitOf('a') << 1 << false;
    }
    void authorsWithoutARepositoryAreThoseOfTheCommitAskedFor()
    {
        QFETCH(QString, asked);
        QFETCH(QString, label);
        QFETCH(int, listed);
        QFETCH(bool, isKnown);
        PromotionInQuestion question;
        question.label = label;
        question.request.subject = {u("cart"), u("production"), digest, asked};
        policy::ChangeSummary changes;
        for (; changes.commitCount < listed; ++changes.commitCount)
            changes.commits.append(
                {commitOf('a'), u("dan@shop.example"), {}, {u("ann@shop.example")}, u("bob@shop.example")});
        question.request.changes = changes;
        QObject context;
        std::optional<SourceReading> reading;
        deliver(readPromotionSource(&context, nullptr, question, {}, true, {}), {}, &context,
                [&reading](const Result<SourceReading> &read) { reading = read.value_or(SourceReading()); });
        QTRY_VERIFY(reading);
        QCOMPARE(reading->authors.has_value(), isKnown);
        if (isKnown)
            QCOMPARE(*reading->authors, (QStringList{u("dan@shop.example"), u("ann@shop.example")}));
        QCOMPARE(reading->committers, isKnown && listed > 0 ? QStringList{u("bob@shop.example")} : QStringList());
    }

    // The own operation's hold is no other deployment; a roll-out that nobody here began is.
    void busyIsWhatSomebodyElseDoes_data()
    {
        QTest::addColumn<QString>("heldBy"); // empty: not held
        QTest::addColumn<bool>("isSettled");
        QTest::addColumn<bool>("isBusy");
        QTest::newRow("nothing goes on") << QString() << true << false;
        QTest::newRow("a roll-out") << QString() << false << true;
        QTest::newRow("our own operation") << u("P") << true << false;
        QTest::newRow("our own operation, and a roll-out") << u("P") << false << true;
        QTest::newRow("another operation") << u("Q") << true << true;
    }
    void busyIsWhatSomebodyElseDoes()
    {
        QFETCH(QString, heldBy);
        QFETCH(bool, isSettled);
        QFETCH(bool, isBusy);
        PlaceReading production;
        production.environment = u("production");
        production.isHeld = !heldBy.isEmpty();
        production.heldBy = heldBy;
        production.target = RunningRelease();
        production.target->isSettled = isSettled;
        World world;
        world.applications.insert(u("cart"), {{production}});
        policy::PromotionRequest request;
        request.subject = {u("cart"), u("production"), digest, {}};
        QCOMPARE(factsOf(world, request, u("P"), u("staging")).isBusy, std::optional(isBusy));
    }
};

QTEST_GUILESS_MAIN(TestPromotionFacts)
#include "test_promotionfacts.moc"
