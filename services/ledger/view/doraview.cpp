#include "services/ledger/view/doraview.h"

#include "models/policy/deployments.h"
#include "services/ledger/view/entryreader.h"

#include <QPromise>
#include <QThreadPool>

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr int points = 26;

// Without what no figure looks at.
void shorten(policy::PromotionRequest &request)
{
    request.reason.clear();
    request.version.clear();
    request.model = {};
    request.policyCommit.clear();
    request.replacesCommit.clear();
    request.replacesDigest.clear();
    if (!request.changes)
        return;
    request.changes->files.clear();
    for (auto &commit : request.changes->commits)
        commit.email.clear();
}

bool isAbout(const policy::SignedRecord &entry, const QString &application)
{
    if (const auto *request = entry.as<policy::PromotionRequest>())
        return request->subject.application == application;
    if (const auto *claim = entry.as<policy::Claim>())
        return claim->subject.application == application;
    if (const auto *outcome = entry.as<policy::PromotionOutcome>())
        return outcome->subject.application == application;
    const policy::OperationRecord *operation = entry.operation();
    return operation == nullptr || operation->application == application;
}

} // namespace

void DoraRecords::clear()
{
    *this = DoraRecords();
}

QString DoraRecords::shared(const QString &text)
{
    return *m_texts.insert(text);
}

void DoraRecords::add(policy::SignedRecord record)
{
    ++m_proven;
    if (!m_first.isValid()) {
        // From here on the ledger was there to see.
        m_first = record.at;
        m_entries.append({record.id, record.position, record.at, {}, policy::Note{}});
    }
    record.signer.clear();
    const auto place = [this](QString &application, QString &environment) {
        application = shared(application);
        environment = shared(environment);
    };
    if (auto *operation = std::get_if<policy::OperationRecord>(&record.body)) {
        if (!policy::isRollback(*operation))
            return;
        place(operation->application, operation->environment);
        m_entries.append(std::move(record));
        return;
    }
    policy::Record &body = std::get<policy::Record>(record.body);
    if (auto *request = std::get_if<policy::PromotionRequest>(&body)) {
        shorten(*request);
        place(request->subject.application, request->subject.environment);
    } else if (auto *claim = std::get_if<policy::Claim>(&body)) {
        claim->policyCommit.clear();
        place(claim->subject.application, claim->subject.environment);
    } else if (auto *outcome = std::get_if<policy::PromotionOutcome>(&body)) {
        outcome->message.clear();
        place(outcome->subject.application, outcome->subject.environment);
        m_environments.insert(outcome->subject.environment);
    } else {
        return;
    }
    // One place in the chain, one record: the first one took its own for the beginning.
    if (!m_entries.isEmpty() && m_entries.last().position == record.position)
        m_entries.removeLast();
    m_entries.append(std::move(record));
}

DoraView DoraRecords::view(const DoraQuestion &question, const StopToken &stop) const
{
    DoraView view;
    view.question = question;
    view.proven = m_proven;
    view.coveredFrom = m_first;
    view.environments = QStringList(m_environments.begin(), m_environments.end());
    view.environments.sort();
    policy::Entries entries = m_entries;
    if (!question.application.isEmpty())
        entries.removeIf([&](const policy::SignedRecord &entry) {
            return entry.position != m_entries.first().position && !isAbout(entry, question.application);
        });
    view.figures = doraFigures(entries, question);
    const qint64 length = question.from.msecsTo(question.to);
    for (int i = 1; i <= points && length > 0; ++i) {
        if (stop.stop_requested())
            break;
        DoraQuestion window = question;
        window.to = question.from.addMSecs(length * i / points);
        window.from = window.to.addDays(-view.windowDays);
        DoraView::Point point{window.to, {}};
        for (const DoraFigure &figure : doraFigures(entries, window))
            point.values[static_cast<size_t>(figure.metric)] = figure.value;
        view.trend.append(point);
    }
    return view;
}

namespace
{

Result<LedgerFigures> ledgerFigures(const QString &path, const ledger::VerifyOptions &options,
                                    const DoraQuestion &question, const StopToken &stop)
{
    const auto chain = ledger::verifyChain(path, options, stop);
    if (!chain)
        return chain.error();
    DoraRecords records;
    const auto read = ledger::readEntries(path, chain->entries, 0, stop, [&records](ledger::ReadEntry &&entry) {
        if (auto record = ledger::provenRecord(entry))
            records.add(*std::move(record));
        return true;
    });
    if (!read)
        return read.error();
    return LedgerFigures{summaryOf(*chain, options.now), records.view(question, stop)};
}

} // namespace

QFuture<Result<LedgerFigures>> ledgerFiguresLater(QString path, ledger::VerifyOptions options, DoraQuestion question,
                                                  StopToken stop)
{
    auto promise = std::make_shared<QPromise<Result<LedgerFigures>>>();
    promise->start();
    auto future = promise->future();
    QThreadPool::globalInstance()->start([=] {
        promise->addResult(ledgerFigures(path, options, question, stop));
        promise->finish();
    });
    return future;
}

} // namespace signalbox
