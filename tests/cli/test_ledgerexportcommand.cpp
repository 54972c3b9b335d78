#include "tests/support/needs.h"
#include "tests/unit/services/gate/gateledger.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

using namespace signalbox;
using namespace signalbox::test;

namespace
{

Ran exported(const QStringList &arguments)
{
    return runTool(QStringLiteral(SIGNALBOX_PROGRAM), QStringList{u("ledger"), u("export")} + arguments, {}, {},
                   {u("SIGNALBOX_DATA=/nonexistent"), u("HOME=/nonexistent"), u("XDG_CONFIG_HOME=/nonexistent")});
}

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

// A promotion from request to outcome.
class Approved : public GateLedger
{
public:
    Approved()
    {
        approve(u("ann"));
        approve(u("cai"));
        const QString claim = add(policy::Claim{promotion, subject, QString::fromLatin1(policyCommit)}, u("ann"));
        policy::PromotionOutcome outcome;
        outcome.promotion = promotion;
        outcome.claim = claim;
        outcome.subject = subject;
        outcome.observedAt = next();
        outcome.message = u("12 of 12 pods run it");
        add(outcome, u("ann"));
    }
    QStringList arguments(const QString &file) const
    {
        return {u("--ledger"), forge.path(), u("--first-admin"), forge.key(u("ann")).fingerprint(), u("--out"), file};
    }
};

} // namespace

// `signalbox ledger export` as auditors have it.
class TestLedgerExportCommand : public QObject
{
    Q_OBJECT
private slots:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void writesWhatFits()
    {
        const Approved ledger;
        const QString file = m_folder->filePath(u("approvals.csv"));
        const Ran ran =
            exported(ledger.arguments(file) + QStringList{u("--type"), u("approval"), u("--app"), u("cart")});
        QVERIFY2(ran.status == 0, qPrintable(ran.text()));
        QVERIFY2(ran.text().contains(u("2 entries were written to ") + file), qPrintable(ran.text()));
        QVERIFY2(ran.text().contains(u("is proven")), qPrintable(ran.text()));
        QCOMPARE(contentOf(file).count("\r\n"), 3);
        QVERIFY(contentOf(file).contains(",cai@shop.example,"));
    }

    void tellsAboutItInJson()
    {
        const Approved ledger;
        const QString file = m_folder->filePath(u("all.json"));
        const Ran ran = exported(ledger.arguments(file) + QStringList{u("--json"), u("--until"), u("2020-01-01")});
        const QJsonObject told = QJsonDocument::fromJson(ran.out).object();
        QCOMPARE(told.value(u("schema")).toString(), u("signalbox.ledgerExported/1"));
        QCOMPARE(told.value(u("entries")).toInt(-1), 0);
        QVERIFY(told.value(u("whole")).toBool());
        QCOMPARE(told.value(u("tip")).toString(), QString::fromLatin1(ledger.forge.tip()));
        const QJsonObject written = QJsonDocument::fromJson(contentOf(file)).object();
        QCOMPARE(written.value(u("filter")).toObject().value(u("until")).toString(), u("2020-01-01T00:00:00.000Z"));
        QVERIFY(written.value(u("entries")).isArray());
    }

    void endsWithOneWhereSomethingIsWrong()
    {
        Approved ledger;
        ForgedCommit byEve;
        byEve.files = {ledger.forge.file(
            ledger.forge.entry(policy::Note{{}, u("cart"), {}, u("hello")}, u("eve"), ledger.next()))};
        byEve.by = u("eve");
        byEve.at = ledger.next();
        ledger.forge.commit(byEve);
        const QString file = m_folder->filePath(u("all.csv"));
        const Ran ran = exported(ledger.arguments(file));
        QCOMPARE(ran.status, 1);
        QVERIFY2(ran.text().contains(u("1 of 7 entries cannot be trusted")), qPrintable(ran.text()));
        QVERIFY(contentOf(file).contains(",bad,unknownSigner,"));
    }

    void drawsAReportThatCanBeRead()
    {
        if (QStandardPaths::findExecutable(u("pdftotext")).isEmpty())
            MISSING("pdftotext is not installed: installer/debian-packages.sh names poppler-utils");
        const Approved ledger;
        const QString file = m_folder->filePath(u("report.pdf"));
        const Ran ran = exported(ledger.arguments(file));
        QVERIFY2(ran.status == 0, qPrintable(ran.text()));
        QVERIFY2(ran.text().contains(u("6 entries were written to ") + file), qPrintable(ran.text()));
        const Ran read = runTool(u("pdftotext"), {u("-layout"), file, u("-")});
        QVERIFY2(read.status == 0, qPrintable(read.text()));
        const QString text = QString::fromUtf8(read.out).simplified();
        const QString tip = QString::fromLatin1(ledger.forge.tip());
        for (const QString &wanted :
             {u("Release ledger: report for auditors"), u("Every entry since it began to be signed is proven."),
              u("Workspace shop"), tip, QString::fromLatin1(ledger.policyCommit), u("approved by 2 of approvers"),
              u("Asked for by dan@shop.example. Approved by ann@shop.example, cai@shop.example. Promotion: done."),
              u("12 of 12 pods run it"), u("Promotion asked for"), u("Claimed"), u("verify-commit ") + tip,
              u("page 1")}) {
            const bool isThere = text.contains(wanted);
            QVERIFY2(isThere, qPrintable(wanted + u("\n--- in ---\n") + text));
        }
    }

    // What the report tells its reader to run is run, as it stands there. The pin is the whole key, as workspaces have
    // it.
    void saysHowToVerifyIt()
    {
        if (QStandardPaths::findExecutable(u("pdftotext")).isEmpty())
            MISSING("pdftotext is not installed: installer/debian-packages.sh names poppler-utils");
        const Approved ledger;
        const ssh::PublicKey ann = ledger.forge.key(u("ann"));
        const QString file = m_folder->filePath(u("report.pdf"));
        const Ran ran = exported({u("--ledger"), ledger.forge.path(), u("--first-admin"),
                                  QString::fromLatin1(ann.line()), u("--out"), file});
        QVERIFY2(ran.status == 0, qPrintable(ran.text()));
        const QString text = QString::fromUtf8(runTool(u("pdftotext"), {u("-layout"), file, u("-")}).out).simplified();
        QVERIFY2(text.contains(u("the pinned one (%1)").arg(ann.fingerprint())), qPrintable(text));
        const QRegularExpression command(
            u("signalbox (ledger verify --ledger \\S+ --at-least \\S+) \\\\ (--first-admin \\S+)"));
        const QRegularExpressionMatch match = command.match(text);
        QVERIFY2(match.hasMatch(), qPrintable(text));
        const QString clone = m_folder->filePath(u("ledger"));
        QCOMPARE(runTool(u("git"), {u("clone"), u("-q"), ledger.forge.path(), clone}).status, 0);
        const QStringList words = match.captured(1).split(QLatin1Char(' ')) + match.captured(2).split(QLatin1Char(' '));
        const Ran verified =
            runTool(QStringLiteral(SIGNALBOX_PROGRAM), words, {}, clone, {u("SIGNALBOX_DATA=/nonexistent")});
        QVERIFY2(verified.status == 0, qPrintable(verified.text()));
    }

    void breaksLinesBetweenWords()
    {
        if (QStandardPaths::findExecutable(u("pdftotext")).isEmpty())
            MISSING("pdftotext is not installed: installer/debian-packages.sh names poppler-utils");
        Approved ledger;
        // No two of them are alike, so that none is found whole by chance; longer than any column is wide.
        QStringList words;
        for (int i = 0; i < 60; ++i)
            words.append(u("word%1").arg(i, 2, 10, QLatin1Char('0')));
        ledger.add(policy::Note{{}, u("cart"), u("production"), words.join(QLatin1Char(' '))}, u("ann"));
        const QString file = m_folder->filePath(u("report.pdf"));
        const Ran ran = exported(ledger.arguments(file));
        QVERIFY2(ran.status == 0, qPrintable(ran.text()));
        const QString text = QString::fromUtf8(runTool(u("pdftotext"), {file, u("-")}).out);
        for (const QString &word : std::as_const(words))
            QVERIFY2(text.contains(word), qPrintable(word + u("\n--- in ---\n") + text));
    }

    void saysWhereAReportCannotBeWritten()
    {
        const Approved ledger;
        const Ran ran = exported(ledger.arguments(m_folder->filePath(u("none/report.pdf"))));
        QCOMPARE(ran.status, 1);
        QVERIFY2(ran.text().contains(u("none/report.pdf could not be written")), qPrintable(ran.text()));
    }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_GUILESS_MAIN(TestLedgerExportCommand)
#include "test_ledgerexportcommand.moc"
