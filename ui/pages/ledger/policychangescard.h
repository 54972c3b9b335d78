#pragma once

#include "models/domain/health.h"
#include "services/async/latestonly.h"
#include "services/ports/policychanges.h"
#include "ui/pages/ledger/card.h"

class QPlainTextEdit;
class QPushButton;

namespace signalbox
{

class ChipButton;
class Prompter;

// Changes of the policy that wait for a second admin: what each changes against what is in force, in words and as a
// difference, and countersigning it. Hidden while none waits.
class PolicyChangesCard : public Card
{
    Q_OBJECT
public:
    PolicyChangesCard(PolicyChanges &changes, Prompter &prompter, QWidget *parent = nullptr);
    ~PolicyChangesCard() override;

    // The ledger's tip moved: asks what waits.
    void refresh();

signals:
    void noticed(const QString &text, signalbox::Health health);

private:
    const PolicyChangeCard *chosen() const;
    void showBoard();
    void showChosen();
    void askToCountersign();
    void countersign(const QString &commit, const QString &policyCommit, const QString &comment);

    PolicyChanges &m_changes;
    Prompter &m_prompter;
    ChipButton *m_choice = nullptr;
    QPushButton *m_sign = nullptr;
    QLabel *m_title = nullptr;
    QLabel *m_words = nullptr;
    QLabel *m_whyNot = nullptr;
    QPlainTextEdit *m_difference = nullptr;
    QString m_chosen; // commit
    LatestOnly m_looking;
    LatestOnly m_signing;
};

} // namespace signalbox
