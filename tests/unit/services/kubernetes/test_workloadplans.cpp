// Plans for a workload, their pure half: going back, scale, restart and pause; the images that takes, and differences.
#include "models/domain/application.h"
#include "services/adapters/kubernetes/jsondiff.h"
#include "services/adapters/kubernetes/planpatch.h"
#include "services/adapters/kubernetes/preflight.h"
#include "services/adapters/kubernetes/rollbackplan.h"
#include "services/adapters/kubernetes/workloadplan.h"
#include "tests/unit/services/kubernetes/quotedjson.h"

#include <QFile>
#include <QTest>

#include <algorithm>
#include <string>

using namespace signalbox;
using namespace signalbox::kubernetes;
using namespace signalbox::test;

namespace
{

QByteArray text(const QList<DiffLine> &lines)
{
    QByteArray all;
    for (const DiffLine &line : lines)
        all += QByteArray(1, " -+#"[static_cast<int>(line.kind)]) + line.text.toUtf8() + '\n';
    return all;
}

} // namespace

class WorkloadPlansTest : public QObject
{
    Q_OBJECT

private slots:
    void plansTestWhatTheyReplace_data();
    void plansTestWhatTheyReplace();
    void differencesAreReadable_data();
    void differencesAreReadable();
    void secretsAreNeverShown_data();
    void secretsAreNeverShown();
    void theVersionBeforeARestartIsNoWayBack_data();
    void theVersionBeforeARestartIsNoWayBack();
    void whatWasItselfRolledBackComesLast_data();
    void whatWasItselfRolledBackComesLast();
    void aStatefulSetTellsByItsTimes_data();
    void aStatefulSetTellsByItsTimes();
    void anImageThatCannotBePulledIsTheLastWayBack_data();
    void anImageThatCannotBePulledIsTheLastWayBack();
    void nothingToGoBackToIsARefusal();
    void theEffectIsWhatIsConfirmed_data();
    void theEffectIsWhatIsConfirmed();
    void aPausedDeploymentNamesItsStep();
    void onlyALiveShareIsClaimed_data();
    void onlyALiveShareIsClaimed();
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

// By number: image, when it was restarted, day of creation, its pods, none of which is ready, former numbers. The last
// one is live.
WorkloadView wentThrough(const QByteArray &revisions, const char *kind = "Deployment")
{
    WorkloadView view;
    view.resource.kind = QString::fromLatin1(kind);
    view.object = json("{'metadata':{'name':'web','namespace':'n','uid':'u'},'spec':{'replicas':1}}");
    view.object["kind"] = kind;
    const Json given = json(revisions.constData());
    for (const auto &[number, what] : given.items()) {
        Json revision = json("{'metadata':{'labels':{},'annotations':{}},'spec':{'replicas':0}}");
        revision["metadata"]["name"] = "web-" + number;
        revision["metadata"]["labels"]["pod-template-hash"] = "hash" + number;
        revision["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = number;
        if (what.size() > 2)
            revision["metadata"]["creationTimestamp"] = "2026-11-" + what[2].get<std::string>() + "T09:00:00Z";
        if (what.size() > 3)
            revision["status"]["replicas"] = what[3];
        if (what.size() > 4)
            revision["metadata"]["annotations"]["deployment.kubernetes.io/revision-history"] = what[4];
        Json podTemplate = {{"metadata", {{"labels", {{"app", "web"}}}}},
                            {"spec", {{"containers", {{{"name", "web"}, {"image", what[0]}}}}}}};
        if (what[1] != "")
            podTemplate["metadata"]["annotations"]["kubectl.kubernetes.io/restartedAt"] = what[1];
        revision["spec"]["template"] = podTemplate; // of a ReplicaSet; the others are of a ControllerRevision
        revision["data"]["spec"]["template"] = podTemplate;
        revision["revision"] = std::stoll(number);
        view.object["spec"]["template"] = podTemplate;
        view.revisions.append(revision);
    }
    return view;
}

} // namespace

void WorkloadPlansTest::plansTestWhatTheyReplace_data()
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

void WorkloadPlansTest::plansTestWhatTheyReplace()
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

void WorkloadPlansTest::differencesAreReadable_data()
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

void WorkloadPlansTest::differencesAreReadable()
{
    QFETCH(QByteArray, before);
    QFETCH(QByteArray, after);
    QFETCH(QByteArray, lines);
    QCOMPARE(text(jsonDiff(json(before.constData()), json(after.constData()), QStringLiteral("t"))), lines);
}

void WorkloadPlansTest::secretsAreNeverShown_data()
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

void WorkloadPlansTest::secretsAreNeverShown()
{
    QFETCH(QByteArray, before);
    QFETCH(QByteArray, after);
    QFETCH(QByteArray, shown);
    const QByteArray lines = text(jsonDiff(json(before.constData()), json(after.constData()), QStringLiteral("t")));
    QVERIFY2(lines.contains(shown), lines);
    QVERIFY2(!lines.contains("hush"), lines);
}

void WorkloadPlansTest::theVersionBeforeARestartIsNoWayBack_data()
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

void WorkloadPlansTest::theVersionBeforeARestartIsNoWayBack()
{
    QFETCH(QByteArray, revisions);
    QFETCH(qint64, suggested);
    const WorkloadView view = wentThrough(revisions);
    const QList<KeptRevision> all = keptRevisions(view);
    const auto found = findRevision(view, all, {});
    QVERIFY(found);
    QCOMPARE(all[*found].revision.number, suggested);
}

void WorkloadPlansTest::whatWasItselfRolledBackComesLast_data()
{
    QTest::addColumn<QByteArray>("revisions"); // by number, as wentThrough() takes them
    QTest::addColumn<qint64>("suggested");
    QTest::addColumn<QList<qint64>>("rolledBack");
    QTest::newRow("the obvious one is broken, the next was rolled back")
        << QByteArray("{'1':['r/web:5.0.0','','01'],'3':['r/web:5.1.0','','19'],'4':['r/web:5.0.1','','10',1,'2'],"
                      "'5':['r/web:5.1.1','','27']}")
        << qint64(1) << QList<qint64>{3};
    QTest::newRow("rolled back to what is live")
        << QByteArray("{'1':['r/web:1','','01'],'3':['r/web:3','','03'],'4':['r/web:2','','02',0,'2']}") << qint64(1)
        << QList<qint64>{3};
    QTest::newRow("nothing else is kept")
        << QByteArray("{'2':['r/web:2','','02'],'3':['r/web:1','','01',0,'1']}") << qint64(2) << QList<qint64>{2};
    QTest::newRow("what is broken comes before it")
        << QByteArray("{'3':['r/web:3','','03'],'4':['r/web:2','','02',1,'2'],'5':['r/web:4','','04']}") << qint64(4)
        << QList<qint64>{3};
    QTest::newRow("it went out again") << QByteArray("{'3':['r/web:1','','01'],'4':['r/web:2','','02']}") << qint64(3)
                                       << QList<qint64>{};
    QTest::newRow("what was passed over was not rolled back")
        << QByteArray("{'2':['r/web:2','','02'],'4':['r/web:1','','01',0,'1'],'5':['r/web:3','','03',0,'3']}")
        << qint64(4) << QList<qint64>{};
    QTest::newRow("never rolled back")
        << QByteArray("{'1':['r/web:1','','01'],'2':['r/web:2','','02'],'3':['r/web:3','','03']}") << qint64(2)
        << QList<qint64>{};
    QTest::newRow("made at one time")
        << QByteArray("{'1':['r/web:1','','01'],'2':['r/web:2','','01'],'3':['r/web:3','','01']}") << qint64(2)
        << QList<qint64>{};
    QTest::newRow("it was restarted before it was rolled back")
        << QByteArray("{'1':['r/web:0','','01'],'3':['r/web:2','','03'],'4':['r/web:2','noon','04'],"
                      "'5':['r/web:1','','02',0,'2']}")
        << qint64(1) << QList<qint64>{3, 4};
    QTest::newRow("only its restart was taken back")
        << QByteArray("{'2':['r/web:1','noon','02'],'3':['r/web:1','','01',0,'1'],'4':['r/web:2','','03']}")
        << qint64(3) << QList<qint64>{};
    QTest::newRow("restored from a backup, made in another order")
        << QByteArray("{'1':['r/web:1','','03'],'2':['r/web:2','','02'],'3':['r/web:3','','01']}") << qint64(2)
        << QList<qint64>{};
    QTest::newRow("rolled back, then restored from a backup")
        << QByteArray("{'1':['r/web:1','','03'],'3':['r/web:3','','01'],'4':['r/web:2','','02',0,'2']}") << qint64(1)
        << QList<qint64>{3};
}

// Its revisions keep no former numbers, and a roll-back leaves only a gap.
void WorkloadPlansTest::aStatefulSetTellsByItsTimes_data()
{
    QTest::addColumn<QByteArray>("revisions");
    QTest::addColumn<QList<qint64>>("rolledBack");
    QTest::newRow("rolled back") << QByteArray(
                                        "{'1':['r/web:1','','01'],'3':['r/web:3','','03'],'4':['r/web:2','','02']}")
                                 << QList<qint64>{3};
    QTest::newRow("went out, back and out again: of the one between nobody knows")
        << QByteArray("{'2':['r/web:2','','02'],'4':['r/web:1','','01'],'5':['r/web:3','','03']}") << QList<qint64>{};
    QTest::newRow("rolled back, and a newer one went out")
        << QByteArray("{'2':['r/web:2','','02'],'3':['r/web:1','','01'],'4':['r/web:3','','03']}") << QList<qint64>{2};
    QTest::newRow("never") << QByteArray("{'1':['r/web:1','','01'],'2':['r/web:2','','02']}") << QList<qint64>{};
}

void WorkloadPlansTest::aStatefulSetTellsByItsTimes()
{
    QFETCH(QByteArray, revisions);
    QFETCH(QList<qint64>, rolledBack);
    QList<qint64> marked;
    for (const KeptRevision &entry : keptRevisions(wentThrough(revisions, "StatefulSet"))) {
        if (!entry.goneBackTo.isEmpty())
            marked.append(entry.revision.number);
    }
    QCOMPARE(marked, rolledBack);
}

// An event tells that web:2 could not be pulled; web:3 was rolled back.
void WorkloadPlansTest::anImageThatCannotBePulledIsTheLastWayBack_data()
{
    QTest::addColumn<QByteArray>("revisions");
    QTest::addColumn<qint64>("suggested");
    QTest::newRow("what was rolled back is better")
        << QByteArray("{'2':['r/web:2','','02'],'3':['r/web:3','','03'],'4':['r/web:1','','01',0,'1']}") << qint64(3);
    QTest::newRow("so is what has pods that are not ready")
        << QByteArray("{'1':['r/web:1','','01',1],'2':['r/web:2','','02'],'3':['r/web:4','','03']}") << qint64(1);
    QTest::newRow("nothing else is kept")
        << QByteArray("{'2':['r/web:2','','02'],'3':['r/web:3','','03']}") << qint64(2);
}

void WorkloadPlansTest::anImageThatCannotBePulledIsTheLastWayBack()
{
    QFETCH(QByteArray, revisions);
    QFETCH(qint64, suggested);
    WorkloadView view = wentThrough(revisions);
    Json event;
    event["message"] = "Failed to pull image \"r/web:2\": not found";
    view.failures.append(event);
    const QList<KeptRevision> all = keptRevisions(view);
    const auto found = findRevision(view, all, {});
    QVERIFY(found);
    QCOMPARE(all[*found].revision.number, suggested);
}

void WorkloadPlansTest::whatWasItselfRolledBackComesLast()
{
    QFETCH(QByteArray, revisions);
    QFETCH(qint64, suggested);
    QFETCH(QList<qint64>, rolledBack);
    const WorkloadView view = wentThrough(revisions);
    const auto targets = rollbackTargets(view);
    QVERIFY(targets);
    for (const RollbackTarget &target : *targets) {
        const qint64 number = target.revision.number;
        QCOMPARE(target.isSuggested, number == suggested);
        const bool isTold = target.readiness.first().state == CheckState::Warn;
        QCOMPARE(isTold, rolledBack.contains(number));
        if (isTold)
            QVERIFY(target.readiness.first().text.contains(QLatin1String("was itself rolled back")));
        RollbackOrder order;
        order.to = QString::number(number);
        const auto draft = draftRollback(view, order);
        QVERIFY(draft);
        QCOMPARE(draft->plan.checks.contains(target.readiness.first()), true);
    }
    const auto draft = draftRollback(view, RollbackOrder());
    QVERIFY(draft);
    QCOMPARE(draft->plan.toHash, QStringLiteral("hash%1").arg(suggested));
}

void WorkloadPlansTest::nothingToGoBackToIsARefusal()
{
    const WorkloadView view = wentThrough("{'4':['r/web:1','','01']}");
    const QList<KeptRevision> all = keptRevisions(view);
    QCOMPARE(findRevision(view, all, {}).error().kind, ErrorKind::Refused);
    QCOMPARE(findRevision(view, all, QStringLiteral("3")).error().kind, ErrorKind::NotFound);
}

// Pods, share of live traffic, age of the target; nothing that has no source.
void WorkloadPlansTest::theEffectIsWhatIsConfirmed_data()
{
    QTest::addColumn<QString>("readAt"); // the target is of 2026-11-01 09:00 UTC
    QTest::addColumn<double>("share");   // below 0: nothing says so
    QTest::addColumn<QString>("effect");
    const auto row = [](const char *name, const char *readAt, double share, const char *effect) {
        QTest::newRow(name) << QString::fromLatin1(readAt) << share << QString::fromLatin1(effect);
    };
    row("all is known", "2026-11-04T10:00:00Z", 0.8,
        "1 pod, the number stays; 80 % of live traffic; the target is 3 d old");
    row("no share", "2026-11-01T20:59:59Z", -1, "1 pod, the number stays; the target is 11 h old");
    row("no traffic", "2026-11-01T09:59:59Z", 0,
        "1 pod, the number stays; 0 % of live traffic; the target is less than 1 h old");
    row("nothing but the pods", "", -1, "1 pod, the number stays");
}

void WorkloadPlansTest::theEffectIsWhatIsConfirmed()
{
    QFETCH(QString, readAt);
    QFETCH(double, share);
    WorkloadView view = wentThrough("{'1':['r/web:1','','01'],'2':['r/web:2','','02']}");
    view.readAt = QDateTime::fromString(readAt, Qt::ISODate);
    RollbackOrder order;
    order.to = QStringLiteral("1");
    if (share >= 0)
        order.liveShare = share;
    const auto draft = draftRollback(view, order);
    QVERIFY(draft);
    QTEST(draft->plan.effect, "effect");
}

// The step that resumes it is chosen from the beginning: nobody is sent to choose it.
void WorkloadPlansTest::aPausedDeploymentNamesItsStep()
{
    WorkloadView view = wentThrough("{'1':['r/web:1','','01'],'2':['r/web:2','','02']}");
    view.object["spec"]["paused"] = true;
    view.resource.kind = QStringLiteral("Deployment");
    RollbackOrder order;
    order.to = QStringLiteral("1");
    const auto draft = draftRollback(view, order);
    QVERIFY(draft);
    QCOMPARE(draft->steps.size(), 2);
    const PlanStep &resume = draft->steps.last().step;
    QVERIFY(resume.isOptional && resume.isChosen);
    const auto check = std::find_if(draft->plan.checks.cbegin(), draft->plan.checks.cend(),
                                    [](const Check &one) { return one.id == CheckId::Paused; });
    QVERIFY(check != draft->plan.checks.cend());
    QCOMPARE(check->state, CheckState::Warn);
    QVERIFY2(check->wayOut.contains(resume.title), qPrintable(check->wayOut));
    QVERIFY2(check->wayOut.contains(QStringLiteral("leave it chosen")), qPrintable(check->wayOut));
}

void WorkloadPlansTest::onlyALiveShareIsClaimed_data()
{
    QTest::addColumn<Freshness::State>("freshness");
    QTest::addColumn<bool>("isAssumed");
    QTest::addColumn<bool>("isKnown");
    QTest::newRow("live") << Freshness::State::Live << false << true;
    QTest::newRow("stale") << Freshness::State::Stale << false << false;
    QTest::newRow("routes are hidden") << Freshness::State::Live << true << false;
}

void WorkloadPlansTest::onlyALiveShareIsClaimed()
{
    QFETCH(Freshness::State, freshness);
    QFETCH(bool, isAssumed);
    QFETCH(bool, isKnown);
    ObjectRef blue;
    blue.name = QStringLiteral("blue");
    ObjectRef green;
    green.name = QStringLiteral("green");
    Deployed deployed;
    deployed.freshness.state = freshness;
    deployed.isShareAssumed = isAssumed;
    deployed.tracks = {Track(), Track()};
    deployed.tracks[0].workloads = {blue};
    deployed.tracks[0].share = 0.75;
    deployed.tracks[1].workloads = {green};
    deployed.tracks[1].share = 0.25;
    QCOMPARE(liveShareOf(deployed, green), isKnown ? std::optional(0.25) : std::nullopt);
    QCOMPARE(liveShareOf(deployed, ObjectRef()), std::nullopt);
}

void WorkloadPlansTest::restartTestsWhatItReplaces()
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

void WorkloadPlansTest::selectorsBecomeQueries()
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

void WorkloadPlansTest::imagesAreJudged_data()
{
    QTest::addColumn<QByteArray>("row");
    const Json rows = imageCases()["cases"];
    QVERIFY(rows.size() >= 15);
    for (const Json &row : rows)
        QTest::newRow(row["name"].get<std::string>().c_str()) << QByteArray::fromStdString(row.dump());
}

void WorkloadPlansTest::imagesAreJudged()
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

void WorkloadPlansTest::imageNamesHaveOneSpelling_data()
{
    QTest::addColumn<QString>("written");
    QTest::addColumn<QString>("canonical");
    const Json rows = imageCases()["spellings"];
    for (const auto &[written, canonical] : rows.items()) {
        QTest::newRow(written.c_str()) << QString::fromStdString(written)
                                       << QString::fromStdString(canonical.get<std::string>());
    }
}

void WorkloadPlansTest::imageNamesHaveOneSpelling()
{
    QFETCH(QString, written);
    QFETCH(QString, canonical);
    QCOMPARE(canonicalImage(written), canonical);
    QCOMPARE(canonicalImage(canonical), canonical);
}

void WorkloadPlansTest::whatIsWatchedCanBePlanned_data()
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

void WorkloadPlansTest::whatIsWatchedCanBePlanned()
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

void WorkloadPlansTest::onlyNodesThatTakePodsCount()
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

QTEST_GUILESS_MAIN(WorkloadPlansTest)
#include "test_workloadplans.moc"
