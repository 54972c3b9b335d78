#include "services/promotions/teamrecordbook.h"

#include "services/async/chain.h"
#include "services/ledger/sharing/ledgershare.h"
#include "services/ledger/sharing/teamledger.h"
#include "services/promotions/promotionstext.h"

namespace signalbox
{

TeamRecordBook::TeamRecordBook(TeamLedger &ledger, QObject *parent)
    : RecordBook(parent)
    , m_ledger(ledger)
{
    connect(&m_ledger, &TeamLedger::received, this, &RecordBook::changed);
    connect(&m_ledger, &TeamLedger::opened, this, &RecordBook::changed);
}

TeamRecordBook::~TeamRecordBook()
{
    m_gone.request_stop();
}

QString TeamRecordBook::path() const
{
    return m_ledger.path();
}

QString TeamRecordBook::address() const
{
    return m_ledger.sharing().isShared() ? m_ledger.sharing().remote : m_ledger.path();
}

qsizetype TeamRecordBook::unsent() const
{
    return m_ledger.sharing().isShared() ? m_ledger.sharing().waiting : 0;
}

QFuture<Result<void>> TeamRecordBook::catchUp(Touches touches, StopToken stop)
{
    if (!m_ledger.sharing().isShared())
        return ready(Result<void>());
    return after(this, m_ledger.share(std::move(stop), touches),
                 [](const ShareReport &) { return ready(Result<void>()); });
}

RecordBook::SignerFuture TeamRecordBook::signer(StopToken stop)
{
    return m_ledger.signer(std::move(stop));
}

// An entry that cannot be sent now waits and is sent later; a claim must not: whether it will have won is not known.
QFuture<Result<QString>> TeamRecordBook::send(const QString &commit, bool isClaim)
{
    emit changed();
    if (!m_ledger.sharing().isShared())
        return ready(Result<QString>(commit));
    return afterAny(this, m_ledger.share(m_gone.get_token()), [commit, isClaim](const Result<ShareReport> &sent) {
        if (sent || !isClaim)
            return ready(Result<QString>(commit));
        return ready(Result<QString>(
            Error{ErrorKind::OutcomeUnknown,
                  PromotionsText::tr("The claim is written here, but the shared ledger could not be reached: %1")
                      .arg(sent.error().message),
                  sent.error().detail}));
    });
}

QFuture<Result<QString>> TeamRecordBook::append(LedgerEntry entry)
{
    return after(this, m_ledger.append(std::move(entry)),
                 [this](const QString &commit) { return send(commit, false); });
}

QFuture<Result<QString>> TeamRecordBook::appendOn(LedgerEntry entry, QString tip)
{
    return after(this, m_ledger.appendOn(std::move(entry), std::move(tip)),
                 [this](const QString &commit) { return send(commit, true); });
}

} // namespace signalbox
