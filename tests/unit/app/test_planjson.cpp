// What --json tells of a plan, and what it must not.
#include "app/commands/json.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace signalbox;
using namespace signalbox::commands;

class TestPlanJson : public QObject
{
    Q_OBJECT
private slots:
    // What was filled in at a gate is in the body and in the difference: a log of CI shows neither.
    void whatWasFilledInIsNotTold_data()
    {
        QTest::addColumn<OperationKind>("kind");
        QTest::addColumn<bool>("isHidden");
        QTest::newRow("a gate") << OperationKind::DecideGate << true;
        QTest::newRow("a run that is started") << OperationKind::TriggerRun << true;
        QTest::newRow("an object of the cluster") << OperationKind::Rollback << false;
    }
    void whatWasFilledInIsNotTold()
    {
        QFETCH(OperationKind, kind);
        QFETCH(bool, isHidden);
        Plan plan;
        plan.kind = kind;
        PlanStep step;
        step.id = QStringLiteral("1");
        step.call.body = QByteArrayLiteral("ticket=OPS-7");
        step.diff = {{DiffLine::Kind::Added, QStringLiteral("ticket = OPS-7 = b")},
                     {DiffLine::Kind::Note, QStringLiteral("Jenkins keeps no comment")},
                     {DiffLine::Kind::Added, QStringLiteral("approved")}};
        plan.steps = {step};
        const QJsonObject document =
            QJsonDocument::fromJson(operationJson(plan, std::nullopt, ExitStatus::Done).toUtf8()).object();
        const QJsonObject told =
            document.value(QStringLiteral("plan")).toObject().value(QStringLiteral("steps")).toArray().at(0).toObject();
        QCOMPARE(told.value(QStringLiteral("body")).isNull(), isHidden);
        const QString all = QString::fromUtf8(QJsonDocument(told).toJson());
        QCOMPARE(all.contains(QStringLiteral("OPS-7")), !isHidden);
        const QJsonObject line = told.value(QStringLiteral("diff")).toArray().at(0).toObject();
        QCOMPARE(line.value(QStringLiteral("text")).toString(),
                 isHidden ? QStringLiteral("ticket = (hidden)") : QStringLiteral("ticket = OPS-7 = b"));
        QVERIFY(all.contains(QStringLiteral("Jenkins keeps no comment")));
        QVERIFY(all.contains(QStringLiteral("approved")));
    }
};

QTEST_GUILESS_MAIN(TestPlanJson)
#include "test_planjson.moc"
