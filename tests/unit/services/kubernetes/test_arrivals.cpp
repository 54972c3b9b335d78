// What arrived: patches read against the object as it is now, and looks that are judged.
#include "services/adapters/kubernetes/planpatch.h"
#include "services/adapters/kubernetes/steprunnerlook.h"
#include "tests/unit/services/kubernetes/quotedjson.h"

#include <QTest>

using namespace signalbox;
using namespace signalbox::kubernetes;
using namespace signalbox::test;

namespace
{

Json pod(const char *hash, const char *state, bool isReady = false)
{
    Json made = json("{'metadata':{'labels':{}},'status':{'conditions':[],'containerStatuses':[]}}");
    made["metadata"]["labels"]["pod-template-hash"] = hash;
    made["metadata"]["labels"]["controller-revision-hash"] = hash;
    made["status"]["conditions"].push_back({{"type", "Ready"}, {"status", isReady ? "True" : "False"}});
    Json status = json(state);
    if (!status.is_null())
        made["status"]["containerStatuses"].push_back(status);
    return made;
}

constexpr auto pulling = "{'name':'web','image':'r/"
                         "web:9','state':{'waiting':{'reason':'ImagePullBackOff','message':'Back-off pulling image'}}}";
constexpr auto creating = "{'name':'web','image':'r/web:9','state':{'waiting':{'reason':'ContainerCreating'}}}";

RolloutFacts rollout(int updated, int available, int total)
{
    RolloutFacts facts;
    facts.kind = QStringLiteral("Deployment");
    facts.object = json(
        "{'metadata':{'generation':4},'spec':{'replicas':3,'template':{'spec':{'containers':[{'image':'r/web:9'}]}}},"
        "'status':{'observedGeneration':4}}");
    facts.object["status"]["updatedReplicas"] = updated;
    facts.object["status"]["availableReplicas"] = available;
    facts.object["status"]["replicas"] = total;
    Json revision = json("{'metadata':{'labels':{'pod-template-hash':'abc'},'annotations':{'deployment.kubernetes.io/"
                         "revision':'7'}},'spec':{}}");
    revision["spec"]["template"] = facts.object["spec"]["template"];
    facts.revisions = {revision};
    facts.wanted = fingerprintOf(cleanTemplate(facts.object["spec"]["template"]));
    facts.acceptedAt = QDateTime(QDate(2026, 1, 1), QTime(12, 0), Qt::UTC);
    facts.now = facts.acceptedAt.addSecs(20);
    return facts;
}

} // namespace

class ArrivalsTest : public QObject
{
    Q_OBJECT

private slots:
    void aPatchIsReadAgainstTheObject_data();
    void aPatchIsReadAgainstTheObject();
    void theInverseRestores();
    void theJournalTellsBeforeFromAfter();
    void whatACallSetsTellsThatItArrived_data();
    void whatACallSetsTellsThatItArrived();
    void aRollOutIsJudged_data();
    void aRollOutIsJudged();
    void aStaleDeadlineDoesNotCount();
    void endpointsAreJudged_data();
    void endpointsAreJudged();
    void routesAreJudged_data();
    void routesAreJudged();
};

void ArrivalsTest::aPatchIsReadAgainstTheObject_data()
{
    QTest::addColumn<QByteArray>("live");
    QTest::addColumn<PatchLook::State>("state");
    QTest::addColumn<QString>("movedAt");
    using State = PatchLook::State;
    QTest::newRow("untouched") << QByteArray("{'metadata':{'uid':'u'},'spec':{'t':{'a':1,'n':null},'replicas':9}}")
                               << State::Applicable << QString();
    QTest::newRow("done") << QByteArray("{'metadata':{'uid':'u'},'spec':{'t':{'a':2},'replicas':1}}") << State::Applied
                          << QString();
    QTest::newRow("done, with a server's default")
        << QByteArray("{'metadata':{'uid':'u'},'spec':{'t':{'a':2,'b':0}}}") << State::Applied << QString();
    QTest::newRow("moved") << QByteArray("{'metadata':{'uid':'u'},'spec':{'t':{'a':3}}}") << State::Moved
                           << QStringLiteral("/spec/t");
    QTest::newRow("another object") << QByteArray("{'metadata':{'uid':'v'},'spec':{'t':{'a':2}}}") << State::Moved
                                    << QStringLiteral("/metadata/uid");
    QTest::newRow("gone") << QByteArray("{'metadata':{'uid':'u'},'spec':{}}") << State::Moved
                          << QStringLiteral("/spec/t");
}

void ArrivalsTest::aPatchIsReadAgainstTheObject()
{
    QFETCH(QByteArray, live);
    QFETCH(PatchLook::State, state);
    QFETCH(QString, movedAt);
    const QByteArray patch = JsonPatch()
                                 .test(QStringLiteral("/metadata/uid"), "u")
                                 .test(QStringLiteral("/spec/t"), json("{'a':1}"))
                                 .replace(QStringLiteral("/spec/t"), json("{'a':2}"))
                                 .toJson();
    const PatchLook look = lookAtPatch(patch, json(live.constData()));
    QCOMPARE(look.state, state);
    QCOMPARE(look.movedAt, movedAt);
}

void ArrivalsTest::theInverseRestores()
{
    const Json before = json("{'metadata':{'uid':'u'},'spec':{'name':'r','list':[1],'old':true}}");
    const QByteArray patch = JsonPatch()
                                 .test(QStringLiteral("/metadata/uid"), "u")
                                 .test(QStringLiteral("/spec/name"), "r")
                                 .test(QStringLiteral("/spec/list"), json("[1]"))
                                 .replace(QStringLiteral("/spec/list"), json("[2,3]"))
                                 .add(QStringLiteral("/spec/new"), 5)
                                 .remove(QStringLiteral("/spec/old"))
                                 .toJson();
    const Json after = patched(before, patch);
    QVERIFY(after == json("{'metadata':{'uid':'u'},'spec':{'name':'r','list':[2,3],'new':5}}"));
    const QByteArray inverse = inversePatch(patch, before, after);
    const Json operations = Json::parse(inverse.toStdString());
    QVERIFY2(operations[0]["path"] == "/metadata/uid" && operations[1]["path"] == "/spec/name",
             "what identifies the place is still tested");
    QVERIFY(patched(after, inverse) == before);
    QCOMPARE(lookAtPatch(inverse, after).state, PatchLook::State::Applicable); // its tests pass
    QCOMPARE(lookAtPatch(inverse, before).state, PatchLook::State::Applied);
    Json moved = after; // what is to be brought back came back otherwise
    moved["spec"]["old"] = false;
    QCOMPARE(lookAtPatch(inverse, moved).state, PatchLook::State::Moved);
}

void ArrivalsTest::theJournalTellsBeforeFromAfter()
{
    const Json before = json("{'metadata':{'uid':'u'},'spec':{'replicas':2,'paused':true}}");
    const QByteArray patch =
        JsonPatch().replace(QStringLiteral("/spec/replicas"), 3).remove(QStringLiteral("/spec/paused")).toJson();
    const Json after = patched(before, patch);
    const Json facts = withPatchFacts(Json::object(), patch, before, after)["patch"];
    QVERIFY(patchTookPlace(facts, before) == false);
    QVERIFY(patchTookPlace(facts, after) == true);
    QVERIFY(patchTookPlace(facts, json("{'metadata':{'uid':'u'},'spec':{'replicas':4}}")) == std::nullopt);
    QVERIFY(patchTookPlace(facts, json("{'metadata':{'uid':'v'},'spec':{'replicas':3}}")) == std::nullopt);
}

void ArrivalsTest::whatACallSetsTellsThatItArrived_data()
{
    QTest::addColumn<QByteArray>("patch");
    QTest::addColumn<QByteArray>("live");
    QTest::addColumn<QString>("arrived");
    const QString yes = QStringLiteral("yes");
    const QString no = QStringLiteral("no");
    const QString unknown = QStringLiteral("cannot tell");
    const QByteArray whole = JsonPatch()
                                 .replace(QStringLiteral("/spec/template"),
                                          json("{'labels':{'app':'web'},'containers':[{'image':'r/web:1'}]}"))
                                 .toJson();
    const auto live = [](const char *text) { return QByteArray("{'metadata':{'uid':'u'},'spec':") + text + '}'; };
    QTest::newRow("as sent") << whole
                             << live("{'template':{'labels':{'app':'web'},'containers':[{'image':'r/web:1'}]}}") << yes;
    QTest::newRow("defaults at every depth")
        << whole
        << live("{'template':{'labels':{'app':'web','by':'hook'},'restartPolicy':'Always','containers':[{'image':"
                "'r/web:1','ports':null,'imagePullPolicy':'Always'}]}}")
        << yes;
    QTest::newRow("before") << whole
                            << live("{'template':{'labels':{'app':'web','old':'1'},'containers':[{'image':"
                                    "'r/web:2'}]}}")
                            << no;
    QTest::newRow("what has to go is still there")
        << whole << live("{'template':{'labels':{'app':'web','old':'1'},'containers':[{'image':'r/web:1'}],'x':1}}")
        << unknown;
    QTest::newRow("another image") << whole
                                   << live("{'template':{'labels':{'app':'web'},'containers':[{'image':'r/web:3'}]}}")
                                   << unknown;
    QTest::newRow("a container more")
        << whole
        << live("{'template':{'labels':{'app':'web'},'containers':[{'image':'r/web:1'},{'image':'r/proxy:1'}]}}")
        << unknown;
    QTest::newRow("a text for an object") << whole << live("{'template':'web'}") << unknown;
    const QByteArray selector =
        JsonPatch().replace(QStringLiteral("/spec/selector"), json("{'app':'web','track':'blue'}")).toJson();
    QTest::newRow("a selector") << selector << live("{'selector':{'app':'web','track':'blue'}}") << yes;
    QTest::newRow("a selector with more chooses other pods")
        << selector << live("{'selector':{'app':'web','track':'blue','zone':'a'}}") << unknown;
    const QByteArray weights = JsonPatch()
                                   .replace(QStringLiteral("/spec/rules/0/backendRefs"),
                                            json("[{'name':'a','weight':0},{'name':'b','weight':1}]"))
                                   .toJson();
    QTest::newRow("weights with defaults")
        << weights
        << live("{'rules':[{'backendRefs':[{'name':'a','weight':0,'kind':'Service'},{'name':'b','weight':1,'kind':"
                "'Service'}]}]}")
        << yes;
    QTest::newRow("other weights")
        << weights << live("{'rules':[{'backendRefs':[{'name':'a','weight':2},{'name':'b','weight':1}]}]}") << unknown;
}

void ArrivalsTest::whatACallSetsTellsThatItArrived()
{
    QFETCH(QByteArray, patch);
    QFETCH(QByteArray, live);
    const Json before =
        json("{'metadata':{'uid':'u'},'spec':{'template':{'labels':{'app':'web','old':'1'},'containers':[{'image':"
             "'r/web:2'}]},'selector':{'app':'web','track':'green'},'rules':[{'backendRefs':[{'name':'a','weight':1},"
             "{'name':'b','weight':0}]}]}}");
    const Json facts = withPatchFacts(Json::object(), patch, before, patched(before, patch))["patch"];
    QVERIFY2(facts.dump().find("r/web") == std::string::npos, facts.dump().c_str());
    const auto took = patchTookPlace(facts, json(live.constData()));
    QTEST(took ? (*took ? QStringLiteral("yes") : QStringLiteral("no")) : QStringLiteral("cannot tell"), "arrived");
}

void ArrivalsTest::aRollOutIsJudged_data()
{
    QTest::addColumn<RolloutFacts>("facts");
    QTest::addColumn<Observation::State>("state");
    QTest::addColumn<QString>("words");
    QTest::addColumn<QString>("blocker");
    using State = Observation::State;
    RolloutFacts facts = rollout(3, 3, 3);
    facts.pods = {pod("abc", "null", true), pod("abc", "null", true), pod("abc", "null", true)};
    QTest::newRow("all there") << facts << State::Effective << "3 of 3 pods ready"
                               << "";
    facts.object["metadata"]["generation"] = 5;
    QTest::newRow("the controller has not looked yet") << facts << State::Pending << "not looked"
                                                       << "";
    facts = rollout(1, 3, 4);
    facts.pods = {pod("abc", pulling), pod("old", "null", true), pod("old", "null", true), pod("old", "null", true)};
    QTest::newRow("old pods are no success") << facts << State::Failed << "0 of 3 pods ready"
                                             << "ImagePullBackOff: r/web:9";
    facts.now = facts.acceptedAt.addSecs(1);
    QTest::newRow("too early to give up") << facts << State::Pending << "0 of 3 pods ready"
                                          << "ImagePullBackOff";
    facts.now = facts.acceptedAt.addSecs(20);
    facts.pods.append(pod("abc", creating));
    QTest::newRow("another pod still starts") << facts << State::Pending << "0 of 3 pods ready"
                                              << "ImagePullBackOff";
    facts.pods[4] = pod("abc", "null", true);
    QTest::newRow("one is ready: wait for the deadline") << facts << State::Pending << "1 of 3 pods ready"
                                                         << "ImagePullBackOff";
    facts.object["status"]["conditions"] = json("[{'type':'Progressing','status':'False','reason':'"
                                                "ProgressDeadlineExceeded','lastUpdateTime':'2026-01-01T12:00:10Z'}]");
    QTest::newRow("the deadline") << facts << State::Failed << "1 of 3 pods ready"
                                  << "ImagePullBackOff";
    facts = rollout(1, 3, 4);
    facts.pods = {pod("abc", "null")};
    facts.pods[0]["status"]["conditions"] =
        json("[{'type':'PodScheduled','status':'False','reason':'Unschedulable','message':'0/3 nodes are "
             "available: 3 Insufficient nvidia.com/gpu.'}]");
    QTest::newRow("no room yet") << facts << State::Pending << "0 of 3 pods ready"
                                 << "Unschedulable: 0/3 nodes are available: 3 Insufficient nvidia.com/gpu.";
    facts.pods[0]["status"]["conditions"][0]["message"] =
        "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.";
    QTest::newRow("no such node") << facts << State::Failed << "0 of 3 pods ready"
                                  << "didn't match Pod's node affinity/selector";
    facts = rollout(0, 3, 3);
    facts.object["status"]["conditions"] =
        json("[{'type':'ReplicaFailure','status':'True','reason':'FailedCreate','message':'exceeded quota'}]");
    QTest::newRow("a quota") << facts << State::Pending << "0 of 3 pods ready"
                             << "FailedCreate: exceeded quota";
    facts = rollout(3, 3, 3);
    facts.object["spec"]["paused"] = true;
    QTest::newRow("paused") << facts << State::Failed << "no pod has it"
                            << "paused";
    facts = rollout(3, 3, 3);
    facts.before = facts.wanted;
    facts.wanted = QStringLiteral("another");
    QTest::newRow("written back") << facts << State::Failed << "earlier template was written back"
                                  << "";
    facts = rollout(1, 3, 4);
    facts.arePodsKnown = false;
    QTest::newRow("pods may not be listed") << facts << State::Pending << "how they fare is not known"
                                            << "";
    facts = rollout(3, 3, 3);
    facts.arePodsKnown = false;
    QTest::newRow("the status suffices") << facts << State::Effective << "3 of 3 pods ready"
                                         << "";
    facts = rollout(0, 0, 0);
    facts.object["spec"]["replicas"] = 0;
    QTest::newRow("scaled to nothing") << facts << State::Effective << "no pod is wanted"
                                       << "";
    facts = rollout(0, 0, 0);
    facts.kind = QStringLiteral("StatefulSet");
    facts.object["status"] =
        json("{'observedGeneration':4,'updateRevision':'new','updatedReplicas':0,'readyReplicas':2}");
    facts.pods = {pod("old", pulling)};
    facts.pods[0]["metadata"]["name"] = "db-2";
    QTest::newRow("an ordered set waits for a stuck pod") << facts << State::Failed << "0 of 3 pods ready"
                                                          << "db-2 of the earlier template";
    facts.object["spec"]["updateStrategy"] = json("{'type':'OnDelete'}");
    QTest::newRow("OnDelete") << facts << State::Failed << "no pod has it"
                              << "OnDelete";
}

void ArrivalsTest::aRollOutIsJudged()
{
    QFETCH(RolloutFacts, facts);
    QFETCH(Observation::State, state);
    QFETCH(QString, words);
    QFETCH(QString, blocker);
    const Observation seen = judgeRollout(facts);
    QCOMPARE(seen.state, state);
    QVERIFY2(seen.text.contains(words), qPrintable(seen.text));
    QVERIFY2(blocker.isEmpty() ? seen.blocker.isEmpty() : seen.blocker.contains(blocker), qPrintable(seen.blocker));
}

void ArrivalsTest::aStaleDeadlineDoesNotCount()
{
    RolloutFacts facts = rollout(1, 3, 4);
    facts.object["status"]["conditions"] = json("[{'type':'Progressing','status':'False','reason':'"
                                                "ProgressDeadlineExceeded','lastUpdateTime':'2026-01-01T11:50:00Z'}]");
    facts.pods = {pod("abc", creating)};
    QCOMPARE(judgeRollout(facts).state, Observation::State::Pending);
}

void ArrivalsTest::endpointsAreJudged_data()
{
    QTest::addColumn<QByteArray>("slices");
    QTest::addColumn<QByteArray>("selector");
    QTest::addColumn<Observation::State>("state");
    QTest::addColumn<QString>("blocker");
    using State = Observation::State;
    const QByteArray green("{'track':'green'}");
    QTest::newRow("all and nothing else")
        << QByteArray("[{'targetRef':{'uid':'g1'}},{'targetRef':{'uid':'g2'},'conditions':{'ready':true}}]") << green
        << State::Effective << "";
    QTest::newRow("one is missing") << QByteArray("[{'targetRef':{'uid':'g1'}}]") << green << State::Pending << "";
    QTest::newRow("an old one is left")
        << QByteArray("[{'targetRef':{'uid':'g1'}},{'targetRef':{'uid':'g2'}},{'targetRef':{'uid':'b1'}}]") << green
        << State::Pending << "1 other";
    QTest::newRow("an old one that is not ready does not matter")
        << QByteArray("[{'targetRef':{'uid':'g1'}},{'targetRef':{'uid':'g2'}},{'targetRef':{'uid':'b1'},'conditions':{'"
                      "ready':false}}]")
        << green << State::Effective << "";
    QTest::newRow("somebody changed it") << QByteArray("[]") << QByteArray("{'track':'blue'}") << State::Failed << "";
}

void ArrivalsTest::endpointsAreJudged()
{
    QFETCH(QByteArray, slices);
    QFETCH(QByteArray, selector);
    QFETCH(Observation::State, state);
    QFETCH(QString, blocker);
    EndpointFacts facts;
    facts.service["spec"]["selector"] = json(selector.constData());
    facts.selector = {{QStringLiteral("track"), QStringLiteral("green")}};
    Json slice;
    slice["endpoints"] = json(slices.constData());
    facts.endpointSlices = {slice};
    for (const char *uid : {"g1", "g2"}) {
        facts.pods.append(pod("x", "null", true));
        facts.pods.last()["metadata"]["uid"] = uid;
    }
    const Observation seen = judgeEndpoints(facts);
    QCOMPARE(seen.state, state);
    QVERIFY2(seen.blocker.contains(blocker), qPrintable(seen.blocker));
}

void ArrivalsTest::routesAreJudged_data()
{
    QTest::addColumn<QByteArray>("status");
    QTest::addColumn<bool>("reported");
    QTest::addColumn<Observation::State>("state");
    QTest::addColumn<bool>("confirmed");
    using State = Observation::State;
    const auto parents = [](const char *accepted, const char *resolved, int generation) {
        return QByteArray("{'parents':[{'parentRef':{'name':'gw'},'conditions':[{'type':'Accepted','status':'") +
               accepted + "','observedGeneration':" + QByteArray::number(generation) +
               "},{'type':'ResolvedRefs','status':'" + resolved +
               "','observedGeneration':" + QByteArray::number(generation) + "}]}]}";
    };
    QTest::newRow("accepted") << parents("True", "True", 3) << true << State::Effective << true;
    QTest::newRow("accepted before this change") << parents("True", "True", 2) << true << State::Pending << true;
    QTest::newRow("refused") << parents("True", "False", 3) << true << State::Failed << true;
    QTest::newRow("refused before this change") << parents("True", "False", 2) << true << State::Pending << true;
    QTest::newRow("nobody reports") << QByteArray("{}") << false << State::Effective << false;
    QTest::newRow("they have always reported, but not now") << QByteArray("{}") << true << State::Pending << true;
    QTest::newRow("Istio reports")
        << QByteArray("{'observedGeneration':3,'conditions':[{'type':'Reconciled','status':'True'}]}") << false
        << State::Effective << true;
    QTest::newRow("Istio lags") << QByteArray(
                                       "{'observedGeneration':2,'conditions':[{'type':'Reconciled','status':'True'}]}")
                                << true << State::Pending << true;
    QTest::newRow("Istio still tells its proxies")
        << QByteArray("{'observedGeneration':3,'conditions':[{'type':'Reconciled','status':'False','message':'1/2 "
                      "proxies up to date.'}]}")
        << true << State::Pending << true;
    QTest::newRow("Istio does not say up to which change")
        << QByteArray("{'conditions':[{'type':'Reconciled','status':'True'}]}") << true << State::Effective << false;
    QTest::newRow("nothing is decided yet") << parents("Unknown", "True", 3) << true << State::Pending << true;
    QTest::newRow("accepted, but not said which change")
        << QByteArray("{'parents':[{'parentRef':{'name':'gw'},'conditions':[{'type':'Accepted','status':'True'}]}]}")
        << true << State::Effective << false;
    QTest::newRow("refused, but not said which change")
        << QByteArray("{'parents':[{'parentRef':{'name':'gw'},'conditions':[{'type':'Accepted','status':'False'}]}]}")
        << true << State::Failed << true;
}

void ArrivalsTest::routesAreJudged()
{
    QFETCH(QByteArray, status);
    QFETCH(bool, reported);
    QFETCH(Observation::State, state);
    QFETCH(bool, confirmed);
    RouteFacts facts;
    facts.route = json("{'kind':'HTTPRoute','metadata':{'generation':3},'spec':{'rules':[{'backendRefs':[{'name':'b','"
                       "weight':5},{'name':'g'}]}]}}");
    facts.route["status"] = json(status.constData());
    facts.rulePointer = QStringLiteral("/spec/rules/0/backendRefs");
    facts.weights = {5, 1}; // the default where none is written
    facts.reported = reported;
    Observation seen = judgeRoute(facts);
    QCOMPARE(seen.state, state);
    QCOMPARE(seen.isConfirmed, confirmed);
    facts.weights = {5, 2};
    QCOMPARE(judgeRoute(facts).state, Observation::State::Failed);
}

QTEST_GUILESS_MAIN(ArrivalsTest)
#include "test_arrivals.moc"
