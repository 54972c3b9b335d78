#include "app/cli/grammar.h"
#include "app/commands/json.h"
#include "app/commands/logscommand.h"
#include "app/commands/render.h"
#include "app/commands/rollbackcommand.h"
#include "app/commands/statusconnection.h"
#include "app/commands/targets.h"
#include "app/commands/trafficcommand.h"
#include "app/exitstatus.h"
#include "models/domain/trafficway.h"
#include "models/stores/clusterstore.h"

#include <QFile>
#include <QTest>

using namespace signalbox;
using namespace signalbox::commands;

namespace
{

QString text(const char *utf8)
{
    return QString::fromUtf8(utf8);
}

Deployed place(const char *application, const char *connection, const char *ns, const char *environment)
{
    Deployed one;
    one.application = text(application);
    one.connection = text(connection);
    one.ns = text(ns);
    one.environment = text(environment);
    return one;
}

Track trackNamed(const char *name, std::optional<double> share, const QStringList &workloads)
{
    Track one;
    one.name = text(name);
    one.share = share;
    for (const QString &workload : workloads) {
        ObjectRef ref;
        ref.kind = text("Deployment");
        ref.ns = text("shop");
        ref.name = workload;
        one.workloads.append(ref);
    }
    return one;
}

RouterRef router(RouterRef::Kind kind, const char *kindName, const char *name)
{
    RouterRef one;
    one.kind = kind;
    one.object.kind = text(kindName);
    one.object.ns = text("shop");
    one.object.name = text(name);
    return one;
}

cli::Arguments argumentsOf(const QStringList &words)
{
    const auto parsed = cli::parse(words, cli::grammar());
    return parsed ? *parsed : cli::Arguments();
}

// The recorded document; SIGNALBOX_RECORD=1 writes it anew, to be read before it is committed.
QByteArray golden(const char *name, const QString &now)
{
    QFile file(QStringLiteral(SIGNALBOX_TEST_DATA "/cli/") + QString::fromLatin1(name));
    if (qEnvironmentVariableIsSet("SIGNALBOX_RECORD") && file.open(QIODevice::WriteOnly)) {
        file.write(now.toUtf8());
        file.close();
    }
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("missing");
}

} // namespace

class TestCommands : public QObject
{
    Q_OBJECT
private slots:
    // A Deployment's pods belong to its ReplicaSets, a StatefulSet's to itself; somebody else's to nobody here.
    void findsThePodsOfTracks()
    {
        const auto named = [](const char *name, const char *uid) {
            ObjectRef ref;
            ref.name = text(name);
            ref.uid = text(uid);
            return ref;
        };
        ClusterStore store;
        ClusterDelta delta;
        for (const auto &[uid, owner] : {std::pair("rs1", "web"), std::pair("rs2", "web"), std::pair("rs3", "other")}) {
            Revision revision;
            revision.ref = named(uid, uid);
            revision.ownerUid = text(owner);
            delta.revisions.upserted.append(revision);
        }
        for (const auto &[name, owner] : {std::pair("web-b", "rs2"), std::pair("web-a", "rs1"), std::pair("db-0", "db"),
                                          std::pair("other-a", "rs3"), std::pair("alone", "")}) {
            Pod pod;
            pod.ref = named(name, name);
            pod.ownerUid = text(owner);
            delta.pods.upserted.append(pod);
        }
        store.apply(delta);
        Track web;
        web.workloads = {named("web", "web")};
        Track db;
        db.workloads = {named("db", "db")};
        const auto names = [&store](const QList<Track> &tracks) {
            QStringList found;
            for (const Pod &pod : podsOf(store, tracks))
                found.append(pod.ref.name);
            return found.join(u' ');
        };
        QCOMPARE(names({web}), text("web-a web-b"));
        QCOMPARE(names({web, db}), text("db-0 web-a web-b"));
        QCOMPARE(names({Track()}), QString());
    }
    void aLogLineCommandsNoTerminal()
    {
        QCOMPARE(shownLine(text("a\tb\x1b[2J\x07\x7f\xc2\x9b ok")),
                 text("a\tb\xe2\x90\x9b[2J\xe2\x90\x87\xe2\x90\xa1\xe2\x90\xa1 ok"));
    }
    void findsAnApplicationInAnEnvironment_data()
    {
        QTest::addColumn<QString>("application");
        QTest::addColumn<QString>("environment");
        QTest::addColumn<QString>("found"); // connection/ns, or the sentence
        const auto row = [](const char *name, const char *application, const char *environment, const char *found) {
            QTest::newRow(name) << text(application) << text(environment) << text(found);
        };
        row("plain", "cart", "staging", "eu/staging");
        row("full name where it is ambiguous", "cart", "us/production", "us/production");
        row("ambiguous", "cart", "production",
            "\"production\" is ambiguous for cart. Write CONTEXT/NAMESPACE: eu/production or us/production.");
        row("slip of the finger", "catr", "staging", "There is no application \"catr\". Did you mean cart?");
        row("nothing like it", "zebra", "staging", "There is no application \"zebra\". There are: cart, payments.");
        row("environment of another application", "payments", "staging",
            "payments is not in an environment \"staging\". There are: dev.");
        row("environment misspelt", "cart", "stagign",
            "cart is not in an environment \"stagign\". Did you mean staging?");
    }
    void findsAnApplicationInAnEnvironment()
    {
        QFETCH(QString, application);
        QFETCH(QString, environment);
        const QList<Deployed> all = {place("cart", "eu", "production", "eu/production"),
                                     place("cart", "us", "production", "us/production"),
                                     place("cart", "eu", "staging", "staging"), place("payments", "eu", "dev", "dev")};
        const auto found = findOne(all, application, environment);
        QTEST(found ? found->connection + QLatin1Char('/') + found->ns : found.error().message, "found");
    }

    void findsTheWorkload_data()
    {
        QTest::addColumn<QList<double>>("shares"); // of blue and green; below 0: nothing says so
        QTest::addColumn<QString>("track");
        QTest::addColumn<QString>("workload");
        QTest::addColumn<QString>("found"); // its name; empty: refused
        QTest::newRow("what gets most") << QList<double>{1, 0} << QString() << QString() << text("cart-blue");
        QTest::newRow("half and half") << QList<double>{0.5, 0.5} << QString() << QString() << QString();
        QTest::newRow("nothing known") << QList<double>{-1, -1} << QString() << QString() << QString();
        QTest::newRow("by track") << QList<double>{1, 0} << text("green") << QString() << text("cart-green");
        QTest::newRow("by name") << QList<double>{1, 0} << QString() << text("cart-green") << text("cart-green");
        QTest::newRow("by kind and name")
            << QList<double>{1, 0} << QString() << text("deployment/cart-green") << text("cart-green");
        QTest::newRow("no such track") << QList<double>{1, 0} << text("red") << QString() << QString();
        QTest::newRow("not in that track") << QList<double>{1, 0} << text("blue") << text("cart-green") << QString();
    }
    void findsTheWorkload()
    {
        QFETCH(QList<double>, shares);
        QFETCH(QString, track);
        QFETCH(QString, workload);
        Deployed cart = place("cart", "eu", "shop", "shop");
        cart.tracks = {
            trackNamed("blue", shares[0] < 0 ? std::nullopt : std::optional(shares[0]), {text("cart-blue")}),
            trackNamed("green", shares[1] < 0 ? std::nullopt : std::optional(shares[1]), {text("cart-green")})};
        const auto found = findWorkload(cart, track, workload);
        QTEST(found ? found->name : QString(), "found");
    }

    void aRouteGoesBeforeTheServicesBehindIt()
    {
        Deployed cart = place("cart", "eu", "shop", "shop");
        QCOMPARE(findRouter(cart, {}).error().kind, ErrorKind::Unsupported);
        cart.routers = {router(RouterRef::Kind::ServiceSelector, "Service", "cart"),
                        router(RouterRef::Kind::HttpRoute, "HTTPRoute", "cart")};
        QCOMPARE(findRouter(cart, {})->kind, RouterRef::Kind::HttpRoute);
        QCOMPARE(findRouter(cart, text("service/cart"))->kind, RouterRef::Kind::ServiceSelector);
        cart.routers.append(router(RouterRef::Kind::VirtualService, "VirtualService", "mesh"));
        QCOMPARE(findRouter(cart, {}).error().message, text("Several routers divide the traffic of cart in shop. Say "
                                                            "which one by --router: Service/cart, HTTPRoute/cart or "
                                                            "VirtualService/mesh."));
    }

    void dividesTheTraffic_data()
    {
        QTest::addColumn<QStringList>("options");
        QTest::addColumn<QStringList>("tracks");
        QTest::addColumn<QString>("steps"); // "blue=75 green=25 60s; ..." or the sentence
        const auto row = [](const char *name, const char *options, const char *tracks, const char *steps) {
            QTest::newRow(name) << text(options).split(QLatin1Char(' ')) << text(tracks).split(QLatin1Char(' '))
                                << text(steps);
        };
        row("the other one gets the rest", "--set green=25", "blue green", "blue=75 green=25 0s");
        row("both named", "--set green=25 --set blue=75", "blue green", "blue=75 green=25 0s");
        row("not all of it", "--set green=25 --set blue=70", "blue green",
            "--set: the shares add up to 95 %, not to 100 %.");
        row("unknown track", "--set red=25", "blue green", "--set: there is no track \"red\". There are: blue, green.");
        row("in steps", "--set green=100 --steps 5,50 --dwell 2m", "blue green",
            "blue=95 green=5 120s; blue=50 green=50 120s; blue=0 green=100 0s");
        row("the goal is not said twice", "--set green=50 --steps 5,50", "blue green",
            "blue=95 green=5 60s; blue=50 green=50 0s");
        row("back in steps", "--set green=0 --steps 50,10,0 --dwell 30s", "blue green",
            "blue=50 green=50 30s; blue=90 green=10 30s; blue=100 green=0 0s");
        row("three tracks, who gets the rest", "--set green=25", "blue green canary",
            "--set: say who gets the remaining 75 %: blue, canary.");
        row("three tracks, all to one", "--set green=100", "blue green canary", "blue=0 canary=0 green=100 0s");
        row("per cent sign", "--set green=25%", "blue green", "blue=75 green=25 0s");
    }
    void dividesTheTraffic()
    {
        QFETCH(QStringList, options);
        QFETCH(QStringList, tracks);
        const auto wish =
            trafficWishOf(argumentsOf(QStringList{text("traffic"), text("cart"), text("shop")} + options));
        QVERIFY2(wish, wish ? "" : qPrintable(wish.error().message));
        const auto steps = trafficSteps(*wish, tracks);
        QStringList shown;
        if (steps) {
            for (const TrafficOrder::Step &step : *steps) {
                QStringList shares;
                for (auto it = step.percent.begin(); it != step.percent.end(); ++it)
                    shares.append(QStringLiteral("%1=%2").arg(it.key()).arg(it.value()));
                shown.append(shares.join(QLatin1Char(' ')) + QStringLiteral(" %1s").arg(step.dwell.count()));
            }
        }
        QTEST(steps ? shown.join(text("; ")) : steps.error().message, "steps");
    }

    // Back is what goes to the older release, whole or in part. A policy may hold only what brings the newest beyond
    // doubt: a restart of the older one, or nobody knowing, is no doubt in favour of holding it.
    void knowsWhatGoesBack_data()
    {
        QTest::addColumn<int>("blueNow"); // blue is the older one
        QTest::addColumn<QList<int>>("blueWanted");
        QTest::addColumn<int>("greenAfterBlue"); // days; 0: nobody knows
        QTest::addColumn<QString>("versions");   // blue, green
        QTest::addColumn<Direction>("direction");
        QTest::addColumn<bool>("bringsNewest");
        const auto row = [](const char *name, int now, const QList<int> &wanted, int later, const char *versions,
                            Direction direction, bool bringsNewest = false) {
            QTest::newRow(name) << now << wanted << later << text(versions) << direction << bringsNewest;
        };
        const Direction forward = Direction::Forward;
        const Direction back = Direction::Back;
        row("first share to green", 100, {95}, 1, "1.4.0 v1.5.0-rc.1", forward, true);
        row("first share to green, by its age alone", 100, {95}, 1, " ", forward);
        row("all to green", 20, {0}, 1, "1.4 1.5", forward, true);
        row("all to green, an older version", 20, {0}, 1, "1.5.0 1.4.0", back);
        row("all back to blue", 75, {100}, 1, "1.4.0 1.5.0", back);
        row("all back to blue, by its age alone", 75, {100}, 1, "5be02d1 1.5.0", back);
        row("all back from nothing", 0, {100}, 1, " ", back);
        row("it is there already", 100, {100}, 1, " ", back);
        row("back in steps", 25, {50, 100}, 1, " ", back);
        row("less first", 25, {10, 100}, 1, " ", forward);
        row("less first, of known versions", 25, {10, 100}, 1, "1.4.0 1.5.0", forward, true);
        row("some back", 50, {75}, 1, "1.4.0 1.5.0", back);
        row("blue was restarted, all back to it", 75, {100}, -1, "1.4.0 1.5.0", back);
        row("blue was mended, some back to it", 0, {50}, -1, "1.4.1 1.5.0", back);
        row("blue was restarted, more to green", 75, {50}, -1, "1.4.0 1.5.0", forward);
        row("blue was restarted, and no version tells", 75, {100}, -1, "c07d9aa 5be02d1", forward);
        // From wherever it is: all of it to the older one is a way back, and whether the newest gets more is not known.
        row("nobody knows the shares", -1, {100}, 1, "1.4.0 1.5.0", back);
        row("nobody knows the shares, all to the newer one", -1, {0}, 1, "1.4.0 1.5.0", forward);
        row("nobody knows the shares, some to the older one", -1, {75}, 1, "1.4.0 1.5.0", forward);
        // Going back is never the harder of the two where nothing tells which is which.
        row("nobody knows the ages, all to the one with most", 75, {100}, 0, " ", back);
        row("nobody knows the ages, all to the one with half", 50, {100}, 0, " ", back);
        row("nobody knows the ages, all to the one with less", 25, {100}, 0, " ", forward);
        row("nobody knows the ages, some more", 75, {90}, 0, " ", forward);
        row("nobody knows the ages, less first", 75, {50, 100}, 0, " ", forward);
        row("nobody knows anything", -1, {100}, 0, " ", back);
    }
    void knowsWhatGoesBack()
    {
        QFETCH(int, blueNow);
        QFETCH(QList<int>, blueWanted);
        QFETCH(int, greenAfterBlue);
        QFETCH(QString, versions);
        TrafficSplit now;
        const std::optional<double> share = blueNow < 0 ? std::nullopt : std::optional(blueNow / 100.0);
        now.legs = {{text("blue"), text("cart-blue"), blueNow, share, 3},
                    {text("green"), text("cart-green"), 100 - blueNow, share ? 1 - *share : share, 3}};
        QList<Track> tracks = {trackNamed("blue", {}, {}), trackNamed("green", {}, {})};
        for (int i = 0; i < 2; ++i)
            tracks[i].version = versions.section(QLatin1Char(' '), i, i);
        if (greenAfterBlue != 0) {
            tracks[0].since = QDateTime(QDate(2026, 11, 20), QTime(8, 0), Qt::UTC);
            tracks[1].since = tracks[0].since.addDays(greenAfterBlue);
        }
        QList<TrafficOrder::Step> steps;
        for (const int percent : blueWanted)
            steps.append({{{text("blue"), percent}, {text("green"), 100 - percent}}, {}});
        const TrafficWay way = trafficWayOf(steps, now, tracks);
        QTEST(way.direction, "direction");
        QTEST(way.bringsNewest, "bringsNewest");
    }

    // Who knows better than the shares which track is the stable one is believed, until the releases say otherwise.
    void theStableTrackMayBeTheOneWithLess_data()
    {
        QTest::addColumn<QString>("stable");
        QTest::addColumn<QString>("versions"); // blue, green
        QTest::addColumn<Direction>("direction");
        QTest::newRow("blue") << text("blue") << text(" ") << Direction::Back;
        QTest::newRow("green") << text("green") << text(" ") << Direction::Forward;
        QTest::newRow("nobody says") << QString() << text(" ") << Direction::Forward;
        QTest::newRow("blue, and it is newer") << text("blue") << text("1.5.0 1.4.0") << Direction::Forward;
    }
    void theStableTrackMayBeTheOneWithLess()
    {
        QFETCH(QString, stable);
        QFETCH(QString, versions);
        TrafficSplit now;
        now.legs = {{text("blue"), text("cart-blue"), 25, 0.25, 3}, {text("green"), text("cart-green"), 75, 0.75, 3}};
        QList<Track> tracks = {trackNamed("blue", {}, {}), trackNamed("green", {}, {})};
        for (int i = 0; i < 2; ++i)
            tracks[i].version = versions.section(QLatin1Char(' '), i, i);
        const QList<TrafficOrder::Step> steps = {{{{text("blue"), 100}, {text("green"), 0}}, {}}};
        QTEST(trafficWayOf(steps, now, tracks, stable).direction, "direction");
    }

    // What one of three loses whole is divided among the others: how that is judged depends on the stable one alone.
    void allToTheOthersOfThree_data()
    {
        QTest::addColumn<int>("green");        // of 20 per cent
        QTest::addColumn<int>("canary");       // of 5 per cent; 6.25 of what is left without green
        QTest::addColumn<QString>("versions"); // blue, the stable one, canary, green
        QTest::addColumn<Direction>("direction");
        QTest::newRow("nothing tells") << 0 << 6 << text("  ") << Direction::Back;
        QTest::newRow("green is the newest") << 0 << 6 << text("1.4.0 1.4.1 1.5.0") << Direction::Back;
        QTest::newRow("canary is the newest") << 0 << 6 << text("1.4.0 1.6.0 1.5.0") << Direction::Back;
        QTest::newRow("blue is the newest") << 0 << 6 << text("1.6.0 1.4.0 1.5.0") << Direction::Forward;
        QTest::newRow("a part, and nothing tells") << 10 << 6 << text("  ") << Direction::Forward;
        QTest::newRow("a part, and green is the newest") << 10 << 6 << text("1.4.0 1.4.1 1.5.0") << Direction::Back;
        QTest::newRow("its part, rounded up") << 0 << 7 << text("  ") << Direction::Back;
        QTest::newRow("more than its part") << 0 << 8 << text("  ") << Direction::Forward;
        QTest::newRow("nearly all to the one beside") << 0 << 24 << text("  ") << Direction::Forward;
        QTest::newRow("nearly all to an older one") << 0 << 24 << text("1.4.0 1.4.1 1.5.0") << Direction::Back;
    }
    void allToTheOthersOfThree()
    {
        QFETCH(int, green);
        QFETCH(int, canary);
        QFETCH(QString, versions);
        TrafficSplit now;
        now.legs = {{text("blue"), text("cart-blue"), 75, 0.75, 3},
                    {text("canary"), text("cart-canary"), 5, 0.05, 1},
                    {text("green"), text("cart-green"), 20, 0.2, 3}};
        QList<Track> tracks = {trackNamed("blue", {}, {}), trackNamed("canary", {}, {}), trackNamed("green", {}, {})};
        for (int i = 0; i < 3; ++i)
            tracks[i].version = versions.section(QLatin1Char(' '), i, i);
        const QList<TrafficOrder::Step> steps = {
            {{{text("blue"), 100 - canary - green}, {text("canary"), canary}, {text("green"), green}}, {}}};
        QTEST(trafficWayOf(steps, now, tracks, text("blue")).direction, "direction");
    }

    // The promise to scripts: fields and their order. A new field goes into the golden document, none may go.
    void documentsKeepTheirFields()
    {
        const QDateTime at(QDate(2026, 11, 21), QTime(8, 0), Qt::UTC);
        Deployed cart = place("cart", "prod", "shop", "shop");
        TrafficSplit split;
        split.router = router(RouterRef::Kind::HttpRoute, "HTTPRoute", "cart");
        split.legs = {{text("blue"), text("cart-blue"), 3, 0.75, 3},
                      {text("green"), text("cart-green"), 1, std::nullopt, -1}};
        split.applied = TrafficSplit::Applied::Yes;
        split.resourceVersion = text("42");
        split.readAt = at;
        split.managers = {{Manager::Kind::Flux, text("Kustomization flux/shop"), text("label"), true, {}}};
        const QString traffic = trafficJson(cart, {split});
        QCOMPARE(traffic.toUtf8(), golden("traffic.json", traffic));

        RollbackTarget target;
        target.revision.number = 3;
        target.revision.templateHash = text("c07d9aa");
        target.revision.created = at;
        target.revision.images = {{text("web"), text("r/cart:1.4.0")}};
        target.version = text("1.4.0");
        target.isSuggested = true;
        target.readiness = {
            {CheckId::TargetImage, CheckState::Warn, text("The image was not pulled lately"), {}, text("Look.")}};
        ObjectRef workload;
        workload.kind = text("Deployment");
        workload.ns = text("shop");
        workload.name = text("cart");
        const QString revisions = revisionsJson(cart, workload, {target});
        QCOMPARE(revisions.toUtf8(), golden("revisions.json", revisions));

        Plan plan;
        plan.id = text("01");
        plan.direction = Direction::Back;
        plan.application = text("cart");
        plan.environment = text("shop");
        plan.connection = text("prod");
        plan.ns = text("shop");
        plan.from = text("1.5.0 (5be02d1)");
        plan.to = text("1.4.0 (c07d9aa)");
        plan.plannedAt = at;
        PlanStep step;
        step.id = text("1");
        step.title = text("Put the template of revision 3 back");
        step.call = {text("prod"), text("PATCH"), text("/apis/apps/v1/x"), text("application/json-patch+json"), "[]"};
        step.diff = {{DiffLine::Kind::Removed, text("image: r/cart:1.5.0")},
                     {DiffLine::Kind::Added, text("image: r/cart:1.4.0")}};
        plan.steps = {step};
        plan.checks = {{CheckId::Rights, CheckState::Pass, text("You may"), {}, {}}};
        Outcome outcome;
        outcome.kind = OutcomeKind::NotEffective;
        outcome.message = text("not effective: 0 of 3 pods ready, ImagePullBackOff");
        outcome.startedAt = at;
        outcome.finishedAt = at.addSecs(30);
        outcome.steps = {{text("1"), OutcomeKind::NotEffective, text("0 of 3"), at, at, {}}};
        const QString operation = operationJson(plan, outcome, ExitStatus::Refused);
        QCOMPARE(operation.toUtf8(), golden("operation.json", operation));
        const QString error = errorJson({ErrorKind::TimedOut, text("late"), {}}, ExitStatus::Unknown);
        QCOMPARE(error.toUtf8(), golden("error.json", error));
    }

    // What people fill in may be a password, whatever the operation is that it is a step of.
    void aHiddenBodyIsInNoDocument_data()
    {
        QTest::addColumn<OperationKind>("kind");
        QTest::addColumn<bool>("isHidden");
        QTest::addColumn<bool>("isSecret");
        QTest::addColumn<bool>("isShown");
        QTest::newRow("a cluster's") << OperationKind::Promote << false << false << true;
        QTest::newRow("a gate's, of a promotion") << OperationKind::Promote << true << false << false;
        QTest::newRow("a password's") << OperationKind::Promote << false << true << false;
        QTest::newRow("a gate's") << OperationKind::DecideGate << false << false << false;
        QTest::newRow("a new run's") << OperationKind::TriggerRun << false << false << false;
    }
    void aHiddenBodyIsInNoDocument()
    {
        QFETCH(OperationKind, kind);
        QFETCH(bool, isHidden);
        QFETCH(bool, isSecret);
        QFETCH(bool, isShown);
        Plan plan;
        plan.kind = kind;
        PlanStep open;
        open.id = text("1");
        open.call.body = "plain";
        PlanStep step;
        step.id = text("2");
        step.call.body = "TRACK=green-1234";
        step.call.isSecret = isSecret;
        step.isBodyHidden = isHidden;
        plan.steps = {open, step};
        const QString document = operationJson(plan, {}, ExitStatus::Done);
        QCOMPARE(document.contains(text("green-1234")), isShown);
        QCOMPARE(document.contains(text("plain")), kind == OperationKind::Promote); // of each step its own
    }

    void whatIsReadKeepsItsFields()
    {
        const QDateTime at(QDate(2026, 11, 21), QTime(8, 0), Qt::UTC);
        Deployed cart = place("cart", "prod", "shop", "shop");
        cart.team = text("checkout");
        cart.isProtected = true;
        cart.health = Health::Warning;
        cart.state = text("1 of 3 pods ready");
        cart.since = at;
        cart.freshness.state = Freshness::State::Live;
        cart.tracks = {trackNamed("blue", 1.0, {text("cart-blue")}), trackNamed("green", std::nullopt, {})};
        cart.tracks[0].version = text("1.4.0");
        cart.tracks[0].templateHash = text("c07d9aa");
        cart.tracks[0].digest = text("sha256:0b1c");
        cart.tracks[0].podsReady = 1;
        cart.tracks[0].podsWanted = 3;
        cart.tracks[0].since = at;
        cart.tracks[0].health = Health::Warning;
        cart.tracks[1].podsReady = -1;
        cart.routers = {router(RouterRef::Kind::HttpRoute, "HTTPRoute", "cart")};
        cart.managers = {{Manager::Kind::Flux, text("Kustomization flux/shop"), text("label"), true, {}}};
        StatusConnection live{text("prod"), text("Production"), {}, text("live"), std::nullopt};
        live.info.server = text("k8s.example:6443");
        live.info.version = text("v1.20.2");
        live.info.user = text("ann");
        StatusConnection gone{text("eu"),
                              text("Europe"),
                              {},
                              text("stale"),
                              Error{ErrorKind::Unreachable, text("eu.example did not answer"), {}},
                              at};
        gone.info.verifiesTls = false;
        gone.info.onlyNamespaces = {text("shop"), text("bank")};
        const QString status = statusJson({live, gone}, false, {cart}, at, {{{cart.key(), text("blue")}, {41.5, 0.2}}});
        QCOMPARE(status.toUtf8(), golden("status.json", status));

        RehearseCommand::Rehearsed one;
        one.deployed = cart;
        one.readiness.light = Health::Failing;
        one.readiness.reason = text("The image could not be pulled lately: r/cart:1.3.0");
        one.readiness.wayOut = text("Push it again.");
        one.readiness.to = text("1.3.0 (5be02d1)");
        one.readiness.hadDryRun = true;
        one.readiness.took = std::chrono::milliseconds(42);
        one.readiness.checkedAt = at;
        one.readiness.checks = {
            {CheckId::TargetImage, CheckState::Block, text("The image could not be pulled lately"), {}, {}}};
        const QString rehearsal = rehearsalsJson({one}, ExitStatus::Refused);
        QCOMPARE(rehearsal.toUtf8(), golden("rehearsal.json", rehearsal));
    }

    // Who types the rollback of a track hears of the one beside it, which the window suggests first.
    void theQuickerWayBackIsNamed_data()
    {
        QTest::addColumn<int>("pods"); // of the older track
        QTest::addColumn<bool>("isOlder");
        QTest::addColumn<bool>("isLive");
        QTest::addColumn<bool>("isNamed");
        QTest::newRow("it runs beside") << 3 << true << true << true;
        QTest::newRow("it has no pods") << 0 << true << true << false;
        QTest::newRow("it is a way on") << 3 << false << true << false;
        QTest::newRow("it ran beside") << 3 << true << false << false;
    }
    void theQuickerWayBackIsNamed()
    {
        QFETCH(int, pods);
        QFETCH(bool, isOlder);
        QFETCH(bool, isLive);
        const QDateTime at(QDate(2026, 11, 20), QTime(12, 0), Qt::UTC);
        Deployed cart = place("cart", "eu", "prod", "production");
        cart.freshness.state = isLive ? Freshness::State::Live : Freshness::State::Stale;
        cart.routers.append(RouterRef());
        cart.tracks = {trackNamed("blue", 1.0, {text("cart-blue")}), trackNamed("green", 0.0, {text("cart-green")})};
        cart.tracks[0].since = at;
        cart.tracks[1].since = at.addDays(isOlder ? -2 : 2);
        cart.tracks[1].version = text("1.4.0");
        cart.tracks[1].podsReady = pods;
        const std::optional<QString> named = RollbackCommand::quickerWay(cart);
        QTEST(named.has_value(), "isNamed");
        if (named)
            QVERIFY2(named->contains(text("signalbox traffic cart production --set green=100")), qPrintable(*named));
    }

    // What a broken watch left behind is told as it was then; what was not asked for is not told to be empty.
    void statusTellsWhatIsOldAndWhatIsAPart_data()
    {
        using State = Freshness::State;
        QTest::addColumn<State>("freshness");
        QTest::addColumn<QStringList>("namespaces");
        QTest::addColumn<bool>("isEmpty");
        QTest::addColumn<QStringList>("told");
        QTest::addColumn<QStringList>("untold");
        const QString was = text("◌ was ok");
        const QString is = text("● ok");
        const QString then = text("was true at 2026-11-21 08:00:00 UTC");
        const QString now = text("\nRead at 2026-11-21 09:00:00 UTC.\n");
        const QString looked = text("\nLooked at 2026-11-21 09:00:00 UTC; not all of it could be read then.\n");
        const QString part = text("▲ only a part of this cluster is shown, its namespaces shop, bank\n");
        const QString none = text("No application was found.\n");
        const QStringList two{text("shop"), text("bank")};
        QTest::newRow("live") << State::Live << QStringList() << false << QStringList{is, now}
                              << QStringList{was, then, looked, text("only a part")};
        QTest::newRow("stale") << State::Stale << QStringList() << false
                               << QStringList{was, then, looked, text("◌ cart in shop: 3 of 3 pods ready")}
                               << QStringList{is, now};
        QTest::newRow("a part") << State::Live << two << false << QStringList{is, now, part} << QStringList{was};
        QTest::newRow("a part without anything")
            << State::Live << two << true
            << QStringList{part, now, text("No application was found there; whether there are others is not known.\n")}
            << QStringList{none};
        QTest::newRow("nothing anywhere")
            << State::Live << QStringList() << true << QStringList{none, now} << QStringList{text("not known")};
    }
    void statusTellsWhatIsOldAndWhatIsAPart()
    {
        QFETCH(Freshness::State, freshness);
        QFETCH(QStringList, namespaces);
        QFETCH(bool, isEmpty);
        QFETCH(QStringList, told);
        QFETCH(QStringList, untold);
        const QDateTime heard(QDate(2026, 11, 21), QTime(8, 0), Qt::UTC);
        const bool isLive = freshness == Freshness::State::Live;
        StatusConnection connection;
        connection.title = text("Europe");
        connection.info.onlyNamespaces = namespaces;
        connection.trueAt = isLive ? QDateTime() : heard;
        Deployed cart = place("cart", "eu", "shop", "shop");
        cart.health = Health::Ok;
        cart.state = text("3 of 3 pods ready");
        cart.freshness.state = freshness;
        cart.tracks = {trackNamed("", std::nullopt, {})};
        const QString said =
            statusText({connection}, isLive, isEmpty ? QList<Deployed>() : QList<Deployed>{cart}, heard.addSecs(3600));
        for (const QString &one : told)
            QVERIFY2(said.contains(one), qPrintable(one + u'|' + said));
        for (const QString &one : untold)
            QVERIFY2(!said.contains(one), qPrintable(one + u'|' + said));
    }

    // A kind that may not be read hides from nobody how old the others are.
    void whatIsStaleHasItsTime_data()
    {
        using State = Freshness::State;
        QTest::addColumn<QList<Freshness>>("listings");
        QTest::addColumn<QDateTime>("trueAt");
        const QDateTime eight(QDate(2026, 11, 21), QTime(8, 0), Qt::UTC);
        const auto listed = [](State state, const QDateTime &heard) {
            Freshness one;
            one.state = state;
            one.lastHeard = heard;
            return one;
        };
        const Freshness live = listed(State::Live, eight.addSecs(-9));
        const Freshness stale = listed(State::Stale, eight);
        const Freshness staler = listed(State::Stale, eight.addSecs(-60));
        const Freshness denied = listed(State::Denied, {});
        const Freshness failed = listed(State::Failed, {});
        QTest::newRow("live") << QList<Freshness>{live, live} << QDateTime();
        QTest::newRow("stale") << QList<Freshness>{live, stale} << eight;
        QTest::newRow("beside one that is denied") << QList<Freshness>{denied, stale, live} << eight;
        QTest::newRow("beside one that failed") << QList<Freshness>{stale, failed} << eight;
        QTest::newRow("the oldest of two") << QList<Freshness>{stale, staler, denied} << staler.lastHeard;
        QTest::newRow("nothing was ever read") << QList<Freshness>{denied, failed} << QDateTime();
    }
    void whatIsStaleHasItsTime()
    {
        QFETCH(QList<Freshness>, listings);
        QTEST(trueAtOf(listings), "trueAt");
    }

    // "Cannot tell" is never folded into yes.
    void whatNothingReportsIsNotShownAsDone_data()
    {
        QTest::addColumn<bool>("isConfirmed");
        QTest::addColumn<QString>("sign");
        QTest::newRow("seen to be in force") << true << "●";
        QTest::newRow("written") << false << "◌";
    }
    void whatNothingReportsIsNotShownAsDone()
    {
        QFETCH(bool, isConfirmed);
        Outcome outcome;
        outcome.isConfirmed = isConfirmed;
        outcome.message = text("what came of it");
        QTEST(outcomeText({}, outcome).left(1), "sign");
        const QString json = operationJson({}, outcome, ExitStatus::Done);
        QVERIFY(json.contains(isConfirmed ? text("\"confirmed\": true") : text("\"confirmed\": false")));
    }

    void outcomesBecomeExitStatuses_data()
    {
        QTest::addColumn<OutcomeKind>("kind");
        QTest::addColumn<ErrorKind>("errorKind");
        QTest::addColumn<int>("status");
        using O = OutcomeKind;
        using E = ErrorKind;
        const auto row = [](const char *name, O kind, E errorKind, int status) {
            QTest::newRow(name) << kind << errorKind << status;
        };
        row("done", O::Done, E::Internal, 0);
        row("dry run", O::DryRun, E::Internal, 0);
        row("refused by a check", O::Refused, E::Refused, 1);
        row("refused for what was sent", O::Refused, E::Invalid, 1);
        row("not effective", O::NotEffective, E::Internal, 1);
        row("cancelled", O::Cancelled, E::Internal, 1);
        row("abandoned", O::Abandoned, E::Internal, 1);
        row("gave way", O::Preempted, E::Internal, 1);
        row("remote away", O::Refused, E::Unreachable, 3);
        row("remote refused us", O::Refused, E::Forbidden, 3);
        row("remote refused us halfway", O::Failed, E::Forbidden, 3);
        row("not answered in time", O::Refused, E::TimedOut, 4);
        row("unknown", O::Unknown, E::OutcomeUnknown, 4);
        row("unknown, cut off", O::Unknown, E::Unreachable, 4);
        row("the world moved", O::Conflict, E::Conflict, 5);
        row("the world moved halfway", O::Failed, E::Conflict, 5);
    }
    void outcomesBecomeExitStatuses()
    {
        QFETCH(OutcomeKind, kind);
        QFETCH(ErrorKind, errorKind);
        Outcome outcome;
        outcome.kind = kind;
        outcome.errorKind = errorKind;
        QTEST(static_cast<int>(exitStatusOf(outcome)), "status");
    }

    void tablesAreAligned()
    {
        QCOMPARE(tableText({{text("A"), text("B")}, {text("long"), text("x")}, {text("●"), QString()}}),
                 text("A     B\nlong  x\n●\n"));
    }

    void agesAreShort()
    {
        const QDateTime now(QDate(2026, 11, 21), QTime(8, 0), Qt::UTC);
        QCOMPARE(ageText({}, now), text("-"));
        QCOMPARE(ageText(now.addSecs(-90), now), text("90s"));
        QCOMPARE(ageText(now.addSecs(-3600), now), text("60m"));
        QCOMPARE(ageText(now.addSecs(-86400), now), text("24h"));
        QCOMPARE(ageText(now.addDays(-3), now), text("3d"));
        QCOMPARE(ageText(now.addSecs(5), now), text("0s")); // a clock that is ahead
    }
};

QTEST_GUILESS_MAIN(TestCommands)
#include "test_commands.moc"
