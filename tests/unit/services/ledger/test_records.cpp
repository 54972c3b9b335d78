#include "models/domain/ulid.h"
#include "services/ledger/canonicaljson.h"
#include "services/ledger/ledgerentry.h"
#include "tests/support/jsonschema.h"
#include "tests/unit/services/ledger/onepass.h"

#include <QFile>
#include <QTest>

using namespace signalbox;
using namespace signalbox::policy;
using namespace signalbox::test;

namespace
{

QDateTime noon()
{
    return {QDate(2026, 3, 4), QTime(12, 0), Qt::UTC};
}

QString digestOf(char c)
{
    return QStringLiteral("sha256:") + QString(64, QLatin1Char(c));
}

QString commitOf(char c)
{
    return QString(40, QLatin1Char(c));
}

Subject cart()
{
    return {QStringLiteral("cart"), QStringLiteral("production"), digestOf('7'), commitOf('9')};
}

QString ulid()
{
    return QStringLiteral("01KJX3S8G0ABCDEFGHJKMNPQRS");
}

PromotionRequest fullRequest()
{
    PromotionRequest request;
    request.subject = cart();
    request.version = QStringLiteral("2.15.0");
    request.model = {QStringLiteral("fraud-net"), QStringLiteral("m-7")};
    request.fromEnvironment = QStringLiteral("staging");
    request.replacesDigest = digestOf('1');
    request.replacesCommit = commitOf('2');
    request.policyCommit = commitOf('3');
    request.reason = QStringLiteral("the sale begins “soon” €");
    ChangeSummary changes{3, 2, 40, 2, 1, {}, {}};
    changes.commits = {
        {commitOf('9'), QStringLiteral("dev@shop.example"), noon(), {QStringLiteral("co@shop.example")}},
        {commitOf('8'), QStringLiteral("dev@shop.example"), noon(), {}, QStringLiteral("m@shop.example")}};
    changes.files = {QStringLiteral("src/cart.cpp"), QStringLiteral("tests/test_cart.cpp")};
    request.changes = changes;
    request.riskPermille = 180;
    return request;
}

PromotionRequest shortRequest()
{
    PromotionRequest request;
    request.subject = cart();
    request.policyCommit = commitOf('3');
    return request;
}

FreezeOrder repeatedFreeze()
{
    FreezeOrder freeze{QStringLiteral("cart"), QStringLiteral("production"), noon(), FreezeOrder::endless(),
                       QStringLiteral("weekend")};
    freeze.repeat = FreezeRepeat{QStringLiteral("FREQ=WEEKLY;BYDAY=FR"), "Europe/Berlin", std::chrono::hours(63)};
    return freeze;
}

QList<Record> allRecords()
{
    const QString words = QStringLiteral("looks good");
    return {fullRequest(),
            shortRequest(),
            Approval{ulid(), cart(), commitOf('3'), words},
            Rejection{ulid(), cart(), commitOf('3'), words},
            Claim{ulid(), cart(), commitOf('3')},
            PromotionOutcome{ulid(), ulid(), cart(), OutcomeKind::Done, words, ulid(), noon(), noon().addSecs(60)},
            PromotionOutcome{ulid(), ulid(), cart(), OutcomeKind::Refused, words, {}, {}, {}},
            PromotionOutcome{ulid(), ulid(), cart(), OutcomeKind::Done, words, {}, {}, noon(), true},
            FreezeOrder{QStringLiteral("*"), QStringLiteral("production"), noon(), noon().addSecs(3600), words},
            Hold{QStringLiteral("cart"), QStringLiteral("production"), words, ulid()},
            Hold{QStringLiteral("cart"), QStringLiteral("production"), words, {}},
            Lift{ulid(), words},
            BreakGlass{ulid(), cart(), commitOf('3'), words},
            BreakGlass{{}, cart(), commitOf('3'), words},
            Countersign{ulid(), words},
            PolicyCountersign{commitOf('4'), words},
            Note{ulid(), QStringLiteral("cart"), QStringLiteral("production"), words},
            Note{{}, {}, {}, words},
            repeatedFreeze()};
}

LedgerEntry entryOf(const Record &record)
{
    return entryFor(record, noon(),
                    {QStringLiteral("Ann Äpfel"), QStringLiteral("ann@shop.example"), QStringLiteral("ann"),
                     QStringLiteral("desk")},
                    QStringLiteral("shop"));
}

JsonSchema schema()
{
    QFile file(QStringLiteral(SIGNALBOX_SOURCE_DIR "/resources/ledger-entry.schema.json"));
    if (!file.open(QIODevice::ReadOnly))
        qFatal("no schema");
    return JsonSchema(nlohmann::json::parse(file.readAll().toStdString()));
}

} // namespace

class TestRecords : public QObject
{
    Q_OBJECT

private slots:
    void everyTypeIsTried()
    {
        QStringList seen;
        for (const Record &record : allRecords())
            seen.append(recordType(record));
        for (const QString &type : allRecordTypes())
            QVERIFY2(seen.contains(type), qPrintable(type));
    }

    void recordsReadBackAsTheyWereWritten()
    {
        for (const Record &record : allRecords()) {
            const LedgerEntry entry = entryOf(record);
            const auto bytes = canonicalJson(toJson(entry));
            QVERIFY(bytes);
            const auto back = ledgerEntryFromJson(nlohmann::json::parse(bytes->toStdString()));
            QVERIFY2(back, back ? "" : qPrintable(back.error().message));
            QCOMPARE(*back, entry);
            const auto same = readInOnePass(toJson(entry));
            QVERIFY2(same, same ? "" : qPrintable(same.error().message));
            QCOMPARE(*same, entry);
            QVERIFY(isUlid(back->id));
            QCOMPARE(back->type, recordType(record));
        }
    }

    void recordsFollowThePublishedSchema()
    {
        const JsonSchema published = schema();
        for (const Record &record : allRecords()) {
            nlohmann::json json = toJson(entryOf(record));
            QCOMPARE(QString::fromStdString(published.complaint(json)), QString());
            const std::string type = json.at("type");
            nlohmann::json extra = json;
            extra[type]["more"] = 1;
            QVERIFY2(!published.complaint(extra).empty(), type.c_str());
            nlohmann::json elsewhere = json;
            elsewhere.erase("workspace");
            QVERIFY2(!published.complaint(elsewhere).empty(), type.c_str());
            nlohmann::json empty = json;
            empty.erase(type);
            QVERIFY2(!published.complaint(empty).empty(), type.c_str());
        }
    }

    void messageNamesWhatAndWhy()
    {
        for (const Record &record : allRecords()) {
            const QString message = ledgerMessage(entryOf(record));
            QVERIFY2(message.startsWith(recordTitle(record) + QLatin1Char('\n')), qPrintable(message));
            QVERIFY2(message.contains(wordsOf(record)), qPrintable(message));
            QVERIFY2(message.endsWith(QStringLiteral("By: ann@desk\n")), qPrintable(message));
        }
        QCOMPARE(recordTitle(Approval{ulid(), cart(), {}, {}}),
                 QStringLiteral("approve cart in production: sha256:7777…7777"));
    }

    void brokenRecordsAreRefusedByName_data()
    {
        QTest::addColumn<int>("record");
        QTest::addColumn<QString>("pointer");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("named");
        QTest::newRow("no workspace") << 2 << QStringLiteral("/workspace") << QStringLiteral("\"\"")
                                      << QStringLiteral("workspace");
        QTest::newRow("promotion is no id") << 2 << QStringLiteral("/approval/promotion") << QStringLiteral("\"../x\"")
                                            << QStringLiteral("approval.promotion");
        QTest::newRow("digest shortened")
            << 2 << QStringLiteral("/approval/subject/digest") << QStringLiteral("\"sha256:7777\"")
            << QStringLiteral("approval.subject.digest");
        QTest::newRow("digest in capitals")
            << 2 << QStringLiteral("/approval/subject/digest")
            << QLatin1Char('"') + QStringLiteral("sha256:") + QString(64, QLatin1Char('A')) + QLatin1Char('"')
            << QStringLiteral("approval.subject.digest");
        QTest::newRow("commit shortened")
            << 3 << QStringLiteral("/rejection/subject/commit") << QStringLiteral("\"9999999\"")
            << QStringLiteral("rejection.subject.commit");
        QTest::newRow("no application") << 4 << QStringLiteral("/claim/subject/application") << QStringLiteral("\"\"")
                                        << QStringLiteral("claim.subject.application");
        QTest::newRow("done, not observed")
            << 6 << QStringLiteral("/promotionOutcome/kind") << QStringLiteral("\"done\"")
            << QStringLiteral("promotionOutcome.observedAt");
        QTest::newRow("freeze ends before it begins")
            << 8 << QStringLiteral("/freeze/until") << QStringLiteral("\"2026-03-04T12:00:00.000Z\"")
            << QStringLiteral("freeze.until");
        QTest::newRow("hold without a reason")
            << 9 << QStringLiteral("/hold/reason") << QStringLiteral("\"\"") << QStringLiteral("hold.reason");
        QTest::newRow("break-glass without a reason") << 12 << QStringLiteral("/breakGlass/reason")
                                                      << QStringLiteral("\"\"") << QStringLiteral("breakGlass.reason");
        QTest::newRow("more listed than counted") << 0 << QStringLiteral("/promotion/changes/fileCount")
                                                  << QStringLiteral("1") << QStringLiteral("promotion.changes.files");
        QTest::newRow("risk beyond one") << 0 << QStringLiteral("/promotion/riskPermille") << QStringLiteral("1001")
                                         << QStringLiteral("promotion.riskPermille");
        QTest::newRow("policy's commit") << 15 << QStringLiteral("/policyCountersign/commit") << QStringLiteral("\"\"")
                                         << QStringLiteral("policyCountersign.commit");
        QTest::newRow("type of another") << 11 << QStringLiteral("/type") << QStringLiteral("\"hold\"")
                                         << QStringLiteral("hold");
        QTest::newRow("type nobody knows")
            << 11 << QStringLiteral("/type") << QStringLiteral("\"dance\"") << QStringLiteral("type");
    }
    void brokenRecordsAreRefusedByName()
    {
        QFETCH(int, record);
        QFETCH(QString, pointer);
        QFETCH(QString, value);
        QFETCH(QString, named);
        nlohmann::json json = toJson(entryOf(allRecords().at(record)));
        json[nlohmann::json::json_pointer(pointer.toStdString())] = nlohmann::json::parse(value.toStdString());
        const auto read = ledgerEntryFromJson(json);
        QVERIFY(!read);
        QVERIFY2(read.error().message.contains(named), qPrintable(read.error().message));
        const auto same = readInOnePass(json);
        QVERIFY(!same);
        QCOMPARE(same.error().message, read.error().message);
    }

    // As programs do that were built before there was any: the freeze holds from its first time to its last.
    void whoKnowsNoRepetitionFreezesAllTheTime()
    {
        nlohmann::json json = toJson(entryOf(repeatedFreeze()));
        json["freeze"].erase("repeat");
        const auto read = ledgerEntryFromJson(json);
        QVERIFY2(read, read ? "" : qPrintable(read.error().message));
        const auto freeze = std::get<FreezeOrder>(*read->record);
        QVERIFY(!freeze.repeat);
        QCOMPARE(freeze.from, noon());
        QCOMPARE(freeze.until, FreezeOrder::endless());
    }

    // An entry that is refused would stop nothing.
    void aRepetitionThatIsNotUnderstoodIsNoReasonToLetGo_data()
    {
        QTest::addColumn<QString>("pointer");
        QTest::addColumn<QString>("value");
        QTest::newRow("a key of later") << QStringLiteral("/freeze/repeat/also") << QStringLiteral("[\"20261231\"]");
        QTest::newRow("no text") << QStringLiteral("/freeze/repeat/rule") << QStringLiteral("7");
        QTest::newRow("an empty rule") << QStringLiteral("/freeze/repeat/rule") << QStringLiteral("\"\"");
        QTest::newRow("no zone") << QStringLiteral("/freeze/repeat/zone") << QStringLiteral("null");
        QTest::newRow("no time at all") << QStringLiteral("/freeze/repeat/seconds") << QStringLiteral("0");
        QTest::newRow("a text") << QStringLiteral("/freeze/repeat") << QStringLiteral("\"daily\"");
        QTest::newRow("a list") << QStringLiteral("/freeze/repeat") << QStringLiteral("[]");
    }
    void aRepetitionThatIsNotUnderstoodIsNoReasonToLetGo()
    {
        QFETCH(QString, pointer);
        QFETCH(QString, value);
        nlohmann::json json = toJson(entryOf(repeatedFreeze()));
        json[nlohmann::json::json_pointer(pointer.toStdString())] = nlohmann::json::parse(value.toStdString());
        for (const auto &read : {ledgerEntryFromJson(json), readInOnePass(json)}) {
            QVERIFY2(read, read ? "" : qPrintable(read.error().message));
            const auto freeze = std::get<FreezeOrder>(*read->record);
            QCOMPARE(freeze.until, FreezeOrder::endless());
            QVERIFY(freeze.repeat && freeze.repeat->rule.isEmpty());
        }
    }

    void decisionsReadRecordsAndOperations()
    {
        const LedgerEntry approval = entryOf(Approval{ulid(), cart(), commitOf('3'), {}});
        const auto one = signedRecord(approval, 7, QStringLiteral("ann@shop.example"));
        QVERIFY(one && one->as<Approval>() && !one->as<Claim>() && !one->operation());
        QCOMPARE(one->position, 7);
        QCOMPARE(one->signer, QStringLiteral("ann@shop.example"));

        LedgerEntry rollback;
        rollback.id = newUlid(noon());
        rollback.direction = Direction::Back;
        rollback.application = QStringLiteral("cart");
        rollback.durations.restore = 48000;
        const auto other = signedRecord(rollback, 8, {});
        QVERIFY(other && other->operation());
        QCOMPARE(other->operation()->restoreMs, std::optional<qint64>(48000));

        rollback.to = QStringLiteral("2.14.3 (c07d9aa)");
        QCOMPARE(signedRecord(rollback, 8, {})->operation()->to, QString());
        LedgerEntry shift = rollback;
        shift.kind = OperationKind::TrafficShift;
        shift.to = QStringLiteral("blue 0 %, green 100 %"); // what the traffic is held against
        shift.from = QStringLiteral("blue 100 %, green 0 %");
        QCOMPARE(signedRecord(shift, 8, {})->operation()->to, shift.to);
        QCOMPARE(signedRecord(shift, 8, {})->operation()->from, shift.from);

        LedgerEntry drill;
        drill.drill = Debrief{};
        QVERIFY(!signedRecord(drill, 9, {}));
    }
};

QTEST_GUILESS_MAIN(TestRecords)
#include "test_records.moc"
