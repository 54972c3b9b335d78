// Who else writes what a plan is for: reconciliation that is paused and taken up again, owners, and leases.
#include "services/adapters/kubernetes/lease.h"
#include "services/adapters/kubernetes/planpatch.h"
#include "services/adapters/kubernetes/plansuspend.h"
#include "services/adapters/kubernetes/steprunnerlook.h"
#include "services/adapters/kubernetes/workloadmanagers.h"
#include "tests/unit/services/kubernetes/quotedjson.h"

#include <QTest>

using namespace signalbox;
using namespace signalbox::kubernetes;
using namespace signalbox::test;

class OtherWritersTest : public QObject
{
    Q_OBJECT

private slots:
    void pausedReconciliationIsTakenUpAgain_data();
    void pausedReconciliationIsTakenUpAgain();
    void aForeignHandOnAPausedObjectIsNamed_data();
    void aForeignHandOnAPausedObjectIsNamed();
    void leasesEnd_data();
    void leasesEnd();
    void leaseNamesAreLabels();
    void reconciliationIsTold_data();
    void reconciliationIsTold();
    void deliveryControllersAreFound_data();
    void deliveryControllersAreFound();
    void ownersAreJudged_data();
    void ownersAreJudged();
};

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

void OtherWritersTest::pausedReconciliationIsTakenUpAgain_data()
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

void OtherWritersTest::pausedReconciliationIsTakenUpAgain()
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

void OtherWritersTest::aForeignHandOnAPausedObjectIsNamed_data()
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

void OtherWritersTest::aForeignHandOnAPausedObjectIsNamed()
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

void OtherWritersTest::leasesEnd_data()
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

void OtherWritersTest::leasesEnd()
{
    QFETCH(QByteArray, spec);
    QFETCH(QString, holder);
    QCOMPARE(holderOf(Json{{"spec", json(spec.constData())}}, QDateTime(QDate(2026, 1, 1), QTime(12, 0), Qt::UTC)),
             holder);
}

void OtherWritersTest::leaseNamesAreLabels()
{
    QCOMPARE(KubernetesLocker::leaseName(QStringLiteral("cart")), QStringLiteral("signalbox-cart"));
    const QString upper = KubernetesLocker::leaseName(QStringLiteral("Cart_1"));
    QVERIFY2(upper.startsWith(QLatin1String("signalbox-cart-1-")), qPrintable(upper));
    QVERIFY(upper != KubernetesLocker::leaseName(QStringLiteral("cart.1")));
    QVERIFY(KubernetesLocker::leaseName(QString(200, u'x')).size() <= 63);
}

void OtherWritersTest::reconciliationIsTold_data()
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

void OtherWritersTest::reconciliationIsTold()
{
    QFETCH(QString, kind);
    QFETCH(QByteArray, spec);
    QFETCH(bool, reconciles);
    QCOMPARE(isReconciling(kind, Json{{"spec", json(spec.constData())}}), reconciles);
}

void OtherWritersTest::deliveryControllersAreFound_data()
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

void OtherWritersTest::deliveryControllersAreFound()
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

void OtherWritersTest::ownersAreJudged_data()
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

void OtherWritersTest::ownersAreJudged()
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

QTEST_GUILESS_MAIN(OtherWritersTest)
#include "test_otherwriters.moc"
