#include "tests/support/lab.h"

#include <QTest>

using namespace signalbox::test;

// The lab itself: what the other suites rely on.
class TestLab : public QObject
{
    Q_OBJECT
private slots:
    void nodesAreReady()
    {
        QString error;
        const auto lab = LabCluster::shared(&error);
        QVERIFY2(lab, qPrintable(error));
        const auto nodes =
            lab->kubectl({QStringLiteral("get"), QStringLiteral("nodes"), QStringLiteral("-o"),
                          QStringLiteral("jsonpath={.items[*].status.conditions[?(@.type=='Ready')].status}")});
        QVERIFY2(nodes.isGood(), nodes.err.constData());
        QVERIFY(nodes.out.count("True") >= 2);
        const QString ns = lab->makeNamespace(QStringLiteral("lab"));
        QVERIFY(!ns.isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestLab)
#include "test_lab.moc"
