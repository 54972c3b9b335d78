#include "services/ledger/operationjson.h"
#include "services/operations/preflighttable.h"

#include <QFile>
#include <QTest>

using namespace signalbox;
using operationjson::allChecks;
using operationjson::allDirections;
using operationjson::allOperationKinds;
using Effect = PreflightTable::Effect;

class TestPreflightTable : public QObject
{
    Q_OBJECT

    static nlohmann::json shipped()
    {
        QFile file(QStringLiteral(SIGNALBOX_SOURCE_DIR "/resources/preflight.json"));
        return file.open(QIODevice::ReadOnly) ? nlohmann::json::parse(file.readAll().toStdString()) : nlohmann::json();
    }

private slots:
    void goingBackIsNeverHarderThanGoingOn()
    {
        const PreflightTable &table = PreflightTable::standard();
        for (OperationKind kind : allOperationKinds()) {
            for (CheckId check : allChecks()) {
                const bool mayBlock = check == CheckId::Rights || check == CheckId::TargetExists;
                QVERIFY2(table.effect(kind, Direction::Back, check) == (mayBlock ? Effect::Block : Effect::Warn),
                         qPrintable(operationKindName(kind) + QLatin1Char(' ') + checkName(check)));
            }
        }
    }

    void everyPairIsPresent()
    {
        const nlohmann::json json = shipped();
        int pairs = 0;
        for (OperationKind kind : allOperationKinds()) {
            for (Direction direction : allDirections()) {
                const auto &checks = json.at("operations")
                                         .at(operationKindName(kind).toStdString())
                                         .at(operationjson::directionName(direction).toStdString());
                for (CheckId check : allChecks())
                    pairs += static_cast<int>(checks.count(checkName(check).toStdString()));
            }
        }
        QCOMPARE(pairs, 13 * 2 * 17);
        QCOMPARE(allOperationKinds().size(), 13);
        QCOMPARE(allChecks().size(), 17);
    }

    // A hold and a freeze stop what brings something new; who needs more or fresh pods, stops a roll-out or lets one go
    // on is told of them.
    void whatBringsNothingNewIsNotHeld()
    {
        const PreflightTable &table = PreflightTable::standard();
        for (const OperationKind kind :
             {OperationKind::Scale, OperationKind::Pause, OperationKind::Restart, OperationKind::Resume}) {
            QVERIFY(table.effect(kind, Direction::Forward, CheckId::Policy) != Effect::Block);
            QVERIFY(table.effect(kind, Direction::Forward, CheckId::FreezeWindow) != Effect::Block);
        }
        for (const OperationKind kind : {OperationKind::TrafficShift, OperationKind::TrafficSwitch}) {
            QCOMPARE(table.effect(kind, Direction::Forward, CheckId::Policy), Effect::Block);
            QCOMPARE(table.effect(kind, Direction::Forward, CheckId::FreezeWindow), Effect::Block);
        }
    }

    void forwardIsStoppedByWhatMatters()
    {
        const PreflightTable &table = PreflightTable::standard();
        for (OperationKind kind : allOperationKinds()) {
            for (CheckId check :
                 {CheckId::Rights, CheckId::TargetExists, CheckId::Freshness, CheckId::DryRun, CheckId::Busy})
                QCOMPARE(table.effect(kind, Direction::Forward, check), Effect::Block);
        }
        QCOMPARE(table.effect(OperationKind::TrafficShift, Direction::Forward, CheckId::Capacity), Effect::Block);
        QCOMPARE(table.effect(OperationKind::TrafficSwitch, Direction::Forward, CheckId::Capacity), Effect::Block);
        QCOMPARE(table.effect(OperationKind::Scale, Direction::Forward, CheckId::Autoscaler), Effect::Block);
    }

    void tableIsTheMostThatAFindingMayDo_data()
    {
        QTest::addColumn<Direction>("direction");
        QTest::addColumn<CheckId>("check");
        QTest::addColumn<CheckState>("found");
        QTest::addColumn<CheckState>("applied");
        const auto row = [](const char *name, Direction direction, CheckId check, CheckState found,
                            CheckState applied) { QTest::newRow(name) << direction << check << found << applied; };
        row("failed, blocks", Direction::Forward, CheckId::Capacity, CheckState::Block, CheckState::Block);
        row("failed, going back", Direction::Back, CheckId::Capacity, CheckState::Block, CheckState::Warn);
        row("doubted", Direction::Forward, CheckId::Capacity, CheckState::Warn, CheckState::Warn);
        row("passed", Direction::Forward, CheckId::Capacity, CheckState::Pass, CheckState::Pass);
        row("ignored", Direction::Forward, CheckId::Autoscaler, CheckState::Block, CheckState::Pass);
        row("no right, going back", Direction::Back, CheckId::Rights, CheckState::Block, CheckState::Block);
    }
    void tableIsTheMostThatAFindingMayDo()
    {
        QFETCH(Direction, direction);
        QFETCH(CheckId, check);
        QFETCH(CheckState, found);
        const Check finding{check, found, QStringLiteral("t"), QStringLiteral("d"), QStringLiteral("w")};
        const auto applied = PreflightTable::standard().apply(OperationKind::TrafficShift, direction, {finding});
        QCOMPARE(applied.size(), 1);
        QTEST(applied.first().state, "applied");
        QCOMPARE(applied.first().text, QStringLiteral("t"));
    }

    void brokenTablesAreRefusedByName_data()
    {
        QTest::addColumn<QString>("pointer");
        QTest::addColumn<QString>("value"); // empty: removed
        QTest::addColumn<QString>("named");
        QTest::newRow("pair missing") << "/operations/scale/back/busy"
                                      << ""
                                      << "operations.scale.back.busy";
        QTest::newRow("operation missing") << "/operations/scale"
                                           << ""
                                           << "operations.scale";
        QTest::newRow("unknown effect") << "/operations/scale/back/busy"
                                        << "\"maybe\""
                                        << "operations.scale.back.busy";
        QTest::newRow("unknown check") << "/operations/scale/back/luck"
                                       << "\"warn\""
                                       << "operations.scale.back.luck";
        QTest::newRow("unknown operation") << "/operations/dance"
                                           << "{}"
                                           << "operations.dance";
        QTest::newRow("newer version") << "/version"
                                       << "2"
                                       << "version";
    }
    void brokenTablesAreRefusedByName()
    {
        QFETCH(QString, pointer);
        QFETCH(QString, value);
        QFETCH(QString, named);
        nlohmann::json json = shipped();
        const nlohmann::json::json_pointer at(pointer.toStdString());
        if (value.isEmpty())
            json.at(at.parent_pointer()).erase(at.back());
        else
            json[at] = nlohmann::json::parse(value.toStdString());
        const auto table = PreflightTable::parse(QByteArray::fromStdString(json.dump()));
        QVERIFY(!table);
        QVERIFY2(table.error().message.contains(named), qPrintable(table.error().message));
        QVERIFY(!PreflightTable::parse("{"));
    }
};

QTEST_GUILESS_MAIN(TestPreflightTable)
#include "test_preflighttable.moc"
