#include "ui/pages/promotions/promotionquestions.h"

#include "ui/dialogs/prompter.h"
#include "ui/pages/changes/changesdialog.h"
#include "ui/pages/promotions/freezedialog.h"
#include "ui/pages/promotions/promotiondetail.h"
#include "ui/pages/promotions/promotionspresenter.h"
#include "ui/pages/promotions/requestdialog.h"
#include "ui/shell/consolecontext.h"

#include <QMenu>
#include <QPushButton>

namespace signalbox
{

using policy::PromotionCard;
using Action = PromotionsPresenter::Action;

PromotionQuestions::PromotionQuestions(ConsoleContext &context, PromotionsPresenter &presenter, QWidget *page)
    : QObject(page)
    , m_context(context)
    , m_presenter(presenter)
    , m_page(page)
{}

void PromotionQuestions::openMore(QPushButton *at)
{
    const PromotionCard *const card = m_presenter.card();
    if (!card)
        return;
    auto *menu = new QMenu(m_page);
    menu->setObjectName(QStringLiteral("decisionMenu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setToolTipsVisible(true);
    const auto add = [menu](const QString &text, const QString &whyNot, auto run) {
        // What cannot be done stands there with its reason.
        QAction *action =
            menu->addAction(whyNot.isEmpty() ? text : QStringLiteral("%1 \u2013 %2").arg(text, whyNot), run);
        action->setEnabled(whyNot.isEmpty());
        action->setToolTip(whyNot);
    };
    const QString place =
        QStringLiteral("%1 \u2192 %2").arg(PromotionDetail::titleOf(*card), card->request.subject.environment);
    // Signed is what the menu was opened on, however long the answer takes and whatever is chosen by then.
    const SeenPromotion seen = seenOf(*card);
    add(tr("Break glass: act alone..."), m_presenter.whyNot(Action::BreakGlass), [this, place, seen] {
        askReason(
            tr("Break glass"),
            tr("%1\nYou act alone, now. It is signed with your name, shown to all, and others have to countersign "
               "it in time.")
                .arg(place + QLatin1Char('\n') + tr("For exactly %1.").arg(policy::shortDigest(seen.subject.digest))),
            tr("Break glass"), true, [this, seen](const QString &reason) { m_presenter.breakGlass(seen, reason); });
    });
    add(tr("Hold promotions here..."), m_presenter.whyNothing(), [this, at = card->request.subject] {
        askReason(tr("Hold"),
                  tr("No promotion of %1 to %2 starts until it is lifted.").arg(at.application, at.environment),
                  tr("Hold"), false,
                  [this, at](const QString &reason) { m_presenter.hold(at.application, at.environment, reason); });
    });
    add(tr("Order a freeze..."), m_presenter.whyNothing(), [this] { askToFreeze(); });
    if (m_presenter.startsByItself())
        add(tr("Do not start it by itself"), {}, [this, id = seen.promotion] { m_presenter.doNotStart(id); });
    if (card->state == PromotionCard::State::UnderWay)
        add(tr("Close the claim..."), m_presenter.whyNothing(), [this, place, seen] {
            askReason(tr("Close the claim"),
                      tr("%1\nFor a claim whose claimant cannot record an outcome any more.").arg(place),
                      tr("Close the claim"), true,
                      [this, seen](const QString &reason) { m_presenter.closeClaim(seen, reason); });
        });
    menu->addSeparator();
    add(tr("Compare two releases..."), {}, [this, application = card->request.subject.application] {
        auto *dialog = new ChangesDialog(m_context, application, m_page->window());
        dialog->open();
    });
    menu->popup(at->mapToGlobal(QPoint(0, -menu->sizeHint().height())));
}

void PromotionQuestions::askToCountersign(const QString &entry, const QString &what)
{
    askReason(tr("Countersign"), tr("%1\nYour signature says that you answer for it as well.").arg(what),
              tr("Countersign"), false,
              [this, entry](const QString &comment) { m_presenter.countersign(entry, comment); });
}

void PromotionQuestions::askToLift(const QString &entry, const QString &what)
{
    askReason(tr("Lift"), tr("%1\nPromotions go on there again.").arg(what), tr("Lift"), false,
              [this, entry](const QString &reason) { m_presenter.lift(entry, reason); });
}

void PromotionQuestions::askReason(const QString &title, const QString &text, const QString &accept, bool isDangerous,
                                   std::function<void(const QString &)> answer)
{
    Prompter::TextQuestion question;
    question.question = {title, text, accept, {}, isDangerous};
    question.label = tr("Reason, signed and kept in the ledger");
    m_context.prompter.askText(m_page, question, [answer = std::move(answer)](const std::optional<QString> &words) {
        if (words && !words->isEmpty())
            answer(*words);
    });
}

void PromotionQuestions::askForPromotion()
{
    if (const QString why = m_presenter.whyNothing(); !why.isEmpty())
        return emit noticed(why, Health::Warning);
    const PromotionCard *const card = m_presenter.card();
    auto *dialog = new RequestDialog(m_context, card ? card->request.subject.application : QString(),
                                     card ? card->request.subject.environment : QString(), m_page->window());
    connect(dialog, &RequestDialog::requested, this, [this](const QString &id) {
        emit noticed(tr("The promotion is asked for."), Health::Ok);
        m_presenter.select(id);
        m_presenter.refresh();
    });
    dialog->open();
}

void PromotionQuestions::askToFreeze()
{
    if (const QString why = m_presenter.whyNothing(); !why.isEmpty())
        return emit noticed(why, Health::Warning);
    const PromotionCard *const card = m_presenter.card();
    auto *dialog = new FreezeDialog(m_context, card ? card->request.subject.application : QString(),
                                    card ? card->request.subject.environment : QString(), m_page->window());
    connect(dialog, &FreezeDialog::ordered, this, [this] {
        emit noticed(tr("The freeze is ordered: it is listed with what is in force."), Health::Ok);
        m_presenter.refresh();
    });
    dialog->open();
}

} // namespace signalbox
