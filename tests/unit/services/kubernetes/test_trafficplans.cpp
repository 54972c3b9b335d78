// Plans of traffic, their pure half: weights, rules, the tracks behind them, and what is told of a route.
#include "services/adapters/kubernetes/planpatch.h"
#include "services/adapters/kubernetes/trafficplan.h"
#include "services/adapters/kubernetes/trafficweights.h"
#include "tests/unit/services/kubernetes/quotedjson.h"

#include <QTest>

#include <algorithm>

using namespace signalbox;
using namespace signalbox::kubernetes;
using namespace signalbox::test;

class TrafficPlansTest : public QObject
{
    Q_OBJECT

private slots:
    void weightsAreExact_data();
    void weightsAreExact();
    void percentsSumTo100_data();
    void percentsSumTo100();
    void aRuleThatTookThePlaceOfAnotherIsSeen_data();
    void aRuleThatTookThePlaceOfAnotherIsSeen();
    void theStepsAreTold_data();
    void theStepsAreTold();
    void podsCanCarryTheirShare_data();
    void podsCanCarryTheirShare();
    void rulesAreFound_data();
    void rulesAreFound();
    void aServiceHasTheTracksOfItsOwnApplication_data();
    void aServiceHasTheTracksOfItsOwnApplication();
    void tracksAreNamed_data();
    void tracksAreNamed();
    void theUnnamedTrackIsTheOtherHalf();
    void whatIsToldOfARouteIsItsTitle_data();
    void whatIsToldOfARouteIsItsTitle();
};

void TrafficPlansTest::weightsAreExact_data()
{
    QTest::addColumn<QList<WeightedLeg>>("legs");
    QTest::addColumn<int>("green"); // the rest goes to blue
    QTest::addColumn<int>("limit");
    QTest::addColumn<bool>("sumsTo100");
    QTest::addColumn<QList<int>>("weights");
    const auto leg = [](const char *track, int weight) { return WeightedLeg{QString::fromLatin1(track), weight}; };
    QTest::newRow("two tracks") << QList<WeightedLeg>{leg("blue", 1), leg("green", 0)} << 25 << 1000000 << false
                                << QList<int>{75, 25};
    QTest::newRow("all of it") << QList<WeightedLeg>{leg("blue", 90), leg("green", 10)} << 100 << 1000000 << false
                               << QList<int>{0, 100};
    QTest::newRow("nothing") << QList<WeightedLeg>{leg("blue", 90), leg("green", 10)} << 0 << 1000000 << false
                             << QList<int>{100, 0};
    QTest::newRow("two legs of one track keep their ratio")
        << QList<WeightedLeg>{leg("blue", 1), leg("blue", 2), leg("green", 7)} << 50 << 1000000 << false
        << QList<int>{50, 100, 150};
    QTest::newRow("the same where 100 is demanded")
        << QList<WeightedLeg>{leg("blue", 1), leg("blue", 2), leg("green", 7)} << 50 << 100 << true
        << QList<int>{17, 33, 50};
    QTest::newRow("a track of two that had nothing")
        << QList<WeightedLeg>{leg("blue", 5), leg("green", 0), leg("green", 0)} << 100 << 1000000 << false
        << QList<int>{0, 50, 50};
    QTest::newRow("a third track gets nothing") << QList<WeightedLeg>{leg("blue", 5), leg("green", 5), leg("old", 5)}
                                                << 40 << 1000000 << false << QList<int>{60, 40, 0};
    QTest::newRow("too large to be exact") << QList<WeightedLeg>{leg("blue", 999983), leg("blue", 1), leg("green", 1)}
                                           << 1 << 1000000 << false << QList<int>{989999, 1, 10000};
}

void TrafficPlansTest::weightsAreExact()
{
    QFETCH(QList<WeightedLeg>, legs);
    QFETCH(int, green);
    QFETCH(int, limit);
    QFETCH(bool, sumsTo100);
    QFETCH(QList<int>, weights);
    const QList<int> got =
        weightsFor(legs, {{QStringLiteral("green"), green}, {QStringLiteral("blue"), 100 - green}}, limit, sumsTo100);
    QCOMPARE(got, weights);
}

void TrafficPlansTest::percentsSumTo100_data()
{
    QTest::addColumn<QList<double>>("shares");
    QTest::addColumn<QList<int>>("percents");
    QTest::newRow("thirds") << QList<double>{1, 1, 1} << QList<int>{34, 33, 33};
    QTest::newRow("the largest remainder wins") << QList<double>{0.154, 0.846} << QList<int>{15, 85};
    QTest::newRow("sixths") << QList<double>{1, 1, 1, 1, 1, 1} << QList<int>{17, 17, 17, 17, 16, 16};
    QTest::newRow("nothing at all") << QList<double>{0, 0} << QList<int>{0, 0};
    QTest::newRow("exact stays exact") << QList<double>{0.9, 0.1} << QList<int>{90, 10};
}

void TrafficPlansTest::percentsSumTo100()
{
    QFETCH(QList<double>, shares);
    QFETCH(QList<int>, percents);
    QCOMPARE(wholePercents(shares), percents);
}

void TrafficPlansTest::aRuleThatTookThePlaceOfAnotherIsSeen_data()
{
    QTest::addColumn<RouterRef::Kind>("kind");
    QTest::addColumn<QByteArray>("part"); // that the rule in its place has
    QTest::newRow("named, in an HTTPRoute") << RouterRef::Kind::HttpRoute << QByteArray("name");
    QTest::newRow("for some paths, in an HTTPRoute") << RouterRef::Kind::HttpRoute << QByteArray("matches");
    QTest::newRow("named, in a VirtualService") << RouterRef::Kind::VirtualService << QByteArray("name");
    QTest::newRow("for some paths, in a VirtualService") << RouterRef::Kind::VirtualService << QByteArray("match");
}

void TrafficPlansTest::aRuleThatTookThePlaceOfAnotherIsSeen()
{
    QFETCH(RouterRef::Kind, kind);
    QFETCH(QByteArray, part);
    const bool isGateway = kind == RouterRef::Kind::HttpRoute;
    RouterView view;
    view.router.kind = kind;
    view.resource.kind = QStringLiteral("R");
    view.object = isGateway
                      ? json("{'metadata':{'uid':'u','namespace':'n','name':'r'},'spec':{'rules':[{'backendRefs':[{'"
                             "name':'web-blue','weight':100},{'name':'web-green','weight':0}]}]}}")
                      : json("{'metadata':{'uid':'u','namespace':'n','name':'r'},'spec':{'http':[{'route':[{"
                             "'destination':{'host':'web-blue'},'weight':100},{'destination':{'host':'web-green'},"
                             "'weight':0}]}]}}");
    const auto whole = withLegs(view);
    QVERIFY(whole);
    TrafficOrder order;
    order.steps = {{{{QStringLiteral("blue"), 50}, {QStringLiteral("green"), 50}}, {}}};
    const auto draft = draftTraffic(*whole, order);
    QVERIFY2(draft, draft ? "" : qPrintable(draft.error().message));
    const QByteArray body = draft->steps[0].step.call.body;
    Json live = view.object;
    QCOMPARE(lookAtPatch(body, live).state, PatchLook::State::Applicable);
    live["spec"][isGateway ? "rules" : "http"][0][part.toStdString()] = "another";
    QCOMPARE(lookAtPatch(body, live).state, PatchLook::State::Moved);
}

void TrafficPlansTest::theStepsAreTold_data()
{
    using Steps = QList<std::pair<int, int>>; // per cent of green, and seconds to wait after it
    QTest::addColumn<Steps>("steps");
    QTest::addColumn<QString>("effect");
    QTest::newRow("one") << Steps{{100, 0}} << QStringLiteral("100 % of live traffic moves to green");
    QTest::newRow("three") << Steps{{10, 6}, {50, 600}, {100, 0}}
                           << QStringLiteral("100 % of live traffic moves to green, in 3 steps: 10 % now, "
                                             "50 % after 6 s, 100 % after 10 m");
    QTest::newRow("no wait between") << Steps{{10, 0}, {50, 0}}
                                     << QStringLiteral("50 % of live traffic moves to green, in 2 steps: 10 % now, "
                                                       "then 50 %");
}

void TrafficPlansTest::theStepsAreTold()
{
    using Steps = QList<std::pair<int, int>>;
    QFETCH(Steps, steps);
    RouterView view;
    view.router.kind = RouterRef::Kind::HttpRoute;
    view.resource.kind = QStringLiteral("R");
    view.object = json("{'metadata':{'uid':'u','namespace':'n','name':'r'},'spec':{'rules':[{'backendRefs':[{'name':"
                       "'web-blue','weight':100},{'name':'web-green','weight':0}]}]}}");
    const auto whole = withLegs(view);
    QVERIFY(whole);
    TrafficOrder order;
    for (const auto &[green, seconds] : steps)
        order.steps << TrafficOrder::Step{{{QStringLiteral("blue"), 100 - green}, {QStringLiteral("green"), green}},
                                          std::chrono::seconds(seconds)};
    const auto draft = draftTraffic(*whole, order);
    QVERIFY2(draft, draft ? "" : qPrintable(draft.error().message));
    QTEST(draft->plan.effect, "effect");
    QVERIFY(!draft->plan.bringsNewest);
    order.bringsNewest = true; // by which a policy stops it
    const auto newest = draftTraffic(*whole, order);
    QVERIFY(newest && newest->plan.bringsNewest);
}

void TrafficPlansTest::podsCanCarryTheirShare_data()
{
    QTest::addColumn<int>("ready"); // pods of blue; green has 20
    QTest::addColumn<int>("carried");
    QTest::addColumn<CheckState>("state");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("detail");
    const QString now = QStringLiteral(" (blue, green) carry the traffic now");
    QTest::newRow("nobody saw it carry all")
        << 20 << 0 << CheckState::Warn << QStringLiteral("Blue may be too small for 100 %")
        << QStringLiteral("20 pods ready; 40 pods") + now;
    QTest::newRow("it carried all of it before")
        << 20 << 20 << CheckState::Pass << QStringLiteral("The pods of each track can carry its share")
        << QStringLiteral("blue: 20 pods ready; 20 pods carried all of it before; 40 pods") + now;
    QTest::newRow("it was larger then") << 19 << 20 << CheckState::Warn
                                        << QStringLiteral("Blue may be too small for 100 %")
                                        << QStringLiteral("19 pods ready; 39 pods") + now;
    QTest::newRow("no pod is ready") << 0 << 20 << CheckState::Block
                                     << QStringLiteral("Blue has no ready pod to take 100 %")
                                     << QStringLiteral("0 pods ready; 20 pods") + now;
}

void TrafficPlansTest::podsCanCarryTheirShare()
{
    QFETCH(int, ready);
    QFETCH(int, carried);
    RouterView view;
    view.router.kind = RouterRef::Kind::HttpRoute;
    view.resource.kind = QStringLiteral("R");
    view.object = json("{'metadata':{'uid':'u','namespace':'n','name':'r'},'spec':{'rules':[{'backendRefs':[{'name':"
                       "'web-blue','weight':50},{'name':'web-green','weight':50}]}]}}");
    auto whole = withLegs(view);
    QVERIFY(whole);
    for (Leg &leg : whole->legs)
        leg.shown.podsReady = leg.shown.track == QLatin1String("blue") ? ready : 20;
    TrafficOrder order;
    order.direction = Direction::Back;
    order.steps = {{{{QStringLiteral("blue"), 100}, {QStringLiteral("green"), 0}}, {}}};
    if (carried > 0)
        order.carried.insert(QStringLiteral("blue"), carried);
    const auto draft = draftTraffic(*whole, order);
    QVERIFY2(draft, draft ? "" : qPrintable(draft.error().message));
    for (const Check &check : draft->plan.checks) {
        if (check.id != CheckId::Capacity)
            continue;
        QTEST(check.state, "state");
        QTEST(check.text, "text");
        QTEST(check.detail, "detail");
        return;
    }
    QFAIL("the pods were not looked at");
}

void TrafficPlansTest::rulesAreFound_data()
{
    QTest::addColumn<RouterRef::Kind>("kind");
    QTest::addColumn<QString>("rule");
    QTest::addColumn<QString>("pointer");
    QTest::newRow("the only one that divides") << RouterRef::Kind::VirtualService << ""
                                               << "/spec/http/1/route";
    QTest::newRow("by name") << RouterRef::Kind::VirtualService << "main"
                             << "/spec/http/1/route";
    QTest::newRow("by index") << RouterRef::Kind::VirtualService << "0"
                              << "/spec/http/0/route";
    QTest::newRow("of TCP") << RouterRef::Kind::VirtualService << "tcp/0"
                            << "/spec/tcp/0/route";
    QTest::newRow("none of that name") << RouterRef::Kind::VirtualService << "nope"
                                       << "";
    QTest::newRow("several, unnamed") << RouterRef::Kind::HttpRoute << ""
                                      << "";
    QTest::newRow("several, by index") << RouterRef::Kind::HttpRoute << "1"
                                       << "/spec/rules/1/backendRefs";
}

void TrafficPlansTest::rulesAreFound()
{
    QFETCH(RouterRef::Kind, kind);
    QFETCH(QString, rule);
    QFETCH(QString, pointer);
    const Json route = json("{'kind':'R','metadata':{'namespace':'n','name':'r'},'spec':{'http':[{'name':'admin','"
                            "route':[{}]},{'name':'main','route':[{},{}]}],"
                            "'tcp':[{'route':[{}]}],'rules':[{'backendRefs':[{},{}]},{'backendRefs':[{},{}]}]}}");
    const auto found = findRule(route, kind, rule);
    QCOMPARE(found.has_value(), !pointer.isEmpty());
    if (found)
        QCOMPARE(*found, pointer);
}

// Other applications of the namespace are no tracks, though one label of the selector is all that tells them apart.
void TrafficPlansTest::aServiceHasTheTracksOfItsOwnApplication_data()
{
    QTest::addColumn<QByteArray>("selector");
    QTest::addColumn<QByteArray>("workloads"); // name -> labels of its pods
    QTest::addColumn<QString>("tracks");       // empty: none to switch between
    QTest::newRow("one application among others")
        << QByteArray("{'app':'cart'}") << QByteArray("{'cart':{'app':'cart'},'shop':{'app':'shop'}}") << "";
    QTest::newRow("recommended labels")
        << QByteArray("{'app.kubernetes.io/name':'cart','app.kubernetes.io/part-of':'shop'}")
        << QByteArray("{'cart':{'app.kubernetes.io/name':'cart','app.kubernetes.io/part-of':'shop'},'web':{"
                      "'app.kubernetes.io/name':'web','app.kubernetes.io/part-of':'shop'}}")
        << "";
    QTest::newRow("tracks in a label") << QByteArray("{'app':'cart','slot':'blue'}")
                                       << QByteArray("{'cart-blue':{'app':'cart','slot':'blue'},'cart-green':{'app':"
                                                     "'cart','slot':'green'},'web':{'app':'web','slot':'green'}}")
                                       << "blue green";
    QTest::newRow("tracks in the name") << QByteArray("{'app':'cart-blue'}")
                                        << QByteArray("{'a':{'app':'cart-blue'},'b':{'app':'cart-green'},'c':{'app':"
                                                      "'web-green'}}")
                                        << "blue green";
    QTest::newRow("all tracks at once") << QByteArray("{'app':'cart'}")
                                        << QByteArray("{'cart-blue':{'app':'cart','track':'blue'},'cart-green':{'app':"
                                                      "'cart','track':'green'},'web':{'app':'web','track':'red'}}")
                                        << "blue green";
    QTest::newRow("a track that is not there") << QByteArray("{'app':'cart','slot':'red'}")
                                               << QByteArray("{'cart-blue':{'app':'cart','slot':'blue'},'cart-green':{"
                                                             "'app':'cart','slot':'green'}}")
                                               << "blue green";
    QTest::newRow("leads nowhere, others do")
        << QByteArray("{'app':'gone'}") << QByteArray("{'cart':{'app':'cart'},'shop':{'app':'shop'}}") << "";
}

void TrafficPlansTest::aServiceHasTheTracksOfItsOwnApplication()
{
    QFETCH(QByteArray, selector);
    QFETCH(QByteArray, workloads);
    QFETCH(QString, tracks);
    RouterView view;
    view.router.kind = RouterRef::Kind::ServiceSelector;
    view.object = json("{'metadata':{'namespace':'n','name':'s'},'spec':{}}");
    view.object["spec"]["selector"] = json(selector.constData());
    const Json given = json(workloads.constData());
    for (const auto &[name, labels] : given.items())
        view.workloads.append(Json{{"metadata", {{"name", name}, {"labels", Json::object()}}},
                                   {"spec", {{"template", {{"metadata", {{"labels", labels}}}}}}}});
    const auto found = withLegs(view);
    QCOMPARE(found.has_value(), !tracks.isEmpty());
    if (!found) {
        QCOMPARE(found.error().kind, ErrorKind::Unsupported);
        return;
    }
    QStringList names;
    for (const Leg &leg : found->legs)
        names.append(leg.shown.track);
    names.sort();
    QCOMPARE(names.join(u' '), tracks);
}

void TrafficPlansTest::tracksAreNamed_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<Labels>("labels");
    QTest::addColumn<QString>("track");
    QTest::newRow("by its name") << "web-blue" << Labels() << "blue";
    QTest::newRow("a word within a word is none") << "bluebird" << Labels() << "";
    QTest::newRow("by a label") << "web-2" << Labels{{QStringLiteral("track"), QStringLiteral("canary")}} << "canary";
    QTest::newRow("nothing says so") << "web" << Labels{{QStringLiteral("app"), QStringLiteral("web")}} << "";
}

void TrafficPlansTest::tracksAreNamed()
{
    QFETCH(QString, name);
    QFETCH(Labels, labels);
    QFETCH(QString, track);
    QCOMPARE(trackWord(name, labels), track);
}

void TrafficPlansTest::theUnnamedTrackIsTheOtherHalf()
{
    RouterView view;
    view.router.kind = RouterRef::Kind::HttpRoute;
    view.object = json("{'metadata':{'namespace':'n','name':'r'},'spec':{'rules':[{'backendRefs':[{'name':'web'},{'"
                       "name':'web-canary'}]}]}}");
    auto found = withLegs(view);
    QVERIFY(found);
    QCOMPARE(found->legs[0].shown.track, QStringLiteral("stable"));
    QCOMPARE(found->legs[1].shown.track, QStringLiteral("canary"));
    view.services = {json("{'metadata':{'name':'web'},'spec':{'selector':{'app':'web','version':'v1'}}}"),
                     json("{'metadata':{'name':'web-canary'},'spec':{'selector':{'app':'web','slot':'Green'}}}")};
    found = withLegs(view);
    QCOMPARE(found->legs[0].shown.track, QStringLiteral("blue"));
    QCOMPARE(found->legs[1].shown.track, QStringLiteral("green"));
    view.workloads = {json("{'metadata':{'name':'x'},'spec':{'template':{'metadata':{'labels':{'app':'web','version':'"
                           "v1','track':'old'}}}}}")};
    QCOMPARE(withLegs(view)->legs[0].shown.track, QStringLiteral("old"));
}

void TrafficPlansTest::whatIsToldOfARouteIsItsTitle_data()
{
    QTest::addColumn<QByteArray>("status");
    QTest::addColumn<CheckState>("state");
    QTest::addColumn<QString>("title");
    const auto parent = [](const char *condition) {
        return QByteArray("{'parents':[{'parentRef':{'name':'gw'},'conditions':[{'type':'Accepted',") + condition +
               "}]}]}";
    };
    QTest::newRow("nobody reports") << QByteArray("{}") << CheckState::Warn
                                    << QStringLiteral("Nothing reports whether this route is in force");
    QTest::newRow("of the change before") << parent("'status':'True','observedGeneration':1") << CheckState::Warn
                                          << QStringLiteral("The route's last change is not in force yet");
    QTest::newRow("under way") << parent("'status':'Unknown','observedGeneration':2") << CheckState::Warn
                               << QStringLiteral("The route's last change is not in force yet");
    QTest::newRow("of no change it names")
        << parent("'status':'True'") << CheckState::Warn
        << QStringLiteral("The route is accepted; whether its last change is in force cannot be told");
    QTest::newRow("in force") << parent("'status':'True','observedGeneration':2") << CheckState::Pass
                              << QStringLiteral("The route is accepted and in force");
    QTest::newRow("refused") << parent("'status':'False','observedGeneration':2") << CheckState::Block
                             << QStringLiteral("The route's controller does not accept it as it is");
}

void TrafficPlansTest::whatIsToldOfARouteIsItsTitle()
{
    QFETCH(QByteArray, status);
    QFETCH(QString, title);
    RouterView view;
    view.router.kind = RouterRef::Kind::HttpRoute;
    view.resource.kind = QStringLiteral("HTTPRoute");
    view.object = json("{'metadata':{'uid':'u','namespace':'n','name':'r','generation':2},'spec':{'rules':[{"
                       "'backendRefs':[{'name':'web-blue','weight':100},{'name':'web-green','weight':0}]}]}}");
    view.object["status"] = json(status.constData());
    const auto whole = withLegs(view);
    QVERIFY(whole);
    TrafficOrder order;
    order.steps = {{{{QStringLiteral("blue"), 0}, {QStringLiteral("green"), 100}}, {}}};
    const auto draft = draftTraffic(*whole, order);
    QVERIFY2(draft, draft ? "" : qPrintable(draft.error().message));
    const auto check = std::find_if(draft->plan.checks.begin(), draft->plan.checks.end(),
                                    [](const Check &one) { return one.id == CheckId::Routing; });
    QVERIFY(check != draft->plan.checks.end());
    QCOMPARE(check->text, title);
    QTEST(check->state, "state");
}

QTEST_GUILESS_MAIN(TrafficPlansTest)
#include "test_trafficplans.moc"
