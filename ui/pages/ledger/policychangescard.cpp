#include "ui/pages/ledger/policychangescard.h"

#include "ui/dialogs/prompter.h"
#include "ui/theme/tokens.h"
#include "ui/widgets/controls.h"
#include "ui/widgets/timetext.h"

#include <QFontMetrics>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr int mostLines = 9; // of the difference at once

} // namespace

PolicyChangesCard::PolicyChangesCard(PolicyChanges &changes, Prompter &prompter, QWidget *parent)
    : Card(tr("Waits for a second admin"), parent)
    , m_changes(changes)
    , m_prompter(prompter)
{
    setObjectName(QStringLiteral("policyChanges"));
    m_choice = new ChipButton(tr("change"), this);
    m_choice->setObjectName(QStringLiteral("policyChange"));
    addHeaderWidget(m_choice);
    m_sign = new QPushButton(tr("Countersign..."), this);
    m_sign->setObjectName(QStringLiteral("policyCountersign"));
    m_sign->setProperty("compact", true);
    m_sign->setAutoDefault(false);
    addHeaderWidget(m_sign);
    m_title = addText(QStringLiteral("policyChangeTitle"), nullptr);
    m_words = addText(QStringLiteral("policyChangeWords"), "soft");
    m_difference = new QPlainTextEdit(this);
    m_difference->setObjectName(QStringLiteral("policyDifference"));
    m_difference->setAccessibleName(tr("Difference to the policy in force"));
    m_difference->setReadOnly(true);
    m_difference->setTabChangesFocus(true);
    m_difference->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_difference->setFont(signalbox::font(TextRole::Mono));
    body()->addWidget(m_difference);
    m_whyNot = addText(QStringLiteral("policyWhyNot"), "warning");
    connect(m_choice, &ChipButton::chosenChanged, this, [this](const QString &commit) {
        m_chosen = commit;
        showChosen();
    });
    connect(m_sign, &QPushButton::clicked, this, &PolicyChangesCard::askToCountersign);
    connect(&m_changes, &PolicyChanges::boardChanged, this, &PolicyChangesCard::showBoard);
    showBoard();
}

PolicyChangesCard::~PolicyChangesCard() = default;

void PolicyChangesCard::refresh()
{
    m_looking.run(
        this, [this](const StopToken &stop) { return m_changes.lookHere(stop); },
        [this](const Result<PolicyBoard> &board) {
            if (!board && board.error().kind != ErrorKind::NotFound && board.error().kind != ErrorKind::Unsupported)
                emit noticed(board.error().message, Health::Warning);
        });
}

const PolicyChangeCard *PolicyChangesCard::chosen() const
{
    const QList<PolicyChangeCard> &all = m_changes.board().waiting;
    const auto found = std::find_if(all.cbegin(), all.cend(),
                                    [this](const PolicyChangeCard &card) { return card.commit == m_chosen; });
    return found == all.cend() ? nullptr : &*found;
}

void PolicyChangesCard::showBoard()
{
    const QList<PolicyChangeCard> &all = m_changes.board().waiting;
    QList<ChipButton::Choice> choices;
    for (const PolicyChangeCard &card : all)
        choices.append({card.commit, QStringLiteral("%1 · %2").arg(card.commit.left(10), card.who)});
    m_choice->setChoices(choices);
    m_choice->setVisible(all.size() > 1);
    if (!all.isEmpty() && !chosen())
        m_chosen = all.first().commit;
    m_choice->setChosen(m_chosen);
    setVisible(!all.isEmpty());
    showChosen();
}

void PolicyChangesCard::showChosen()
{
    const PolicyChangeCard *const card = chosen();
    if (!card)
        return;
    m_title->setText(tr("%1 changed the policy on %2 (commit %3): %4")
                         .arg(card->who, copiedTime(card->at), card->commit.left(10),
                              card->reason.isEmpty() ? tr("no reason was given") : card->reason));
    QStringList words = card->difference.words;
    if (!card->takesAlong.isEmpty())
        words.append(
            tr("Takes along the changes that wait before it: %n.", nullptr, static_cast<int>(card->takesAlong.size())));
    words.append(card->mayCountersign.isEmpty()
                     ? tr("Nobody can countersign it: there is no other admin.")
                     : tr("Not in force until %1 countersigns it.").arg(card->mayCountersign.join(tr(" or "))));
    m_words->setText(words.join(QLatin1Char('\n')));
    const QString difference = QString::fromUtf8(card->difference.unified).trimmed();
    if (m_difference->toPlainText() != difference)
        m_difference->setPlainText(difference);
    const int lines = std::min<int>(mostLines, static_cast<int>(difference.count(QLatin1Char('\n'))) + 1);
    m_difference->setFixedHeight(QFontMetrics(m_difference->font()).lineSpacing() * (lines + 1) + 2 * space::s);
    const QString whyNot = m_signing.isRunning() ? tr("It is being signed.") : card->mine.reason;
    m_sign->setEnabled(card->mine.isGiven && !m_signing.isRunning());
    m_sign->setToolTip(whyNot);
    m_whyNot->setText(whyNot);
    m_whyNot->setVisible(!whyNot.isEmpty());
}

// Signed is what is shown now, whatever is chosen by the time of the answer.
void PolicyChangesCard::askToCountersign()
{
    const PolicyChangeCard *const card = chosen();
    if (!card || !card->mine.isGiven)
        return;
    Prompter::TextQuestion question;
    question.question = {tr("Countersign a change of the policy"),
                         tr("%1 by %2\n%3\nYour signature puts it in force, for everybody.")
                             .arg(card->commit.left(10), card->who, card->difference.words.join(QLatin1Char('\n'))),
                         tr("Countersign"),
                         {},
                         false};
    question.label = tr("What you saw, signed and kept in the ledger");
    m_prompter.askText(this, question,
                       [this, commit = card->commit,
                        policyCommit = m_changes.board().policyCommit](const std::optional<QString> &words) {
                           if (words && !words->isEmpty())
                               countersign(commit, policyCommit, *words);
                       });
}

void PolicyChangesCard::countersign(const QString &commit, const QString &policyCommit, const QString &comment)
{
    m_signing.run(
        this, [&](const StopToken &) { return m_changes.countersign(commit, policyCommit, comment); },
        [this](const Result<PolicyWritten> &written) {
            showChosen();
            if (!written) {
                emit noticed(written.error().message, Health::Warning);
                refresh();
                return;
            }
            if (written->shareProblem)
                emit noticed(
                    tr("Countersigned on this machine; it is sent later: %1").arg(written->shareProblem->message),
                    Health::Warning);
            else
                emit noticed(
                    written->isInForce
                        ? tr("Countersigned: the change %1 is in force.").arg(written->commit.left(10))
                        : tr("Countersigned, but the change %1 is not in force.").arg(written->commit.left(10)),
                    written->isInForce ? Health::Ok : Health::Warning);
        });
    showChosen();
}

} // namespace signalbox
