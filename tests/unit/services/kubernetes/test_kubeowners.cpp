#include "services/adapters/kubernetes/owners.h"

#include <QTest>

using namespace signalbox;
using namespace signalbox::kubernetes;

using Strings = QMap<QString, QString>;

class TestKubeOwners : public QObject
{
    Q_OBJECT
private slots:
    void managersAreToldFromWhatTheObjectCarries_data()
    {
        QTest::addColumn<Strings>("labels");
        QTest::addColumn<Strings>("annotations");
        QTest::addColumn<QStringList>("writers");
        QTest::addColumn<QString>("names");
        QTest::addColumn<bool>("firstReverts");

        const auto s = [](const char *text) { return QString::fromLatin1(text); };
        QTest::newRow("nobody") << Strings{} << Strings{} << QStringList{s("kubectl-client-side-apply")} << QString()
                                << false;
        QTest::newRow("Argo CD by annotation")
            << Strings{} << Strings{{s("argocd.argoproj.io/tracking-id"), s("shop:apps/Deployment:shop/cart")}}
            << QStringList{} << s("Application argocd/shop") << true;
        QTest::newRow("Argo CD, Application elsewhere")
            << Strings{} << Strings{{s("argocd.argoproj.io/tracking-id"), s("team_shop:apps/Deployment:shop/cart")}}
            << QStringList{} << s("Application team/shop") << true;
        QTest::newRow("instance label alone proves nothing") << Strings{{s("app.kubernetes.io/instance"), s("shop")}}
                                                             << Strings{} << QStringList{} << QString() << false;
        QTest::newRow("instance label and Argo CD wrote it")
            << Strings{{s("app.kubernetes.io/instance"), s("shop")}} << Strings{} << QStringList{s("argocd-controller")}
            << s("Application argocd/shop") << true;
        QTest::newRow("Flux Kustomization")
            << Strings{{s("kustomize.toolkit.fluxcd.io/name"), s("apps")},
                       {s("kustomize.toolkit.fluxcd.io/namespace"), s("flux-system")}}
            << Strings{} << QStringList{s("kustomize-controller")} << s("Kustomization flux-system/apps") << true;
        QTest::newRow("Flux HelmRelease and its Helm")
            << Strings{{s("helm.toolkit.fluxcd.io/name"), s("cart")},
                       {s("helm.toolkit.fluxcd.io/namespace"), s("shop")},
                       {s("app.kubernetes.io/managed-by"), s("Helm")}}
            << Strings{{s("meta.helm.sh/release-name"), s("cart")}, {s("meta.helm.sh/release-namespace"), s("shop")}}
            << QStringList{s("helm-controller")} << s("HelmRelease shop/cart, Helm release shop/cart") << false;
        QTest::newRow("Helm") << Strings{{s("app.kubernetes.io/managed-by"), s("Helm")}}
                              << Strings{{s("meta.helm.sh/release-name"), s("cart")},
                                         {s("meta.helm.sh/release-namespace"), s("shop")}}
                              << QStringList{s("helm")} << s("Helm release shop/cart") << false;
        QTest::newRow("Argo Rollouts' Service")
            << Strings{} << Strings{{s("argo-rollouts.argoproj.io/managed-by-rollouts"), s("cart")}} << QStringList{}
            << s("Rollout shop/cart") << true;
        QTest::newRow("Jenkins wrote it")
            << Strings{} << Strings{} << QStringList{s("jenkins-deployer")} << s("Jenkins") << false;
    }
    void managersAreToldFromWhatTheObjectCarries()
    {
        QFETCH(Strings, labels);
        QFETCH(Strings, annotations);
        QFETCH(QStringList, writers);
        QFETCH(QString, names);
        QFETCH(bool, firstReverts);
        OwnerHints hints;
        hints.ns = QStringLiteral("shop");
        hints.labels = labels;
        hints.annotations = annotations;
        hints.fieldManagers = writers;
        const QList<Manager> found = managersOf(hints);
        QStringList list;
        for (const Manager &one : found) {
            list.append(one.name);
            QVERIFY(!one.evidence.isEmpty());
        }
        QCOMPARE(list.join(QStringLiteral(", ")), names);
        QCOMPARE(!found.isEmpty() && found.first().revertsOurs, firstReverts);
    }

    void ownersOfOtherKindsAreManagersButPartsAreNot()
    {
        OwnerHints hints;
        hints.ns = QStringLiteral("shop");
        hints.owners = {
            {QStringLiteral("apps/v1"), QStringLiteral("Deployment"), QStringLiteral("cart"), {}, true},
            {QStringLiteral("flagger.app/v1beta1"), QStringLiteral("Canary"), QStringLiteral("cart"), {}, true}};
        const QList<Manager> found = managersOf(hints);
        QCOMPARE(found.size(), 1);
        QCOMPARE(found[0].kind, Manager::Kind::Flagger);
        QCOMPARE(found[0].name, QStringLiteral("Canary shop/cart"));
        QVERIFY(found[0].revertsOurs);
    }

    void autoscalerWritesTheReplicaCountBack()
    {
        Autoscaler scaler;
        scaler.ref.name = QStringLiteral("cart");
        const Manager manager = managerOf(scaler);
        QCOMPARE(manager.name, QStringLiteral("HPA cart"));
        QVERIFY(manager.revertsOurs);
    }
};

QTEST_GUILESS_MAIN(TestKubeOwners)
#include "test_kubeowners.moc"
