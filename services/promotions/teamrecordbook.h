#pragma once

#include "services/promotions/recordbook.h"

namespace signalbox
{

class TeamLedger;

// The team's ledger: what is written is sent at once, and a claim counts when it has arrived where everybody looks.
class TeamRecordBook : public RecordBook
{
    Q_OBJECT
public:
    explicit TeamRecordBook(TeamLedger &ledger, QObject *parent = nullptr); // borrowed
    ~TeamRecordBook() override;

    QString path() const override;
    QString address() const override;
    [[nodiscard]] QFuture<Result<void>> catchUp(Touches touches, StopToken stop) override;
    [[nodiscard]] QFuture<Result<QString>> append(LedgerEntry entry) override;
    [[nodiscard]] QFuture<Result<QString>> appendOn(LedgerEntry entry, QString tip) override;
    [[nodiscard]] SignerFuture signer(StopToken stop) override;
    qsizetype unsent() const override;

private:
    QFuture<Result<QString>> send(const QString &commit, bool isClaim);

    TeamLedger &m_ledger;
    StopSource m_gone;
};

} // namespace signalbox
