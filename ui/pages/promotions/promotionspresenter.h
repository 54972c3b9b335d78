#pragma once

#include "models/items/promotionsmodel.h"
#include "services/ports/promotiondesk.h"
#include "ui/pages/changes/changespresenter.h"
#include "ui/pages/changes/pathdistances.h"
#include "ui/pages/operation/plansession.h"

namespace signalbox
{

struct ConsoleContext;

// The Promotions screen without its widgets: which promotion is chosen, what it changes, what the operator may do with
// it and what became of the last decision. Decisions go out with what was seen, and never while what is shown may be
// old. GUI thread.
class PromotionsPresenter : public QObject
{
    Q_OBJECT
public:
    // Needs context.promotions and context.operations.
    explicit PromotionsPresenter(ConsoleContext &context, QObject *parent = nullptr);
    ~PromotionsPresenter() override;

    PromotionsModel &inbox() { return m_inbox; }
    ChangesPresenter &changes() { return m_changes; }
    PathDistances &distances() { return m_distances; }
    PlanSession &session() { return m_session; }
    const policy::PromotionBoard &board() const;

    void setActive(bool isActive);
    void select(const QString &id); // empty: nothing
    const QString &selected() const { return m_selected; }
    const policy::PromotionCard *card() const; // null: none chosen, or it is gone from the board
    QString mostUrgent() const;                // empty: none

    // Empty: decisions can be made as far as each card allows; else why none can on any.
    QString whyNothing() const;
    // Which places nobody can look at now, and since when: nothing is decided on the card. Empty: all that it is judged
    // by was read now.
    static QString whyStale(const policy::PromotionCard &card);
    enum class Action { Approve, Reject, Start, BreakGlass };
    QString whyNot(Action action) const; // empty: it can be done now
    // Changes with everything that a decision is bound to; empty: none can be made.
    QByteArray fingerprint(Action action) const;

    void decide(Action action, const QByteArray &fingerprint, const QString &comment); // Approve or Reject
    // Of what was shown when the operator was asked for their reason; another one may be chosen by now.
    void breakGlass(const SeenPromotion &seen, const QString &reason);
    void closeClaim(const SeenPromotion &seen, const QString &reason);
    // The chosen one is carried out here once it may be, without being asked again.
    bool startsByItself() const;
    void doNotStart(const QString &promotion);
    void hold(const QString &application, const QString &environment, const QString &reason);
    void countersign(const QString &entry, const QString &comment);
    void lift(const QString &stop, const QString &reason);
    void refresh();

    bool isBusy() const { return m_busy > 0; }
    const QString &busyText() const { return m_busyText; }
    // Of the last decision on the chosen promotion; until the next one.
    const std::optional<Error> &problem() const { return m_problem; }

    // What exactly will change in the cluster, from a plan that writes nothing; a note where there is none.
    QList<DiffLine> clusterDifference() const;
    bool isPreviewing() const { return m_preview.isRunning(); }
    // Carried out here, and the ledger does not have its outcome yet.
    bool isBeingRecorded(const policy::PromotionCard &card) const;
    // The plan that carries it out is on screen: it may start, or is under way here.
    bool showsPlan() const;

signals:
    void boardChanged();
    void selectionChanged(); // another card, or this one is another value
    void stateChanged();     // busy, problem
    void previewChanged();
    void distancesChanged();
    // A decision is in the ledger. `promotion` empty: it was on no promotion.
    void decided(const QString &promotion, const QString &text);
    // A decision that problem() does not tell of came to nothing, or nobody knows what came of it.
    void failedElsewhere(const signalbox::Error &problem);

private:
    // What a plan is made from: another one is needed as soon as this is not the same.
    struct Ground
    {
        SeenPromotion seen;
        QString digest; // of what runs at the target
        QString image;
        bool operator==(const Ground &) const = default;
    };
    static Ground groundOf(const policy::PromotionCard &card);
    QString whyNot(Action action, const policy::PromotionCard *card) const;
    bool mayStart(const policy::PromotionCard &card) const; // from here, now and by hand
    bool isOf(const Operation &operation, const policy::PromotionCard &card) const;
    void takeBoard();
    void showCard();
    void preview();
    void planStart();
    void followRunning();
    template <typename T>
    void write(const QString &promotion, QFuture<Result<T>> future, const QString &busyText, const QString &doneText);

    ConsoleContext &m_context;
    PromotionDesk &m_desk;
    PromotionsModel m_inbox;
    ChangesPresenter m_changes;
    PathDistances m_distances;
    PlanSession m_session;
    LatestOnly m_refresh;
    LatestOnly m_preview;
    StopSource m_stop;
    QString m_selected;
    Ground m_previewed;
    std::optional<Plan> m_plan; // of the preview
    QString m_previewNote;      // why there is none
    Ground m_planned;           // of m_session
    std::optional<Error> m_problem;
    QString m_busyText;
    int m_busy = 0;
    bool m_isActive = false;
};

} // namespace signalbox
