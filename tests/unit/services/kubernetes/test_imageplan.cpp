// Which container is the release, which digest it has, and the patch that sets another one.
#include "services/adapters/kubernetes/imageplan.h"
#include "services/adapters/kubernetes/planpatch.h"

#include <QTest>

using namespace signalbox;
using namespace signalbox::kubernetes;

namespace
{

Json json(const char *text) // with ' for "
{
    return Json::parse(QByteArray(text).replace('\'', '"').toStdString());
}

QString digest(char digit)
{
    return QStringLiteral("sha256:") + QString(64, QLatin1Char(digit));
}

// A settled Deployment of one container "web" with two ready pods.
WorkloadView view(const QString &image, const QStringList &imageIds)
{
    WorkloadView made;
    made.connection = QStringLiteral("eu");
    made.resource.group = QStringLiteral("apps");
    made.resource.version = QStringLiteral("v1");
    made.resource.kind = QStringLiteral("Deployment");
    made.resource.resource = QStringLiteral("deployments");
    made.resource.isNamespaced = true;
    made.object = json("{'metadata':{'name':'cart','namespace':'shop','uid':'u1','generation':3},"
                       "'spec':{'replicas':2,'template':{'metadata':{'labels':{'app':'cart'}},"
                       "'spec':{'containers':[{'name':'web'}]}}},"
                       "'status':{'observedGeneration':3,'updatedReplicas':2,'replicas':2}}");
    made.object["spec"]["replicas"] = imageIds.size();
    made.object["status"]["replicas"] = imageIds.size();
    made.object["status"]["updatedReplicas"] = imageIds.size();
    made.object["spec"]["template"]["spec"]["containers"][0]["image"] = image.toStdString();
    Json revision = json("{'metadata':{'name':'cart-abc12','labels':{'pod-template-hash':'abc12'},"
                         "'annotations':{'deployment.kubernetes.io/revision':'2'}},'spec':{}}");
    revision["spec"]["template"] = made.object["spec"]["template"];
    made.revisions = {revision};
    for (qsizetype i = 0; i < imageIds.size(); ++i) {
        Json pod = json("{'metadata':{'labels':{'pod-template-hash':'abc12'}},'status':{"
                        "'conditions':[{'type':'Ready','status':'True'}],'containerStatuses':[{'name':'web'}]}}");
        pod["metadata"]["creationTimestamp"] = i == 0 ? "2026-03-04T12:00:00Z" : "2026-03-04T11:00:00Z";
        pod["status"]["containerStatuses"][0]["imageID"] = imageIds.at(i).toStdString();
        made.pods.append(pod);
    }
    made.readAt = QDateTime(QDate(2026, 3, 4), QTime(13, 0), Qt::UTC);
    return made;
}

} // namespace

class TestImagePlan : public QObject
{
    Q_OBJECT

private slots:
    void repositories_data()
    {
        QTest::addColumn<QString>("image");
        QTest::addColumn<QString>("repository");
        QTest::newRow("tag") << "r.example/shop/cart:1.4.0"
                             << "r.example/shop/cart";
        QTest::newRow("port, no tag") << "r.example:5000/cart"
                                      << "r.example:5000/cart";
        QTest::newRow("tag and digest") << QStringLiteral("r.example:5000/cart:1@") + digest('a')
                                        << "r.example:5000/cart";
        QTest::newRow("bare") << "cart"
                              << "cart";
    }
    void repositories()
    {
        QFETCH(QString, image);
        QFETCH(QString, repository);
        QCOMPARE(imageRepository(image), repository);
    }

    void imageIds_data()
    {
        QTest::addColumn<QString>("id");
        QTest::addColumn<QString>("expected");
        QTest::newRow("containerd") << QStringLiteral("r.example/cart@") + digest('a') << digest('a');
        QTest::newRow("docker") << QStringLiteral("docker-pullable://r.example/cart@") + digest('a') << digest('a');
        QTest::newRow("configuration") << digest('a') << QString();
        QTest::newRow("docker, configuration") << QStringLiteral("docker://") + digest('a') << QString();
        QTest::newRow("no digest") << "r.example/cart@latest" << QString();
        QTest::newRow("nothing") << QString() << QString();
    }
    void imageIds()
    {
        QFETCH(QString, id);
        QFETCH(QString, expected);
        QCOMPARE(pulledDigest(id), expected);
    }

    void sidecarsAreNotTheRelease_data()
    {
        QTest::addColumn<QByteArray>("containers");
        QTest::addColumn<QByteArray>("annotations");
        QTest::addColumn<int>("index"); // -1: cannot be told
        QTest::newRow("one") << QByteArray("[{'name':'x','image':'a'}]") << QByteArray("{}") << 0;
        QTest::newRow("called like the application")
            << QByteArray("[{'name':'x','image':'a'},{'name':'cart','image':'b'}]") << QByteArray("{}") << 1;
        QTest::newRow("its image is") << QByteArray("[{'name':'x','image':'a'},{'name':'y','image':'r/cart:1'}]")
                                      << QByteArray("{}") << 1;
        QTest::newRow("a proxy beside it")
            << QByteArray("[{'name':'istio-proxy','image':'proxyv2'},{'name':'web','image':'r/shop:1'}]")
            << QByteArray("{}") << 1;
        QTest::newRow("marked") << QByteArray("[{'name':'x','image':'a'},{'name':'cart','image':'b'}]")
                                << QByteArray("{'kubectl.kubernetes.io/default-container':'x'}") << 0;
        QTest::newRow("two of the same right")
            << QByteArray("[{'name':'x','image':'a'},{'name':'y','image':'b'}]") << QByteArray("{}") << -1;
    }
    void sidecarsAreNotTheRelease()
    {
        QFETCH(QByteArray, containers);
        QFETCH(QByteArray, annotations);
        QFETCH(int, index);
        Json podTemplate;
        podTemplate["metadata"]["annotations"] = json(annotations.constData());
        podTemplate["spec"]["containers"] = json(containers.constData());
        const auto found = releaseContainer(podTemplate, QStringLiteral("cart"), {});
        QCOMPARE(found.has_value(), index >= 0);
        if (found)
            QCOMPARE(*found, qsizetype(index));
        else
            QVERIFY(found.error().message.contains(QStringLiteral("x, y")));
    }

    void whatRuns_data()
    {
        QTest::addColumn<QString>("image");
        QTest::addColumn<QStringList>("ids");
        QTest::addColumn<QString>("expected");
        QTest::addColumn<QString>("problem");
        const QString tagged = QStringLiteral("r/cart:1.4.0");
        const QString a = QStringLiteral("r/cart@") + digest('a');
        const QString b = QStringLiteral("r/cart@") + digest('b');
        QTest::newRow("pinned") << tagged + u'@' + digest('a') << QStringList{a, a} << digest('a') << QString();
        // The node pulled the manifest of its platform, which the index names: the index is the release.
        QTest::newRow("pinned to an index")
            << tagged + u'@' + digest('a') << QStringList{b, b} << digest('a') << QString();
        QTest::newRow("by tag, all the same") << tagged << QStringList{a, a} << digest('a') << QString();
        QTest::newRow("by tag, it moved") << tagged << QStringList{a, b} << QString() << "moved";
        QTest::newRow("by tag, configuration only")
            << tagged << QStringList{digest('a'), digest('a')} << QString() << QStringLiteral("do not say");
        QTest::newRow("by tag, one does not say")
            << tagged << QStringList{a, digest('b')} << QString() << QStringLiteral("do not say");
        QTest::newRow("by tag, no pod") << tagged << QStringList{} << QString() << "no pod";
    }
    void whatRuns()
    {
        QFETCH(QString, image);
        QFETCH(QStringList, ids);
        QFETCH(QString, expected);
        QFETCH(QString, problem);
        const auto release = runningRelease(view(image, ids), QStringLiteral("cart"), {});
        QVERIFY(release);
        QCOMPARE(release->digest, expected);
        QCOMPARE(release->tag, QStringLiteral("1.4.0"));
        QVERIFY2(problem.isEmpty() ? release->problem.isEmpty() : release->problem.contains(problem),
                 qPrintable(release->problem));
        if (!ids.isEmpty())
            QCOMPARE(release->since, QDateTime(QDate(2026, 3, 4), QTime(11, 0), Qt::UTC)); // the oldest pod
        QVERIFY(release->isSettled);
    }

    // What may not be listed is not none: the object's own status counts it, while its pods have one template.
    void hiddenPodsAreNotNone_data()
    {
        QTest::addColumn<int>("updated"); // of 2
        QTest::addColumn<int>("ready");   // as the status says
        QTest::addColumn<bool>("areRevisionsHidden");
        QTest::addColumn<int>("expected"); // -1: not known
        QTest::addColumn<bool>("isSettled");
        QTest::newRow("settled") << 2 << 2 << false << 2 << true;
        QTest::newRow("one is not ready") << 2 << 1 << false << 1 << false;
        QTest::newRow("two templates at once") << 1 << 2 << false << -1 << false;
        QTest::newRow("pods that cannot be told apart") << 1 << 2 << true << -1 << false;
    }
    void hiddenPodsAreNotNone()
    {
        QFETCH(int, updated);
        QFETCH(int, ready);
        QFETCH(bool, areRevisionsHidden);
        WorkloadView seen = view(QStringLiteral("r/cart:1.4.0@") + digest('a'), {QString(), QString()});
        seen.object["status"]["updatedReplicas"] = updated;
        seen.object["status"]["readyReplicas"] = ready;
        if (areRevisionsHidden) {
            seen.revisions.clear();
            seen.hiddenRevisions = Error{ErrorKind::Forbidden, QStringLiteral("no"), {}};
        } else {
            seen.pods.clear();
            seen.arePodsKnown = false;
        }
        const auto release = runningRelease(seen, QStringLiteral("cart"), {});
        QVERIFY(release);
        QTEST(release->podsReady.value_or(-1), "expected");
        QTEST(release->isSettled, "isSettled");
        QCOMPARE(readyPodsText(*release).contains(QLatin1String("not yours to see")), !release->podsReady);
    }

    void thePatchTestsWhatItReplaces()
    {
        const WorkloadView seen = view(QStringLiteral("r/cart:1.4.0@") + digest('a'), {QString(), QString()});
        SetImageOrder order;
        order.application = QStringLiteral("cart");
        order.environment = QStringLiteral("production");
        order.digest = digest('b');
        order.tag = QStringLiteral("1.5.0");
        const auto draft = draftSetImage(seen, order);
        QVERIFY(draft);
        QCOMPARE(draft->plan.kind, OperationKind::Promote);
        QCOMPARE(draft->plan.toHash, digest('b'));
        const Json patch = Json::parse(draft->steps.first().step.call.body.toStdString());
        QCOMPARE(patch.size(), size_t(4));
        QVERIFY(patch[0]["value"] == Json("u1"));
        QVERIFY(patch[2]["op"] == Json("test"));
        QVERIFY(patch[2]["path"] == Json("/spec/template/spec/containers/0/image"));
        QVERIFY(patch[2]["value"] == Json((QStringLiteral("r/cart:1.4.0@") + digest('a')).toStdString()));
        QVERIFY(patch[3]["value"] == Json((QStringLiteral("r/cart:1.5.0@") + digest('b')).toStdString()));
        order.digest = QStringLiteral("1.5.0");
        QVERIFY(!draftSetImage(seen, order));
        order.digest = digest('a');
        QVERIFY(draftSetImage(seen, order)->plan.isBlocked()); // it runs that already
    }

    void theModelGoesAlong_data()
    {
        QTest::addColumn<QByteArray>("annotations");
        QTest::addColumn<QByteArray>("after");
        QTest::newRow("none before") << QByteArray()
                                     << QByteArray(
                                            "{'signalbox/model-name':'fraud-net','signalbox/model-version':'8'}");
        QTest::newRow("others before") << QByteArray("{'a':'b'}")
                                       << QByteArray("{'a':'b','signalbox/model-name':'fraud-net',"
                                                     "'signalbox/model-version':'8'}");
        QTest::newRow("an older one before")
            << QByteArray("{'signalbox/model-name':'fraud-net','signalbox/model-version':'7'}")
            << QByteArray("{'signalbox/model-name':'fraud-net','signalbox/model-version':'8'}");
    }
    // The image stays, the model behind it does not: set with the image, taken back with it, and no "runs already".
    void theModelGoesAlong()
    {
        QFETCH(QByteArray, annotations);
        QFETCH(QByteArray, after);
        WorkloadView seen = view(QStringLiteral("r/cart:1.4.0@") + digest('a'), {QString(), QString()});
        if (!annotations.isEmpty())
            seen.object["spec"]["template"]["metadata"]["annotations"] = json(annotations.constData());
        SetImageOrder order;
        order.application = QStringLiteral("cart");
        order.environment = QStringLiteral("production");
        order.digest = digest('a');
        order.model = {QStringLiteral("fraud-net"), QStringLiteral("8")};
        const auto draft = draftSetImage(seen, order);
        QVERIFY(draft);
        QVERIFY(!draft->plan.isBlocked());
        const QByteArray &patch = draft->steps.first().step.call.body;
        WorkloadView then = seen;
        then.object = patched(seen.object, patch);
        QVERIFY(then.object["spec"]["template"]["metadata"]["annotations"] == json(after.constData()));
        QCOMPARE(runningRelease(then, QStringLiteral("cart"), {})->model, order.model);
        QVERIFY(draftSetImage(then, order)->plan.isBlocked());
        QVERIFY(isSameJson(patched(then.object, inversePatch(patch, seen.object, then.object)), seen.object));
    }

    void labelsSayTheModelToo()
    {
        WorkloadView seen = view(QStringLiteral("r/cart:1.4.0@") + digest('a'), {QString(), QString()});
        QVERIFY(runningRelease(seen, QStringLiteral("cart"), {})->model.isEmpty());
        seen.object["spec"]["template"]["metadata"]["labels"]["signalbox/model-version"] = "7";
        QCOMPARE(servedModelText(runningRelease(seen, QStringLiteral("cart"), {})->model), QStringLiteral("7"));
    }
};

QTEST_GUILESS_MAIN(TestImagePlan)
#include "test_imageplan.moc"
