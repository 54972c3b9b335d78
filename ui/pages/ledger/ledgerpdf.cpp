#include "ui/pages/ledger/ledgerpdf.h"

#include "models/items/ledgermodel.h"
#include "services/ledger/signing/publickey.h"
#include "services/ledger/view/ledgerreport.h"
#include "ui/pages/ledger/ledgerreporttext.h"
#include "ui/pages/ledger/pdfflow.h"

#include <QDir>
#include <QPromise>
#include <QSaveFile>
#include <QThreadPool>

#include <memory>

namespace signalbox
{

namespace
{

QString utcText(const QDateTime &time)
{
    return time.toUTC().toString(QStringLiteral("yyyy-MM-dd HH:mm:ss 'UTC'"));
}

QString proofText(const LedgerRow &row)
{
    return row.reason.isEmpty() ? ledgerProofText(row.proof)
                                : QStringLiteral("%1: %2").arg(ledgerProofText(row.proof), row.reason);
}

QString personText(const LedgerRow &row)
{
    if (!row.signer.isEmpty())
        return row.signer;
    return row.author.isEmpty() ? LedgerReportText::tr("nobody known")
                                : LedgerReportText::tr("%1, as it says itself").arg(row.author);
}

// Draws the report; asks now and then whether it is still wanted.
class Report
{
public:
    Report(PdfFlow &flow, const LedgerReport &report, const LedgerQuestion &question, const StopToken &stop)
        : m_flow(flow)
        , m_report(report)
        , m_question(question)
        , m_stop(stop)
    {}

    bool draw() // false: it was stopped
    {
        cover();
        policy();
        promotions();
        others();
        howToVerify();
        return !m_stop.stop_requested();
    }

private:
    QString rangeText() const
    {
        const LedgerFilter &filter = m_report.filter;
        const QString from = filter.from.isValid() ? utcText(filter.from) : LedgerReportText::tr("the beginning");
        const QString to = filter.to.isValid() ? utcText(filter.to) : utcText(m_report.summary.verifiedAt);
        return LedgerReportText::tr("from %1 to %2").arg(from, to);
    }

    QString filterText() const
    {
        const LedgerFilter &filter = m_report.filter;
        QStringList parts;
        const auto part = [&parts](const QString &name, const QString &value) {
            if (!value.isEmpty())
                parts.append(QStringLiteral("%1: %2").arg(name, value));
        };
        part(LedgerReportText::tr("application"), filter.application);
        part(LedgerReportText::tr("environment"), filter.environment);
        part(LedgerReportText::tr("person"), filter.person);
        part(LedgerReportText::tr("kind"), filter.type.isEmpty() ? QString() : ledgerTypeTitle(filter.type));
        part(LedgerReportText::tr("proof"), filter.proof ? ledgerProofText(*filter.proof) : QString());
        part(LedgerReportText::tr("words"), filter.text);
        return parts.isEmpty() ? LedgerReportText::tr("everything") : parts.join(QStringLiteral("; "));
    }

    void cover()
    {
        const LedgerSummary &summary = m_report.summary;
        m_flow.title(LedgerReportText::tr("Release ledger: report for auditors"));
        m_flow.paragraph(verdictSentence(summary), true);
        m_flow.space(4);
        if (!summary.workspace.isEmpty())
            m_flow.pair(LedgerReportText::tr("Workspace"), summary.workspace);
        m_flow.pair(LedgerReportText::tr("Time"), rangeText());
        m_flow.pair(LedgerReportText::tr("Limited to"), filterText());
        m_flow.pair(LedgerReportText::tr("Entries in this report"), QString::number(m_report.entries));
        m_flow.pair(LedgerReportText::tr("Entries in the ledger"),
                    LedgerReportText::tr("%1 proven, %2 waiting for a second admin, %3 not signed, "
                                         "%4 not to be trusted")
                        .arg(summary.good)
                        .arg(summary.pending)
                        .arg(summary.notSigned)
                        .arg(summary.bad));
        m_flow.pair(LedgerReportText::tr("Newest commit"),
                    summary.tip.isEmpty() ? LedgerReportText::tr("none") : summary.tip, true);
        if (summary.isSigned())
            m_flow.pair(LedgerReportText::tr("Signed since commit"), summary.start, true);
        m_flow.pair(LedgerReportText::tr("First admin"),
                    summary.isPinned ? QStringLiteral("%1 (%2)").arg(LedgerReportText::tr("the pinned one"), pinText())
                                     : LedgerReportText::tr("not pinned: who began the ledger was believed"));
        m_flow.pair(LedgerReportText::tr("Verified at"), utcText(summary.verifiedAt));
        m_flow.pair(LedgerReportText::tr("With"), QStringLiteral("Signalbox " SIGNALBOX_VERSION));
        for (const QString &problem : summary.problems)
            m_flow.paragraph(problem, true);
        for (const QString &note : summary.notes)
            m_flow.paragraph(note);
    }

    // The workspace may pin the whole key; people compare fingerprints.
    QString pinText() const
    {
        const QString &pin = m_question.verify.pin.firstAdmin;
        const auto key = ssh::PublicKey::fromLine(pin.toUtf8());
        return key ? key->fingerprint() : pin;
    }

    void policy()
    {
        m_flow.heading(LedgerReportText::tr("Policy in force"));
        if (m_report.policy.isEmpty()) {
            m_flow.paragraph(LedgerReportText::tr("There is none: the ledger is not signed."));
            return;
        }
        m_flow.pair(LedgerReportText::tr("Commit"), m_report.summary.policyCommit, true);
        for (const QString &line : m_report.policy)
            m_flow.paragraph(line);
    }

    QList<PdfFlow::Column> columns(bool hasPlace) const
    {
        QList<PdfFlow::Column> all{{LedgerReportText::tr("Time, UTC"), 1.1}, {LedgerReportText::tr("What"), 1.5}};
        if (hasPlace)
            all.append({LedgerReportText::tr("Where"), 1.4});
        all.append({{LedgerReportText::tr("By"), 1.6},
                    {LedgerReportText::tr("Words"), 2.1},
                    {LedgerReportText::tr("Proof"), 1.7},
                    {LedgerReportText::tr("Commit"), 1.2, true}});
        return all;
    }

    void row(const LedgerRow &row, bool hasPlace)
    {
        if (++m_rows % 200 == 0 && m_question.progress)
            m_question.progress(m_report.summary.total(), m_rows);
        QString what = ledgerTitle(row);
        if (hasPlace && !ledgerSubject(row).isEmpty())
            what += QLatin1Char('\n') + ledgerSubject(row);
        QStringList cells{row.time().toString(QStringLiteral("yyyy-MM-dd HH:mm:ss")), what};
        if (hasPlace)
            cells.append(row.application.isEmpty() ? QString()
                                                   : QStringLiteral("%1\n%2").arg(row.application, row.environment));
        const QString by = row.key.isEmpty() ? personText(row) : QStringLiteral("%1\n%2").arg(personText(row), row.key);
        cells += {by, row.words, proofText(row), row.commit.left(12)};
        m_flow.row(cells);
    }

    void promotions()
    {
        m_flow.heading(LedgerReportText::tr("Promotions"));
        if (m_report.promotions.isEmpty())
            m_flow.paragraph(LedgerReportText::tr("None in this time."));
        for (const LedgerReport::Promotion &promotion : m_report.promotions) {
            if (m_stop.stop_requested())
                return;
            const bool isKnown = !promotion.request.commit.isEmpty();
            const LedgerRow &about = isKnown || promotion.steps.isEmpty() ? promotion.request : promotion.steps.first();
            m_flow.space(4);
            m_flow.paragraph(
                LedgerReportText::tr("%1 %2 to %3").arg(about.application, ledgerSubject(about), about.environment),
                true);
            if (!about.digest.isEmpty())
                m_flow.code(about.digest);
            m_flow.paragraph(outcomeText(promotion));
            m_flow.beginTable(columns(false));
            if (isKnown)
                row(promotion.request, false);
            for (const LedgerRow &step : promotion.steps)
                row(step, false);
            m_flow.endTable();
        }
    }

    static QString outcomeText(const LedgerReport::Promotion &promotion)
    {
        QStringList approved;
        QString outcome;
        for (const LedgerRow &step : promotion.steps) {
            if (step.proof != LedgerProof::Good)
                continue; // it says what it likes
            if (step.type == QLatin1String("approval"))
                approved.append(step.signer);
            if (step.type == QLatin1String("promotionOutcome"))
                outcome = ledgerTitle(step);
        }
        const LedgerRow &request = promotion.request;
        const QString asked = request.commit.isEmpty() ? LedgerReportText::tr("Who asked is not in this report.")
                              : request.proof == LedgerProof::Good
                                  ? LedgerReportText::tr("Asked for by %1.").arg(request.signer)
                                  : LedgerReportText::tr("Who asked is not proven.");
        const QString by = approved.isEmpty()
                               ? LedgerReportText::tr("No proven approval.")
                               : LedgerReportText::tr("Approved by %1.").arg(approved.join(QStringLiteral(", ")));
        return QStringLiteral("%1 %2 %3")
            .arg(asked, by,
                 outcome.isEmpty() ? LedgerReportText::tr("No proven outcome.") : outcome + QLatin1Char('.'));
    }

    void others()
    {
        m_flow.heading(LedgerReportText::tr("All other entries"));
        if (m_report.others.isEmpty()) {
            m_flow.paragraph(LedgerReportText::tr("None in this time."));
            return;
        }
        m_flow.beginTable(columns(true));
        for (const LedgerRow &other : m_report.others) {
            if (m_stop.stop_requested())
                break;
            row(other, true);
        }
        m_flow.endTable();
    }

    void howToVerify()
    {
        const LedgerSummary &summary = m_report.summary;
        m_flow.heading(LedgerReportText::tr("How to verify this without Signalbox"));
        m_flow.paragraph(
            LedgerReportText::tr("The ledger is a git repository; each entry is one signed commit that adds one file. "
                                 "With a copy of it and plain git (2.34 or later):"));
        m_flow.code(QStringLiteral("git clone \"%1\" ledger && cd ledger\n"
                                   "git rev-parse HEAD    # %2\n"
                                   "git -c gpg.ssh.allowedSignersFile=allowed_signers log --show-signature\n"
                                   "git -c gpg.ssh.allowedSignersFile=allowed_signers verify-commit %3")
                        .arg(QDir::toNativeSeparators(m_question.path),
                             summary.tip.isEmpty() ? LedgerReportText::tr("there is no commit yet") : summary.tip,
                             summary.tip.isEmpty() ? QStringLiteral("HEAD") : summary.tip));
        m_flow.paragraph(LedgerReportText::tr(
            "The first line of output has to be the commit above: then nothing before it can have "
            "been changed, removed or put in another order. Roles, order and quorum, which git does "
            "not know, are verified by:"));
        // In the folder that the lines above lead into. A key as it stands in a .pub file would be two words.
        m_flow.code(QStringLiteral("signalbox ledger verify --ledger .git --at-least %1 \\\n  --first-admin %2")
                        .arg(summary.tip.left(12), summary.isPinned ? pinText() : QStringLiteral("SHA256:...")));
    }

    PdfFlow &m_flow;
    const LedgerReport &m_report;
    const LedgerQuestion &m_question;
    const StopToken &m_stop;
    qsizetype m_rows = 0;
};

Error notWritten(const QSaveFile &file)
{
    return {ErrorKind::Refused,
            LedgerReportText::tr("%1 could not be written: %2. Choose another place.")
                .arg(file.fileName(), file.errorString()),
            {}};
}

} // namespace

Result<LedgerExported> writeLedgerPdf(const LedgerQuestion &question, const QString &file, const StopToken &stop)
{
    QSaveFile out(file);
    if (!out.open(QIODevice::WriteOnly))
        return notWritten(out);
    const auto report = readReport(question, stop);
    if (!report)
        return report.error();
    bool isGood = false;
    {
        const QString foot =
            LedgerReportText::tr("Release ledger %1 at commit %2, verified %3")
                .arg(report->summary.workspace, report->summary.tip, utcText(report->summary.verifiedAt));
        PdfFlow flow(out, LedgerReportText::tr("Release ledger: report for auditors"), foot);
        if (flow.isGood() && !Report(flow, *report, question, stop).draw())
            return Error{ErrorKind::Cancelled, {}, {}};
        isGood = flow.isGood();
    }
    if (!isGood || !out.commit())
        return notWritten(out);
    return LedgerExported{report->summary, report->entries};
}

QFuture<Result<LedgerExported>> writeLedgerPdfLater(LedgerQuestion question, QString file, StopToken stop)
{
    auto promise = std::make_shared<QPromise<Result<LedgerExported>>>();
    promise->start();
    auto future = promise->future();
    QThreadPool::globalInstance()->start(
        [promise, question = std::move(question), file = std::move(file), stop = std::move(stop)] {
            promise->addResult(writeLedgerPdf(question, file, stop));
            promise->finish();
        });
    return future;
}

} // namespace signalbox
