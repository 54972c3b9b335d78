// What the list shows, written to a file.
#include "ui/dialogs/prompter.h"
#include "ui/pages/ledger/ledgercells.h"
#include "ui/pages/ledger/ledgerpage.h"
#include "ui/pages/ledger/ledgerpdf.h"
#include "ui/widgets/timetext.h"

#include <QDir>
#include <QLabel>
#include <QPushButton>

namespace signalbox
{

void LedgerPage::exportAs(LedgerFormat format)
{
    const auto shown = static_cast<qsizetype>(m_model->shown().size());
    static const char *const endings[] = {"csv", "json", "pdf"};
    const QString suggested = QStringLiteral("%1/ledger-%2.%3")
                                  .arg(QDir::homePath(), AgeTicker::now().toString(QStringLiteral("yyyy-MM-dd")),
                                       QString::fromLatin1(endings[static_cast<int>(format)]));
    const QString title = shown == m_feed->table().size() ? tr("Export all %1 entries").arg(counted(shown))
                                                          : tr("Export the %1 of %2 entries that the list shows")
                                                                .arg(counted(shown), counted(m_feed->table().size()));
    m_context.prompter.askSaveFile(this, title, suggested, [this, format](const QString &file) {
        if (!file.isEmpty())
            startExport(format, file);
    });
}

void LedgerPage::startExport(LedgerFormat format, const QString &file)
{
    *m_written = 0;
    *m_verified = 0;
    m_exportFile = file;
    LedgerQuestion question;
    question.path = m_feed->path();
    question.verify.pin = {m_feed->firstAdmin(), m_feed->workspace()};
    question.filter = m_model->filter();
    question.progress = [verified = m_verified, written = m_written](qsizetype seen, qsizetype done) {
        *verified = seen;
        *written = done;
    };
    m_exportTicks.start();
    m_writing.run(
        this,
        [&](const StopToken &stop) {
            return format == LedgerFormat::Pdf ? writeLedgerPdfLater(question, file, stop)
                                               : exportLedgerLater(format, question, file, stop);
        },
        [this](const Result<LedgerExported> &done) {
            m_exportTicks.stop();
            showExporting();
            if (!done) {
                emit notice(done.error().message, Health::Failing);
                return;
            }
            const bool isWhole = done->summary.isWhole();
            const QString text = tr("%1 entries were written to %2.")
                                     .arg(counted(done->entries), QDir::toNativeSeparators(m_exportFile));
            emit notice(isWhole ? text : text + QLatin1Char(' ') + verdictSentence(done->summary),
                        isWhole ? Health::Ok : Health::Warning);
        });
    showExporting();
}

void LedgerPage::showExporting()
{
    const bool isRunning = m_writing.isRunning();
    m_exporting->setVisible(isRunning);
    m_export->setEnabled(!isRunning && m_feed->state() == LedgerFeed::State::Ready);
    const qsizetype written = m_written->load();
    m_exportText->setText(
        written > 0 ? tr("Writing %1: %2 entries so far.").arg(m_exportFile, counted(written))
                    : tr("Writing %1: %2 entries were checked so far.").arg(m_exportFile, counted(m_verified->load())));
}

} // namespace signalbox
