// The pure half of operations on Kubernetes: patches, weights, differences, and looks that are judged.
#include "services/adapters/kubernetes/jsondiff.h"
#include "services/adapters/kubernetes/lease.h"
#include "services/adapters/kubernetes/planpatch.h"
#include "services/adapters/kubernetes/plansuspend.h"
#include "services/adapters/kubernetes/preflight.h"
#include "services/adapters/kubernetes/rollbackplan.h"
#include "services/adapters/kubernetes/steprunnerlook.h"
#include "services/adapters/kubernetes/trafficplan.h"
#include "services/adapters/kubernetes/trafficweights.h"
#include "services/adapters/kubernetes/workloadmanagers.h"
#include "services/adapters/kubernetes/workloadplan.h"

#include <QFile>
#include <QTest>

#include <algorithm>
#include <numeric>

using namespace signalbox;
using namespace signalbox::kubernetes;

namespace
{

Json json(const char *text) // with ' for "
{
    return Json::parse(QByteArray(text).replace('\'', '"').toStdString());
}

QByteArray text(const QList<DiffLine> &lines)
{
    QByteArray all;
    for (const DiffLine &line : lines)
        all += QByteArray(1, " -+#"[static_cast<int>(line.kind)]) + line.text.toUtf8() + '\n';
    return all;
}

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

class KubePlansTest : public QObject
{
    Q_OBJECT

private slots:
    void weightsAreExact_data();
    void weightsAreExact();
    void percentsSumTo100_data();
    void percentsSumTo100();
    void aPatchIsReadAgainstTheObject_data();
    void aPatchIsReadAgainstTheObject();
    void theInverseRestores();
    void plansTestWhatTheyReplace_data();
    void plansTestWhatTheyReplace();
    void aRuleThatTookThePlaceOfAnotherIsSeen_data();
    void aRuleThatTookThePlaceOfAnotherIsSeen();
    void podsCanCarryTheirShare_data();
    void podsCanCarryTheirShare();
    void pausedReconciliationIsTakenUpAgain_data();
    void pausedReconciliationIsTakenUpAgain();
    void aForeignHandOnAPausedObjectIsNamed_data();
    void aForeignHandOnAPausedObjectIsNamed();
    void theJournalTellsBeforeFromAfter();
    void whatACallSetsTellsThatItArrived_data();
    void whatACallSetsTellsThatItArrived();
    void differencesAreReadable_data();
    void differencesAreReadable();
    void secretsAreNeverShown_data();
    void secretsAreNeverShown();
    void aRollOutIsJudged_data();
    void aRollOutIsJudged();
    void aStaleDeadlineDoesNotCount();
    void endpointsAreJudged_data();
    void endpointsAreJudged();
    void routesAreJudged_data();
    void routesAreJudged();
    void rulesAreFound_data();
    void rulesAreFound();
    void aServiceHasTheTracksOfItsOwnApplication_data();
    void aServiceHasTheTracksOfItsOwnApplication();
    void theVersionBeforeARestartIsNoWayBack_data();
    void theVersionBeforeARestartIsNoWayBack();
    void tracksAreNamed_data();
    void tracksAreNamed();
    void theUnnamedTrackIsTheOtherHalf();
    void whatIsToldOfARouteIsItsTitle_data();
    void whatIsToldOfARouteIsItsTitle();
    void leasesEnd_data();
    void leasesEnd();
    void leaseNamesAreLabels();
    void reconciliationIsTold_data();
    void reconciliationIsTold();
    void deliveryControllersAreFound_data();
    void deliveryControllersAreFound();
    void ownersAreJudged_data();
    void ownersAreJudged();
    void restartTestsWhatItReplaces();
    void selectorsBecomeQueries();
    void imagesAreJudged_data();
    void imagesAreJudged();
    void imageNamesHaveOneSpelling_data();
    void imageNamesHaveOneSpelling();
    void onlyNodesThatTakePodsCount();
    void whatIsWatchedCanBePlanned_data();
    void whatIsWatchedCanBePlanned();
};

void KubePlansTest::weightsAreExact_data()
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

void KubePlansTest::weightsAreExact()
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

void KubePlansTest::percentsSumTo100_data()
{
    QTest::addColumn<QList<double>>("shares");
    QTest::addColumn<QList<int>>("percents");
    QTest::newRow("thirds") << QList<double>{1, 1, 1} << QList<int>{34, 33, 33};
    QTest::newRow("the largest remainder wins") << QList<double>{0.154, 0.846} << QList<int>{15, 85};
    QTest::newRow("sixths") << QList<double>{1, 1, 1, 1, 1, 1} << QList<int>{17, 17, 17, 17, 16, 16};
    QTest::newRow("nothing at all") << QList<double>{0, 0} << QList<int>{0, 0};
    QTest::newRow("exact stays exact") << QList<double>{0.9, 0.1} << QList<int>{90, 10};
}

void KubePlansTest::percentsSumTo100()
{
    QFETCH(QList<double>, shares);
    QFETCH(QList<int>, percents);
    QCOMPARE(wholePercents(shares), percents);
}

void KubePlansTest::aPatchIsReadAgainstTheObject_data()
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

void KubePlansTest::aPatchIsReadAgainstTheObject()
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

void KubePlansTest::theInverseRestores()
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

namespace
{

WorkloadView plainDeployment(const char *spec)
{
    WorkloadView view;
    view.resource.group = QStringLiteral("apps");
    view.resource.version = QStringLiteral("v1");
    view.resource.kind = QStringLiteral("Deployment");
    view.resource.resource = QStringLiteral("deployments");
    view.object = json("{'metadata':{'uid':'u','name':'n','namespace':'x'}}");
    view.object["spec"] = json(spec);
    return view;
}

} // namespace

void KubePlansTest::plansTestWhatTheyReplace_data()
{
    QTest::addColumn<OperationKind>("kind");
    QTest::addColumn<QByteArray>("spec");
    QTest::addColumn<QByteArray>("meanwhile"); // a merge patch of the spec by somebody else
    QTest::addColumn<PatchLook::State>("state");
    using State = PatchLook::State;
    const auto row = [](const char *name, OperationKind kind, const char *spec, const char *meanwhile, State state) {
        QTest::newRow(name) << kind << QByteArray(spec) << QByteArray(meanwhile) << state;
    };
    const char *const plain = "{'replicas':3,'template':{'metadata':{'labels':{'a':'b'},'annotations':{'o':'1'}}}}";
    row("pause: nothing moved", OperationKind::Pause, plain, "{}", State::Applicable);
    row("pause: scaled meanwhile", OperationKind::Pause, plain, "{'replicas':9}", State::Applicable);
    row("pause: paused meanwhile", OperationKind::Pause, plain, "{'paused':true}", State::Applied);
    row("pause: written out meanwhile", OperationKind::Pause, plain, "{'paused':false}", State::Moved);
    const char *const paused = "{'replicas':3,'paused':true,'template':{'metadata':{'labels':{'a':'b'}}}}";
    row("resume: nothing moved", OperationKind::Resume, paused, "{}", State::Applicable);
    row("resume: resumed meanwhile", OperationKind::Resume, paused, "{'paused':null}", State::Applied);
    row("restart: nothing moved", OperationKind::Restart, plain, "{}", State::Applicable);
    row("restart: annotated meanwhile", OperationKind::Restart, plain,
        "{'template':{'metadata':{'annotations':{'p':'2'}}}}", State::Applicable);
    row("restart: restarted meanwhile", OperationKind::Restart, plain,
        "{'template':{'metadata':{'annotations':{'kubectl.kubernetes.io/restartedAt':'t'}}}}", State::Moved);
    row("restart: no annotations, restarted meanwhile", OperationKind::Restart, paused,
        "{'template':{'metadata':{'annotations':{'kubectl.kubernetes.io/restartedAt':'t'}}}}", State::Moved);
    row("scale: nothing moved", OperationKind::Scale, plain, "{'paused':true}", State::Applicable);
    row("scale: scaled meanwhile", OperationKind::Scale, plain, "{'replicas':4}", State::Moved);
    row("scale from 0, which is left out", OperationKind::Scale, "{'x':1}", "{}", State::Applicable);
    row("scale from 0, scaled meanwhile", OperationKind::Scale, "{'x':1}", "{'replicas':4}", State::Moved);
}

void KubePlansTest::plansTestWhatTheyReplace()
{
    QFETCH(OperationKind, kind);
    QFETCH(QByteArray, spec);
    QFETCH(QByteArray, meanwhile);
    const WorkloadView view = plainDeployment(spec.constData());
    WorkloadOrder order;
    order.kind = kind;
    order.replicas = 7;
    const auto draft = draftWorkload(view, view.object, order);
    QVERIFY(draft);
    Json live = view.object;
    live["spec"].merge_patch(json(meanwhile.constData()));
    QTEST(lookAtPatch(draft->steps[0].step.call.body, live).state, "state");
}

void KubePlansTest::aRuleThatTookThePlaceOfAnotherIsSeen_data()
{
    QTest::addColumn<RouterRef::Kind>("kind");
    QTest::addColumn<QByteArray>("part"); // that the rule in its place has
    QTest::newRow("named, in an HTTPRoute") << RouterRef::Kind::HttpRoute << QByteArray("name");
    QTest::newRow("for some paths, in an HTTPRoute") << RouterRef::Kind::HttpRoute << QByteArray("matches");
    QTest::newRow("named, in a VirtualService") << RouterRef::Kind::VirtualService << QByteArray("name");
    QTest::newRow("for some paths, in a VirtualService") << RouterRef::Kind::VirtualService << QByteArray("match");
}

void KubePlansTest::aRuleThatTookThePlaceOfAnotherIsSeen()
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

void KubePlansTest::podsCanCarryTheirShare_data()
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

void KubePlansTest::podsCanCarryTheirShare()
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

namespace
{

ApiResource argo()
{
    return {QStringLiteral("argoproj.io"),
            QStringLiteral("v1alpha1"),
            QStringLiteral("applications"),
            QStringLiteral("Application"),
            true,
            {},
            {}};
}

ApiResource flux()
{
    return {QStringLiteral("kustomize.toolkit.fluxcd.io"),
            QStringLiteral("v1"),
            QStringLiteral("kustomizations"),
            QStringLiteral("Kustomization"),
            true,
            {},
            {}};
}

} // namespace

void KubePlansTest::pausedReconciliationIsTakenUpAgain_data()
{
    QTest::addColumn<ApiResource>("resource");
    QTest::addColumn<QByteArray>("object");
    QTest::addColumn<QString>("hint");   // what ends it by hand
    QTest::addColumn<bool>("comesBack"); // by a plan of ours
    const QByteArray metadata = "{'metadata':{'uid':'u','namespace':'argocd','name':'cart'";
    QTest::newRow("Argo CD") << argo()
                             << metadata + ",'annotations':{'a':'b'}},'spec':{'syncPolicy':{'automated':{'prune':true,"
                                           "'selfHeal':true}}}}"
                             << "kubectl -n argocd patch applications.argoproj.io cart --type merge -p "
                                "'{\"metadata\":{\"annotations\":{\"signalbox/paused-sync\":null}},\"spec\":{"
                                "\"syncPolicy\":{\"automated\":{\"prune\":true,\"selfHeal\":true}}}}'"
                             << true;
    QTest::newRow("Argo CD, nowhere to keep the policy")
        << argo() << metadata + "},'spec':{'syncPolicy':{'automated':{'selfHeal':true}}}}"
        << "kubectl -n argocd patch applications.argoproj.io cart --type merge -p "
           "'{\"spec\":{\"syncPolicy\":{\"automated\":{\"selfHeal\":true}}}}'"
        << false;
    QTest::newRow("Flux") << flux() << metadata + "},'spec':{'path':'./'}}"
                          << "kubectl -n argocd patch kustomizations.kustomize.toolkit.fluxcd.io cart --type merge -p "
                             "'{\"spec\":{\"suspend\":false}}'"
                          << true;
}

void KubePlansTest::pausedReconciliationIsTakenUpAgain()
{
    QFETCH(ApiResource, resource);
    QFETCH(QByteArray, object);
    QFETCH(QString, hint);
    QFETCH(bool, comesBack);
    const Json before = json(object.constData());
    QVERIFY(!unsuspendStep(resource, {}, before)); // nothing is paused
    const auto pause = suspendStep(resource, {}, before, true);
    QVERIFY(pause);
    QCOMPARE(pause->step.undoHint, hint);
    const Json paused = patched(before, pause->step.call.body);
    QVERIFY(!isReconciling(resource.kind, paused));
    const auto resume = unsuspendStep(resource, {}, paused);
    QCOMPARE(resume.has_value(), comesBack);
    if (!resume)
        return;
    QCOMPARE(lookAtPatch(resume->step.call.body, paused).state, PatchLook::State::Applicable);
    QVERIFY(isReconciling(resource.kind, patched(paused, resume->step.call.body)));
    if (resource.kind == QLatin1String("Application"))
        QVERIFY(patched(paused, resume->step.call.body) == before);
    // Paused by somebody else meanwhile, or turned on again: nothing is written.
    QVERIFY(lookAtPatch(pause->step.call.body, paused).state != PatchLook::State::Applicable);
    QVERIFY(lookAtPatch(resume->step.call.body, before).state != PatchLook::State::Applicable);
}

void KubePlansTest::aForeignHandOnAPausedObjectIsNamed_data()
{
    QTest::addColumn<bool>("isArgo");
    QTest::addColumn<bool>("pauses");       // our step; else it takes up again what was paused
    QTest::addColumn<QByteArray>("theirs"); // a merge patch after it
    QTest::addColumn<bool>("isEffective");
    QTest::addColumn<QString>("says"); // behind the object's name
    const auto row = [](const char *name, bool isArgo, bool pauses, const char *theirs, bool isEffective,
                        const char *says) {
        QTest::newRow(name) << isArgo << pauses << QByteArray(theirs) << isEffective << QString::fromUtf8(says);
    };
    row("Argo CD, paused, nothing else", true, true, "{}", true, "no longer writes changes back");
    row("Argo CD, paused, another label", true, true, "{'metadata':{'labels':{'x':'y'}}}", true,
        "no longer writes changes back");
    row("Argo CD, paused, turned on", true, true,
        "{'spec':{'syncPolicy':{'automated':{'prune':true,'selfHeal':true}}}}", false,
        "was turned on again by someone else");
    row("Argo CD, paused, turned on otherwise", true, true, "{'spec':{'syncPolicy':{'automated':{'selfHeal':true}}}}",
        false, "was turned on by someone else, with another policy than before");
    row("Argo CD, paused, synced without self-healing", true, true,
        "{'spec':{'syncPolicy':{'automated':{'prune':true}}}}", true,
        "does not write changes back, though someone else changed spec.syncPolicy.automated since it was paused");
    row("Argo CD, paused, our note removed", true, true, "{'metadata':{'annotations':{'signalbox/paused-sync':null}}}",
        true,
        "does not write changes back, though someone else changed metadata.annotations.signalbox/paused-sync since it "
        "was paused");
    row("Argo CD, paused, made again", true, true, "{'metadata':{'uid':'v'}}", false,
        "was deleted and made again by someone else");
    row("Argo CD, resumed", true, false, "{}", true, "reconciles again");
    row("Argo CD, resumed, turned off", true, false, "{'spec':{'syncPolicy':{'automated':null}}}", false,
        "was turned off again by someone else");
    row("Argo CD, resumed, disabled", true, false, "{'spec':{'syncPolicy':{'automated':{'enabled':false}}}}", false,
        "was turned off again by someone else");
    row("Argo CD, resumed, self-healing gone", true, false, "{'spec':{'syncPolicy':{'automated':{'selfHeal':false}}}}",
        false, "syncs again, but someone else took the self-healing out of its policy");
    row("Argo CD, resumed, other policy", true, false, "{'spec':{'syncPolicy':{'automated':{'prune':false}}}}", true,
        "reconciles again, by a policy that someone else changed since");
    row("Flux, suspended", false, true, "{}", true, "no longer writes changes back");
    row("Flux, suspended, turned on", false, true, "{'spec':{'suspend':null}}", false,
        "was turned on again by someone else");
    row("Flux, suspended, turned on in other words", false, true, "{'spec':{'suspend':false}}", false,
        "was turned on again by someone else");
    row("Flux, resumed, another path", false, false, "{'spec':{'path':'./other'}}", true, "reconciles again");
    row("Flux, resumed, suspended", false, false, "{'spec':{'suspend':true}}", false,
        "was suspended again by someone else");
}

void KubePlansTest::aForeignHandOnAPausedObjectIsNamed()
{
    QFETCH(bool, isArgo);
    QFETCH(bool, pauses);
    QFETCH(QByteArray, theirs);
    QFETCH(bool, isEffective);
    QFETCH(QString, says);
    const ApiResource resource = isArgo ? argo() : flux();
    Json object = json("{'metadata':{'uid':'u','namespace':'argocd','name':'cart','annotations':{'a':'b'}},'spec':{}}");
    if (isArgo)
        object["spec"] = json("{'syncPolicy':{'automated':{'prune':true,'selfHeal':true}}}");
    auto step = suspendStep(resource, {}, object, true);
    QVERIFY(step);
    if (!pauses) {
        object = patched(object, step->step.call.body);
        step = unsuspendStep(resource, {}, object);
        QVERIFY(step);
    }
    Json live = patched(object, step->step.call.body);
    const Json facts = withPatchFacts(Json::object(), step->step.call.body, object, live)["patch"];
    live.merge_patch(json(theirs.constData()));
    const Observation seen = judgeReconciliation(step->step.expectation.object, pauses, facts, live);
    QCOMPARE(seen.state == Observation::State::Effective, isEffective);
    QCOMPARE(seen.text, QStringLiteral("%1 argocd/cart %2").arg(resource.kind, says));
}

void KubePlansTest::theJournalTellsBeforeFromAfter()
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

void KubePlansTest::whatACallSetsTellsThatItArrived_data()
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

void KubePlansTest::whatACallSetsTellsThatItArrived()
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

void KubePlansTest::differencesAreReadable_data()
{
    QTest::addColumn<QByteArray>("before");
    QTest::addColumn<QByteArray>("after");
    QTest::addColumn<QByteArray>("lines");
    QTest::newRow("the same") << QByteArray("{'a':1,'b':null}") << QByteArray("{'a':1}") << QByteArray();
    QTest::newRow("an image")
        << QByteArray("{'spec':{'containers':[{'name':'web','image':'r/web:1'},{'name':'log','image':'r/log:1'}]}}")
        << QByteArray("{'spec':{'containers':[{'name':'web','image':'r/web:2'},{'name':'log','image':'r/log:1'}]}}")
        << QByteArray(" t:\n   spec:\n     containers:\n       - name: web\n-        image: r/web:1\n+        image: "
                      "r/web:2\n");
    QTest::newRow("a variable comes and goes")
        << QByteArray("{'env':[{'name':'A','value':'1'},{'name':'B','value':'x'}]}")
        << QByteArray("{'env':[{'name':'A','value':'1'},{'name':'C','valueFrom':{'fieldRef':{'fieldPath':'p'}}}]}")
        << QByteArray(" t:\n   env:\n-    - name: B\n-      value: x\n+    - name: C\n+      valueFrom:\n+        "
                      "fieldRef:\n+          fieldPath: p\n");
    QTest::newRow("arguments") << QByteArray("{'args':['-v','x']}") << QByteArray("{'args':['-v']}")
                               << QByteArray(" t:\n   args:\n-    - \"-v\"\n-    - x\n+    - \"-v\"\n");
    QTest::newRow("numbers and words are told apart")
        << QByteArray("{'a':1,'b':true}") << QByteArray("{'a':'1','b':'true'}")
        << QByteArray(" t:\n-  a: 1\n+  a: \"1\"\n-  b: true\n+  b: \"true\"\n");
    QTest::newRow("order alone") << QByteArray("{'env':[{'name':'A'},{'name':'B'}]}")
                                 << QByteArray("{'env':[{'name':'B'},{'name':'A'}]}")
                                 << QByteArray(" t:\n   env:\n#    the order of the elements differs\n");
}

void KubePlansTest::differencesAreReadable()
{
    QFETCH(QByteArray, before);
    QFETCH(QByteArray, after);
    QFETCH(QByteArray, lines);
    QCOMPARE(text(jsonDiff(json(before.constData()), json(after.constData()), QStringLiteral("t"))), lines);
}

void KubePlansTest::secretsAreNeverShown_data()
{
    QTest::addColumn<QByteArray>("before");
    QTest::addColumn<QByteArray>("after");
    QTest::addColumn<QByteArray>("shown");
    QTest::newRow("changed") << QByteArray("{'env':[{'name':'DB_PASSWORD','value':'hush'}]}")
                             << QByteArray("{'env':[{'name':'DB_PASSWORD','value':'hush2'}]}")
                             << QByteArray("differs (hidden)");
    QTest::newRow("added") << QByteArray("{'env':[]}") << QByteArray("{'env':[{'name':'API_TOKEN','value':'hush'}]}")
                           << QByteArray("value: (hidden)");
    QTest::newRow("removed") << QByteArray("{'env':[{'name':'aws.secret-key','value':'hush'}]}") << QByteArray("{}")
                             << QByteArray("value: (hidden)");
    QTest::newRow("from a Secret instead")
        << QByteArray("{'env':[{'name':'DSN','value':'hush'}]}")
        << QByteArray("{'env':[{'name':'DSN','valueFrom':{'secretKeyRef':{'name':'db'}}}]}")
        << QByteArray("value: (hidden)");
    QTest::newRow("in an address") << QByteArray("{'env':[{'name':'URL','value':'x'}]}")
                                   << QByteArray("{'env':[{'name':'URL','value':'amqp://me:hush@host/'}]}")
                                   << QByteArray("amqp://me:***@host/");
    QTest::newRow("in an argument") << QByteArray("{'args':[]}") << QByteArray("{'args':['--db-password=hush']}")
                                    << QByteArray("--db-password=***");
}

void KubePlansTest::secretsAreNeverShown()
{
    QFETCH(QByteArray, before);
    QFETCH(QByteArray, after);
    QFETCH(QByteArray, shown);
    const QByteArray lines = text(jsonDiff(json(before.constData()), json(after.constData()), QStringLiteral("t")));
    QVERIFY2(lines.contains(shown), lines);
    QVERIFY2(!lines.contains("hush"), lines);
}

void KubePlansTest::aRollOutIsJudged_data()
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

void KubePlansTest::aRollOutIsJudged()
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

void KubePlansTest::aStaleDeadlineDoesNotCount()
{
    RolloutFacts facts = rollout(1, 3, 4);
    facts.object["status"]["conditions"] = json("[{'type':'Progressing','status':'False','reason':'"
                                                "ProgressDeadlineExceeded','lastUpdateTime':'2026-01-01T11:50:00Z'}]");
    facts.pods = {pod("abc", creating)};
    QCOMPARE(judgeRollout(facts).state, Observation::State::Pending);
}

void KubePlansTest::endpointsAreJudged_data()
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

void KubePlansTest::endpointsAreJudged()
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

void KubePlansTest::routesAreJudged_data()
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

void KubePlansTest::routesAreJudged()
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

void KubePlansTest::rulesAreFound_data()
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

void KubePlansTest::rulesAreFound()
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
void KubePlansTest::aServiceHasTheTracksOfItsOwnApplication_data()
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

void KubePlansTest::aServiceHasTheTracksOfItsOwnApplication()
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

void KubePlansTest::theVersionBeforeARestartIsNoWayBack_data()
{
    QTest::addColumn<QByteArray>("revisions"); // by number: image, restarted
    QTest::addColumn<qint64>("suggested");
    QTest::newRow("restarted") << QByteArray("{'1':['r/web:1',''],'2':['r/web:2',''],'3':['r/web:2','noon']}")
                               << qint64(1);
    QTest::newRow("restarted twice") << QByteArray("{'1':['r/web:1',''],'2':['r/web:2','noon'],'3':['r/web:2','one']}")
                                     << qint64(1);
    QTest::newRow("restarted before the roll-out")
        << QByteArray("{'1':['r/web:1',''],'2':['r/web:1','noon'],'3':['r/web:2','noon']}") << qint64(2);
    QTest::newRow("nothing but restarts") << QByteArray("{'1':['r/web:1',''],'2':['r/web:1','noon']}") << qint64(1);
}

void KubePlansTest::theVersionBeforeARestartIsNoWayBack()
{
    QFETCH(QByteArray, revisions);
    QFETCH(qint64, suggested);
    WorkloadView view;
    view.resource.kind = QStringLiteral("Deployment");
    view.object =
        json("{'kind':'Deployment','metadata':{'name':'web','namespace':'n','uid':'u'},'spec':{'replicas':1}}");
    const Json given = json(revisions.constData());
    for (const auto &[number, what] : given.items()) {
        Json revision = json("{'metadata':{'labels':{},'annotations':{}},'spec':{'replicas':0}}");
        revision["metadata"]["name"] = "web-" + number;
        revision["metadata"]["labels"]["pod-template-hash"] = "hash" + number;
        revision["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = number;
        Json podTemplate = {{"metadata", {{"labels", {{"app", "web"}}}}},
                            {"spec", {{"containers", {{{"name", "web"}, {"image", what[0]}}}}}}};
        if (what[1] != "")
            podTemplate["metadata"]["annotations"]["kubectl.kubernetes.io/restartedAt"] = what[1];
        revision["spec"]["template"] = podTemplate;
        view.object["spec"]["template"] = podTemplate; // the last one is live
        view.revisions.append(revision);
    }
    const QList<KeptRevision> all = keptRevisions(view);
    const auto found = findRevision(view, all, {});
    QVERIFY(found);
    QCOMPARE(all[*found].revision.number, suggested);
}

void KubePlansTest::tracksAreNamed_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<Labels>("labels");
    QTest::addColumn<QString>("track");
    QTest::newRow("by its name") << "web-blue" << Labels() << "blue";
    QTest::newRow("a word within a word is none") << "bluebird" << Labels() << "";
    QTest::newRow("by a label") << "web-2" << Labels{{QStringLiteral("track"), QStringLiteral("canary")}} << "canary";
    QTest::newRow("nothing says so") << "web" << Labels{{QStringLiteral("app"), QStringLiteral("web")}} << "";
}

void KubePlansTest::tracksAreNamed()
{
    QFETCH(QString, name);
    QFETCH(Labels, labels);
    QFETCH(QString, track);
    QCOMPARE(trackWord(name, labels), track);
}

void KubePlansTest::theUnnamedTrackIsTheOtherHalf()
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

void KubePlansTest::whatIsToldOfARouteIsItsTitle_data()
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

void KubePlansTest::whatIsToldOfARouteIsItsTitle()
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

void KubePlansTest::leasesEnd_data()
{
    QTest::addColumn<QByteArray>("spec");
    QTest::addColumn<QString>("holder");
    QTest::newRow("held")
        << QByteArray("{'holderIdentity':'ann','leaseDurationSeconds':40,'renewTime':'2026-01-01T11:59:30.000000Z'}")
        << "ann";
    QTest::newRow("over")
        << QByteArray("{'holderIdentity':'ann','leaseDurationSeconds':20,'renewTime':'2026-01-01T11:59:30.000000Z'}")
        << "";
    QTest::newRow("released")
        << QByteArray("{'holderIdentity':'','leaseDurationSeconds':1,'renewTime':'2026-01-01T11:59:59.999999Z'}") << "";
    QTest::newRow("never renewed") << QByteArray("{'holderIdentity':'ann'}") << "";
}

void KubePlansTest::leasesEnd()
{
    QFETCH(QByteArray, spec);
    QFETCH(QString, holder);
    QCOMPARE(holderOf(Json{{"spec", json(spec.constData())}}, QDateTime(QDate(2026, 1, 1), QTime(12, 0), Qt::UTC)),
             holder);
}

void KubePlansTest::leaseNamesAreLabels()
{
    QCOMPARE(KubernetesLocker::leaseName(QStringLiteral("cart")), QStringLiteral("signalbox-cart"));
    const QString upper = KubernetesLocker::leaseName(QStringLiteral("Cart_1"));
    QVERIFY2(upper.startsWith(QLatin1String("signalbox-cart-1-")), qPrintable(upper));
    QVERIFY(upper != KubernetesLocker::leaseName(QStringLiteral("cart.1")));
    QVERIFY(KubernetesLocker::leaseName(QString(200, u'x')).size() <= 63);
}

void KubePlansTest::reconciliationIsTold_data()
{
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QByteArray>("spec");
    QTest::addColumn<bool>("reconciles");
    QTest::newRow("self-heal") << "Application" << QByteArray("{'syncPolicy':{'automated':{'selfHeal':true}}}") << true;
    QTest::newRow("syncs new commits only") << "Application" << QByteArray("{'syncPolicy':{'automated':{}}}") << false;
    QTest::newRow("by hand") << "Application" << QByteArray("{'syncPolicy':{}}") << false;
    QTest::newRow("switched off") << "Application"
                                  << QByteArray("{'syncPolicy':{'automated':{'enabled':false,'selfHeal':true}}}")
                                  << false;
    QTest::newRow("Kustomization") << "Kustomization" << QByteArray("{}") << true;
    QTest::newRow("suspended") << "Kustomization" << QByteArray("{'suspend':true}") << false;
    QTest::newRow("HelmRelease") << "HelmRelease" << QByteArray("{}") << false;
    QTest::newRow("HelmRelease that corrects drift")
        << "HelmRelease" << QByteArray("{'driftDetection':{'mode':'enabled'}}") << true;
}

void KubePlansTest::reconciliationIsTold()
{
    QFETCH(QString, kind);
    QFETCH(QByteArray, spec);
    QFETCH(bool, reconciles);
    QCOMPARE(isReconciling(kind, Json{{"spec", json(spec.constData())}}), reconciles);
}

void KubePlansTest::deliveryControllersAreFound_data()
{
    QTest::addColumn<QByteArray>("metadata"); // of the Deployment, besides its name
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("canary"); // spec
    QTest::addColumn<QByteArray>("rollout");
    QTest::addColumn<QStringList>("managers"); // name, evidence, with ! where it writes back
    const QByteArray none = "{}";
    const QByteArray target = "{'targetRef':{'apiVersion':'apps/v1','kind':'Deployment','name':'web'}}";
    const QByteArray reference = "{'workloadRef':{'apiVersion':'apps/v1','kind':'Deployment','name':'web'}}";
    const QByteArray owned = "{'ownerReferences':[{'apiVersion':'flagger.app/v1beta1','kind':'Canary','name':'c',"
                             "'controller':true}]}";
    const QString canary = QStringLiteral("Canary shop/c (targetRef Deployment/web)");
    QTest::newRow("a Canary") << none << "web" << target << none << QStringList{canary};
    QTest::newRow("that is suspended") << none << "web" << QByteArray(target).replace("}}", "},'suspend':true}") << none
                                       << QStringList{
                                              QStringLiteral("Canary shop/c (targetRef Deployment/web, suspended)")};
    QTest::newRow("its primary") << none << "web-primary" << target << none << QStringList{u'!' + canary};
    QTest::newRow("its primary, marked as such")
        << owned << "web-primary" << target << none << QStringList{u'!' + canary};
    QTest::newRow("Flagger scaled its target once")
        << QByteArray("{'managedFields':[{'manager':'flagger'}]}") << "web" << target << none << QStringList{canary};
    QTest::newRow("a Canary of another") << none << "cart" << target << none << QStringList();
    QTest::newRow("of another kind") << none << "web" << QByteArray(target).replace("Deployment", "DaemonSet") << none
                                     << QStringList();
    QTest::newRow("of another group") << none << "web" << QByteArray(target).replace("apps/v1", "core.example/v1")
                                      << none << QStringList();
    QTest::newRow("a Rollout") << none << "web" << none << reference
                               << QStringList{QStringLiteral("Rollout shop/r (workloadRef Deployment/web)")};
    QTest::newRow("a Rollout that scales it down")
        << none << "web" << none << QByteArray(reference).replace("}}", ",'scaleDown':'onsuccess'}}")
        << QStringList{QStringLiteral("Rollout shop/r (workloadRef Deployment/web, scaleDown onsuccess)")};
    QTest::newRow("a Rollout with a template of its own")
        << none << "web" << none << QByteArray("{'template':{},'selector':{}}") << QStringList();
    QTest::newRow("both") << none << "web" << target << reference
                          << QStringList{canary, QStringLiteral("Rollout shop/r (workloadRef Deployment/web)")};
}

void KubePlansTest::deliveryControllersAreFound()
{
    QFETCH(QByteArray, metadata);
    QFETCH(QString, name);
    QFETCH(QByteArray, canary);
    QFETCH(QByteArray, rollout);
    QFETCH(QStringList, managers);
    WorkloadView view;
    view.connection = QStringLiteral("lab");
    view.resource.kind = QStringLiteral("Deployment");
    view.resource.group = QStringLiteral("apps");
    view.object = {{"metadata", json(metadata.constData())}};
    view.object["metadata"]["name"] = name.toStdString();
    view.object["metadata"]["namespace"] = "shop";
    view.canaries = {{{"metadata", {{"name", "c"}, {"namespace", "shop"}}}, {"spec", json(canary.constData())}}};
    view.rollouts = {{{"metadata", {{"name", "r"}, {"namespace", "shop"}}}, {"spec", json(rollout.constData())}}};
    QStringList found;
    for (const Manager &one : managersOfWorkload(view)) {
        found.append(
            QStringLiteral("%1%2 (%3)").arg(QLatin1String(one.revertsOurs ? "!" : ""), one.name, one.evidence));
        QCOMPARE(one.object.ns, QStringLiteral("shop"));
    }
    QCOMPARE(found, managers);
}

void KubePlansTest::ownersAreJudged_data()
{
    QTest::addColumn<QList<Manager>>("managers");
    QTest::addColumn<bool>("pauses");
    QTest::addColumn<QList<Unseen>>("unseen");
    QTest::addColumn<CheckState>("state");
    QTest::addColumn<QStringList>("told"); // in its sentences
    const auto manager = [](Manager::Kind kind, const QString &name, bool reverts) {
        return Manager{kind, name, QStringLiteral("evidence"), reverts, {{}, {}, {}, {}, name, {}}};
    };
    const Manager canary = manager(Manager::Kind::Flagger, QStringLiteral("Canary shop/web"), false);
    const Manager primary = manager(Manager::Kind::Flagger, QStringLiteral("Canary shop/web"), true);
    const Manager argo = manager(Manager::Kind::ArgoCd, QStringLiteral("Application argocd/shop"), true);
    const Manager helm = manager(Manager::Kind::Helm, QStringLiteral("Helm release shop/web"), false);
    const Unseen forbidden{QStringLiteral("rollouts.argoproj.io"), QStringLiteral("shop")};
    const Unseen broken{QStringLiteral("canaries.flagger.app"), QStringLiteral("shop"), QStringLiteral("status 500")};
    const QString lists = QStringLiteral("rollouts.argoproj.io in shop");
    QTest::newRow("nobody") << QList<Manager>{} << false << QList<Unseen>{} << CheckState::Pass
                            << QStringList{QStringLiteral("No one else")};
    QTest::newRow("its source") << QList<Manager>{canary} << false << QList<Unseen>{} << CheckState::Warn
                                << QStringList{canary.name, QStringLiteral("starts its steps")};
    QTest::newRow("its source, and a chart") << QList<Manager>{canary, helm} << false << QList<Unseen>{}
                                             << CheckState::Warn << QStringList{canary.name, helm.name};
    QTest::newRow("its source, and more that is hidden") << QList<Manager>{canary} << false << QList<Unseen>{forbidden}
                                                         << CheckState::Warn << QStringList{canary.name, lists};
    QTest::newRow("what it writes") << QList<Manager>{primary} << false << QList<Unseen>{} << CheckState::Block
                                    << QStringList{primary.name};
    QTest::newRow("Argo CD too") << QList<Manager>{argo, canary} << false << QList<Unseen>{} << CheckState::Warn
                                 << QStringList{argo.name, canary.name, QStringLiteral("within seconds")};
    QTest::newRow("Argo CD too, paused") << QList<Manager>{argo, canary} << true << QList<Unseen>{} << CheckState::Warn
                                         << QStringList{argo.name, canary.name};
    QTest::newRow("forbidden") << QList<Manager>{helm} << false << QList<Unseen>{forbidden} << CheckState::Warn
                               << QStringList{QStringLiteral("not yours to see"), lists, helm.name,
                                              QStringLiteral("the right to list ") + lists};
    QTest::newRow("not answered") << QList<Manager>{} << false << QList<Unseen>{broken} << CheckState::Warn
                                  << QStringList{QStringLiteral("could not be looked for"),
                                                 QStringLiteral("canaries.flagger.app in shop could not be listed: "
                                                                "status 500"),
                                                 QStringLiteral("Plan again")};
}

void KubePlansTest::ownersAreJudged()
{
    QFETCH(QList<Manager>, managers);
    QFETCH(bool, pauses);
    QFETCH(QList<Unseen>, unseen);
    QFETCH(CheckState, state);
    QFETCH(QStringList, told);
    const Check check = ownerCheck(managers, pauses, unseen);
    QCOMPARE(check.state, state);
    const QString all = QStringList{check.text, check.detail, check.wayOut}.join(u'\n');
    for (const QString &part : told)
        QVERIFY2(all.contains(part), qPrintable(part + QStringLiteral(" is not in: ") + all));
}

void KubePlansTest::restartTestsWhatItReplaces()
{
    WorkloadView view;
    view.resource.kind = QStringLiteral("Deployment");
    view.resource.resource = QStringLiteral("deployments");
    view.object = json(
        "{'metadata':{'uid':'u','name':'n','namespace':'x'},'spec':{'template':{'metadata':{'labels':{'a':'b'}}}}}");
    WorkloadOrder order;
    order.kind = OperationKind::Restart;
    auto draft = draftWorkload(view, {}, order);
    QVERIFY(draft);
    Json live = view.object; // somebody annotates the template meanwhile: their annotation must not be lost
    live["spec"]["template"]["metadata"]["annotations"]["other"] = "1";
    QCOMPARE(lookAtPatch(draft->steps[0].step.call.body, live).state, PatchLook::State::Moved);
    view.object = live;
    draft = draftWorkload(view, {}, order);
    live["spec"]["template"]["metadata"]["annotations"]["another"] = "2";
    QCOMPARE(lookAtPatch(draft->steps[0].step.call.body, live).state, PatchLook::State::Applicable);
    live["spec"]["replicas"] = 7;
    QCOMPARE(lookAtPatch(draft->steps[0].step.call.body, live).state, PatchLook::State::Applicable);
}

void KubePlansTest::selectorsBecomeQueries()
{
    const Json selector =
        json("{'matchLabels':{'app':'web'},'matchExpressions':[{'key':'tier','operator':'In','values':['a','b']},"
             "{'key':'old','operator':'DoesNotExist'},{'key':'on','operator':'Exists'}]}");
    QCOMPARE(QByteArray::fromPercentEncoding(selectorQuery(selector)), QByteArray("app=web,tier in (a,b),!old,on"));
}

namespace
{

Json imageCases()
{
    QFile file(QFINDTESTDATA("../../../data/kubernetes/image-evidence.json"));
    return file.open(QIODevice::ReadOnly) ? Json::parse(file.readAll().toStdString()) : Json::object();
}

} // namespace

void KubePlansTest::imagesAreJudged_data()
{
    QTest::addColumn<QByteArray>("row");
    const Json rows = imageCases()["cases"];
    QVERIFY(rows.size() >= 15);
    for (const Json &row : rows)
        QTest::newRow(row["name"].get<std::string>().c_str()) << QByteArray::fromStdString(row.dump());
}

void KubePlansTest::imagesAreJudged()
{
    QFETCH(QByteArray, row);
    const Json given = Json::parse(row.toStdString());
    WorkloadView view;
    view.arePodsKnown = given.value("podsKnown", true);
    for (const char *key : {"pods", "events"}) {
        for (const Json &object : given.value(key, Json::array()))
            (key == std::string("pods") ? view.pods : view.failures).append(object);
    }
    if (given.contains("nodes")) {
        Json list = {{"kind", "NodeList"}, {"metadata", Json::object()}, {"items", given["nodes"]}};
        if (given.value("moreNodes", false))
            list["metadata"]["continue"] = "more";
        view.nodeImages = parseNodeImages(QByteArray::fromStdString(list.dump()));
    }
    const Check check = imageCheck(view, {{"spec", given["podSpec"]}});
    const QHash<QString, CheckState> states{{QStringLiteral("pass"), CheckState::Pass},
                                            {QStringLiteral("warn"), CheckState::Warn},
                                            {QStringLiteral("block"), CheckState::Block}};
    QCOMPARE(check.state, states.value(textAt(given, "/state")));
    QCOMPARE(check.text, textAt(given, "/text"));
    QCOMPARE(check.detail, textAt(given, "/detail"));
    QCOMPARE(check.wayOut.isEmpty(), check.state == CheckState::Pass);
}

void KubePlansTest::imageNamesHaveOneSpelling_data()
{
    QTest::addColumn<QString>("written");
    QTest::addColumn<QString>("canonical");
    const Json rows = imageCases()["spellings"];
    for (const auto &[written, canonical] : rows.items()) {
        QTest::newRow(written.c_str()) << QString::fromStdString(written)
                                       << QString::fromStdString(canonical.get<std::string>());
    }
}

void KubePlansTest::imageNamesHaveOneSpelling()
{
    QFETCH(QString, written);
    QFETCH(QString, canonical);
    QCOMPARE(canonicalImage(written), canonical);
    QCOMPARE(canonicalImage(canonical), canonical);
}

void KubePlansTest::whatIsWatchedCanBePlanned_data()
{
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("group");
    QTest::addColumn<QString>("resource");
    QTest::addColumn<QString>("version");
    QTest::newRow("a core kind") << "Pod"
                                 << ""
                                 << "pods"
                                 << "v1";
    QTest::newRow("route of an old gateway") << "HTTPRoute"
                                             << "gateway.networking.k8s.io"
                                             << "httproutes"
                                             << "v1alpha2";
    QTest::newRow("autoscaler of an old server") << "HorizontalPodAutoscaler"
                                                 << "autoscaling"
                                                 << "horizontalpodautoscalers"
                                                 << "v2beta1";
    QTest::newRow("Istio's first") << "VirtualService"
                                   << "networking.istio.io"
                                   << "virtualservices"
                                   << "v1alpha3";
    QTest::newRow("not watched") << "Lease"
                                 << "coordination.k8s.io"
                                 << "leases"
                                 << "v1";
}

void KubePlansTest::whatIsWatchedCanBePlanned()
{
    QFETCH(QString, kind);
    QFETCH(QString, group);
    QFETCH(QString, resource);
    QFETCH(QString, version);
    ApiResource served;
    served.group = group;
    served.version = version;
    served.resource = resource;
    served.kind = kind;
    Discovery discovery;
    discovery.resources.insert(group + u'/' + resource, {served});
    const auto found = resourceOf(discovery, kind, group);
    QVERIFY2(found.has_value(), found ? "" : qPrintable(found.error().message));
    QCOMPARE(found->version, version);
    QVERIFY(!resourceOf({}, kind, group).has_value());
}

void KubePlansTest::onlyNodesThatTakePodsCount()
{
    const NodeImages images = parseNodeImages(
        QByteArray(
            "{'metadata':{},'items':["
            "{'spec':{},'status':{'conditions':[{'type':'Ready','status':'True'}],'images':[{'names':['r.x/a:1']}]}},"
            "{'spec':{'unschedulable':true},'status':{'conditions':[{'type':'Ready','status':'True'}],'images':"
            "[{'names':['r.x/a:1']}]}},"
            "{'spec':{},'status':{'conditions':[{'status':'Unknown','type':'Ready'}],'images':[{'names':"
            "['r.x/a:1']}]}},"
            "{'status':{'images':null,'conditions':[{'type':'Ready','status':'True'}]}}]}")
            .replace('\'', '"'));
    QVERIFY(images.isKnown);
    QVERIFY(!images.isPartial);
    QCOMPARE(images.nodes, 2);
    QCOMPARE(images.holders.value(QStringLiteral("r.x/a:1")), 1);
    QVERIFY(!parseNodeImages("<html>").isKnown);
    QVERIFY(!parseNodeImages("{\"kind\":\"Status\"}").isKnown);
}

QTEST_GUILESS_MAIN(KubePlansTest)
#include "test_kubeplans.moc"
