#include "services/ledger/view/ledgerexport.h"
#include "services/ledger/view/ledgerreport.h"
#include "tests/support/jsonschema.h"
#include "tests/unit/services/gate/gateledger.h"

#include <nlohmann/json.hpp>

#include <QFile>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

using Json = nlohmann::json;

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

Json jsonOf(const QString &path)
{
    const QByteArray bytes = contentOf(path);
    return Json::parse(bytes.begin(), bytes.end(), nullptr, false);
}

// RFC 4180, read back strictly: empty where it is not.
QList<QStringList> parseCsv(const QByteArray &text)
{
    QList<QStringList> records;
    QStringList record;
    QByteArray field;
    bool inQuotes = false;
    for (qsizetype i = 0; i < text.size(); ++i) {
        const char c = text.at(i);
        if (inQuotes) {
            if (c != '"')
                field += c;
            else if (i + 1 < text.size() && text.at(i + 1) == '"')
                field += text.at(++i);
            else
                inQuotes = false;
        } else if (c == '"') {
            if (!field.isEmpty())
                return {};
            inQuotes = true;
        } else if (c == ',' || c == '\r') {
            record.append(QString::fromUtf8(field));
            field.clear();
            if (c == ',')
                continue;
            if (i + 1 >= text.size() || text.at(++i) != '\n')
                return {};
            records.append(record);
            record.clear();
        } else if (c == '\n') {
            return {};
        } else {
            field += c;
        }
    }
    return inQuotes || !record.isEmpty() || !field.isEmpty() ? QList<QStringList>() : records;
}

// A promotion from request to outcome, and texts that make trouble.
class ExportLedger : public GateLedger
{
public:
    ExportLedger()
    {
        approve(u("ann"));
        add(policy::Rejection{promotion, subject, QString::fromLatin1(policyCommit), u("=HYPERLINK(\"http://x\")")},
            u("cai"));
        approve(u("bob"));
        claim = add(policy::Claim{promotion, subject, QString::fromLatin1(policyCommit)}, u("ann"));
        policy::PromotionOutcome outcome;
        outcome.promotion = promotion;
        outcome.claim = claim;
        outcome.subject = subject;
        outcome.observedAt = next();
        outcome.message = u("12 of 12 pods, \"all\" ready\nsince 10:54");
        add(outcome, u("ann"));
        ForgedCommit byEve;
        byEve.files = {
            forge.file(forge.entry(policy::Note{{}, u("web"), u("staging"), u("Größe, 大小")}, u("eve"), next()))};
        byEve.by = u("eve");
        byEve.at = next();
        forge.commit(byEve);
        question.path = forge.path();
        question.verify.pin.firstAdmin = forge.key(u("ann")).fingerprint();
    }

    QString claim;
    LedgerQuestion question;
};

} // namespace

class TestLedgerExport : public QObject
{
    Q_OBJECT
private slots:
    void writesCsvThatReadsBack()
    {
        const ExportLedger ledger;
        const QTemporaryDir folder;
        const QString path = folder.filePath(u("out.csv"));
        const auto done = exportLedger(LedgerFormat::Csv, ledger.question, path, {});
        QVERIFY2(done, done ? "" : qPrintable(done.error().message));
        QCOMPARE(done->entries, 8);
        const QList<QStringList> records = parseCsv(contentOf(path));
        QCOMPARE(records.size(), 9);
        const QStringList head = records.first();
        QCOMPARE(head.join(u(",")),
                 u("time,position,commit,entry,type,action,outcome,application,environment,version,digest,"
                   "signer,key,author,closedAt,words,about,operation,state,fault,reason"));
        for (const QStringList &record : records)
            QCOMPARE(record.size(), head.size());
        const auto cell = [&](int row, const char *column) {
            return records.at(row).at(head.indexOf(QString::fromLatin1(column)));
        };
        QCOMPARE(cell(2, "type"), u("promotion"));
        QCOMPARE(cell(2, "entry"), ledger.promotion);
        QCOMPARE(cell(2, "digest"), ledger.subject.digest);
        QVERIFY2(cell(2, "time").endsWith(u("Z")), qPrintable(cell(2, "time")));
        QCOMPARE(cell(4, "words"), u("'=HYPERLINK(\"http://x\")")); // not to be calculated
        QCOMPARE(cell(7, "words"), u("12 of 12 pods, \"all\" ready\nsince 10:54"));
        QCOMPARE(cell(7, "outcome"), u("done"));
        QCOMPARE(cell(7, "about"), ledger.promotion);
        QCOMPARE(cell(8, "words"), u("Größe, 大小"));
        QCOMPARE(cell(8, "state"), u("bad"));
        QCOMPARE(cell(8, "fault"), u("unknownSigner"));
        QCOMPARE(cell(8, "commit"), QString::fromLatin1(ledger.forge.tip()));
    }

    void guardsAgainstFormulas_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QByteArray>("field");
        QTest::newRow("plain") << u("cart") << QByteArray("cart");
        QTest::newRow("empty") << QString() << QByteArray();
        QTest::newRow("comma") << u("a,b") << QByteArray("\"a,b\"");
        QTest::newRow("quote") << u("a\"b") << QByteArray("\"a\"\"b\"");
        QTest::newRow("line") << u("a\nb") << QByteArray("\"a\nb\"");
        QTest::newRow("equals") << u("=1+1") << QByteArray("'=1+1");
        QTest::newRow("plus") << u("+1") << QByteArray("'+1");
        QTest::newRow("minus") << u("-1") << QByteArray("'-1");
        QTest::newRow("at") << u("@SUM(A1,A2)") << QByteArray("\"'@SUM(A1,A2)\"");
        QTest::newRow("tab") << u("\t=1") << QByteArray("'\t=1");
        QTest::newRow("return") << u("\r=1") << QByteArray("\"'\r=1\"");
        QTest::newRow("inside it is text") << u("a=1") << QByteArray("a=1");
    }
    void guardsAgainstFormulas()
    {
        QFETCH(QString, text);
        QFETCH(QByteArray, field);
        QCOMPARE(csvField(text), field);
    }

    void writesJsonByItsSchema()
    {
        const ExportLedger ledger;
        const QTemporaryDir folder;
        const QString path = folder.filePath(u("out.json"));
        LedgerQuestion question = ledger.question;
        question.filter.application = u("cart");
        const auto done = exportLedger(LedgerFormat::Json, question, path, {});
        QVERIFY2(done, done ? "" : qPrintable(done.error().message));
        const Json json = jsonOf(path);
        const JsonSchema schema(jsonOf(QStringLiteral(SIGNALBOX_SOURCE_DIR "/resources/ledger-export.schema.json")));
        QCOMPARE(QString::fromStdString(schema.complaint(json)), QString());
        QCOMPARE(json.at("entries").size(), 6U);
        QCOMPARE(json.at("filter").dump(), std::string("{\"application\":\"cart\"}"));
        QCOMPARE(json.at("counts").at("bad").get<int>(), 1);
        QVERIFY(!json.at("whole").get<bool>());
        const JsonSchema entry(jsonOf(QStringLiteral(SIGNALBOX_SOURCE_DIR "/resources/ledger-entry.schema.json")));
        for (const Json &one : json.at("entries"))
            QCOMPARE(QString::fromStdString(entry.complaint(one.at("entry"))), QString());
    }

    void writesAnEmptyListAsOne()
    {
        const ExportLedger ledger;
        const QTemporaryDir folder;
        LedgerQuestion question = ledger.question;
        question.filter.application = u("nothing");
        QVERIFY(exportLedger(LedgerFormat::Json, question, folder.filePath(u("out.json")), {}));
        QCOMPARE(jsonOf(folder.filePath(u("out.json"))).at("entries").size(), 0U);
        QVERIFY(exportLedger(LedgerFormat::Csv, question, folder.filePath(u("out.csv")), {}));
        QCOMPARE(parseCsv(contentOf(folder.filePath(u("out.csv")))).size(), 1);
    }

    void leavesWhatWasThereWhenItIsStopped()
    {
        const ExportLedger ledger;
        const QTemporaryDir folder;
        const QString path = folder.filePath(u("out.csv"));
        QFile before(path);
        QVERIFY(before.open(QIODevice::WriteOnly) && before.write("before") == 6);
        before.close();
        StopSource stop;
        stop.request_stop();
        const auto done = exportLedger(LedgerFormat::Csv, ledger.question, path, stop.get_token());
        QVERIFY(!done);
        QCOMPARE(done.error().kind, ErrorKind::Cancelled);
        QCOMPARE(contentOf(path), QByteArray("before"));
    }

    void saysWhereItCannotBeWritten()
    {
        const ExportLedger ledger;
        const QTemporaryDir folder;
        const QString path = folder.filePath(u("none/out.csv"));
        const auto done = exportLedger(LedgerFormat::Csv, ledger.question, path, {});
        QVERIFY(!done);
        QVERIFY2(done.error().message.startsWith(path + u(" could not be written: ")),
                 qPrintable(done.error().message));
    }

    void putsTogetherWhatAuditorsAsk()
    {
        const ExportLedger ledger;
        const auto report = readReport(ledger.question, {});
        QVERIFY2(report, report ? "" : qPrintable(report.error().message));
        QCOMPARE(report->entries, 8);
        QCOMPARE(report->promotions.size(), 1);
        const LedgerReport::Promotion &promotion = report->promotions.first();
        QCOMPARE(promotion.request.id, ledger.promotion);
        QStringList steps;
        for (const LedgerRow &step : promotion.steps)
            steps.append(step.type);
        QCOMPARE(steps.join(u(" ")), u("approval rejection approval claim promotionOutcome"));
        QCOMPARE(report->others.size(), 2); // the start, and what eve wrote
        QVERIFY2(report->policy.join(u("\n")).contains(u("production: approved by 2 of approvers; not by who asked")),
                 qPrintable(report->policy.join(u("\n"))));
        QCOMPARE(report->summary.policyCommit, QString::fromLatin1(ledger.policyCommit));
    }
};

QTEST_GUILESS_MAIN(TestLedgerExport)
#include "test_ledgerexport.moc"
