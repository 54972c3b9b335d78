#include "app/console/ledgerreportrun.h"

#include "app/exitstatus.h"
#include "services/async/deliver.h"
#include "ui/pages/ledger/ledgerpdf.h"

#include <QCoreApplication>
#include <QDir>
#include <QJsonDocument>
#include <QJsonObject>

#include <cstdio>

namespace signalbox
{

namespace
{

struct LedgerReportText
{
    Q_DECLARE_TR_FUNCTIONS(LedgerReport)
};

void print(const QString &text)
{
    std::fputs(qPrintable(text), stdout);
    std::fflush(stdout);
}

// As `signalbox ledger export --json` prints it.
QString exportedJson(const LedgerExported &done, const QString &file, ExitStatus status)
{
    const LedgerSummary &summary = done.summary;
    const QJsonObject json{{QStringLiteral("schema"), QStringLiteral("signalbox.ledgerExported/1")},
                           {QStringLiteral("exitStatus"), static_cast<int>(status)},
                           {QStringLiteral("file"), file},
                           {QStringLiteral("entries"), static_cast<qint64>(done.entries)},
                           {QStringLiteral("tip"), summary.tip.isEmpty() ? QJsonValue() : QJsonValue(summary.tip)},
                           {QStringLiteral("whole"), summary.isWhole()},
                           {QStringLiteral("verdict"), verdictSentence(summary)}};
    return QString::fromUtf8(QJsonDocument(json).toJson());
}

ExitStatus tell(const LedgerReportRun &run, const Result<LedgerExported> &done)
{
    if (!done) {
        std::fprintf(stderr, "signalbox: %s\n", qPrintable(done.error().message));
        return done.error().kind == ErrorKind::NotFound ? ExitStatus::Usage : exitStatusOf(done.error().kind);
    }
    const ExitStatus status = done->summary.isWhole() ? ExitStatus::Done : ExitStatus::Refused;
    if (run.isJson)
        print(exportedJson(*done, run.file, status));
    else
        print(LedgerReportText::tr("%1 entries were written to %2.\n%3\n")
                  .arg(QString::number(done->entries), QDir::toNativeSeparators(run.file),
                       verdictSentence(done->summary)));
    return status;
}

} // namespace

int runLedgerReport(const LedgerReportRun &run)
{
    QObject context;
    StopSource stop;
    deliver(writeLedgerPdfLater(run.question, run.file, stop.get_token()), stop.get_token(), &context,
            [&run](const Result<LedgerExported> &done) { QCoreApplication::exit(static_cast<int>(tell(run, done))); });
    return QCoreApplication::exec();
}

} // namespace signalbox
