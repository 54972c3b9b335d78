#pragma once

#include "services/async/serialqueue.h"
#include "services/gate/ledgerhead.h"
#include "services/ports/promotiondesk.h"
#include "services/promotions/gitopssteps.h"
#include "services/promotions/promotionrunner.h"
#include "services/promotions/recordbook.h"
#include "services/promotions/worldreader.h"

#include <QElapsedTimer>
#include <QHash>
#include <QSet>
#include <QTimer>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace signalbox
{

struct AwaitedRelease;
struct BoardMemory;
struct GateStanding;
struct Outcome;
class SelfStarts;

struct DeskSettings
{
    std::function<ledger::ChainPin()> pin = {}; // who may have begun the ledger; empty: not known
    QString atLeast = {};
    std::function<Identity()> who = operatorIdentity; // on a worker
    QString cacheFolder = {};                         // for copies of GitOps repositories
    GitopsSteps::AccessSource repositoryAccess = {};  // empty: nothing is committed to any
    std::shared_ptr<policy::HeadFollower> heads = {}; // shared with others of this ledger; null: one of its own
    std::chrono::milliseconds lookAtLedger{3000};     // whether its tip moved
    std::chrono::milliseconds lookAtWorld{60000};     // what is shown is read again at least so often
    std::chrono::seconds settleAfter{60};             // a claim whose program has gone; it would have said so first
    std::chrono::milliseconds afterAChange{1500};     // changes in a row are answered once
    std::chrono::milliseconds lookAtRun{10000};       // that is awaited: not more often, its server counts requests
    std::chrono::milliseconds checksMayBeOld{30000};  // what is shared is not fetched more often for changes by hand
    std::chrono::milliseconds checksLimit{5000};      // for each of ledger and world: those changes wait no longer
};

// The desk over one ledger. GUI thread; verifying, deciding and git work on a worker.
//
//   catch up -> read the head (verified) -> read the world -> decide        every command does all four before it
//   writes
//
// A promotion's operation is any OperationCenter's: its runner has to be a PromotionRunner with steps() for the claim.
class LedgerDesk : public PromotionDesk
{
    Q_OBJECT
public:
    // All borrowed; `sources.operations` may be null: then nobody records outcomes.
    LedgerDesk(RecordBook &book, WorldReader::Sources sources, DeskSettings settings = {}, QObject *parent = nullptr);
    ~LedgerDesk() override;

    // Keeps the board fresh from now on.
    void start();
    std::shared_ptr<PromotionSteps> steps() const { return m_steps; }
    // How long a cluster may take to follow a repository, where that carries a promotion out.
    void setFollowWithin(std::chrono::milliseconds time);
    // Outcomes are on their way to the ledger: whoever wants to leave waits for settled().
    bool isSettled() const { return m_pendingOutcomes == 0; }
    // What keeping the board fresh has taken so far: nothing is worked out again from what has not changed.
    struct Work
    {
        int looks = 0;  // at the ledger and the world, for the board
        int boards = 0; // made of them; fewer than looks where nothing had changed
        int risks = 0;  // figures worked out
    };
    Work work() const;

    const policy::PromotionBoard &board() const override { return m_board; }
    [[nodiscard]] QFuture<Result<policy::PromotionBoard>> refresh(StopToken stop) override;
    [[nodiscard]] QFuture<Result<PromotionDraft>> draft(PromotionOrder order, StopToken stop) override;
    [[nodiscard]] QFuture<Result<Plan>> rehearse(PromotionDraft draft, StopToken stop) override;
    [[nodiscard]] QFuture<Result<QString>> request(PromotionDraft draft) override;
    [[nodiscard]] QFuture<Result<QString>> approve(SeenPromotion seen, QString comment) override;
    [[nodiscard]] QFuture<Result<QString>> reject(SeenPromotion seen, QString comment) override;
    [[nodiscard]] QFuture<Result<Plan>> plan(SeenPromotion seen, StopToken stop) override;
    void startWhenMet(const QString &promotion, const Plan &seen) override;
    bool startsByItself(const QString &promotion) const override;
    void doNotStart(const QString &promotion) override;
    [[nodiscard]] QFuture<Result<QString>> breakGlass(SeenPromotion seen, QString reason) override;
    [[nodiscard]] QFuture<Result<policy::Subject>> draftGlassAt(QString application, QString environment,
                                                                StopToken stop) override;
    [[nodiscard]] QFuture<Result<QString>> breakGlassAt(policy::Subject seen, QString reason) override;
    [[nodiscard]] QFuture<Result<QString>> countersign(QString breakGlassEntry, QString comment) override;
    [[nodiscard]] QFuture<Result<QString>> hold(QString application, QString environment, QString reason) override;
    [[nodiscard]] QFuture<Result<policy::FreezeReach>> draftFreeze(policy::FreezeOrder order, StopToken stop) override;
    [[nodiscard]] QFuture<Result<QString>> freeze(policy::FreezeReach seen) override;
    [[nodiscard]] QFuture<Result<QString>> lift(QString stopEntry, QString reason) override;
    [[nodiscard]] QFuture<Result<QString>> closeClaim(SeenPromotion seen, OutcomeKind kind, QString message) override;
    [[nodiscard]] QFuture<Result<Plan>> planGate(GateKeeper &keeper, GateOrder order, StopToken stop) override;
    bool protects(const QString &application, const QString &environment) const override;
    // What the policy says of a plan that is no promotion and goes forward: freezes, holds, windows and alerts of its
    // place, for OperationCenter::setPolicyChecks(). None where there is no policy, and of what goes back.
    [[nodiscard]] QFuture<Result<QList<Check>>> checksFor(const Plan &plan, const StopToken &stop);
    // Reads the ledger as it is on this machine, for protects(): asks nobody, shows and writes nothing.
    QFuture<Result<void>> readHere(const StopToken &stop);

signals:
    void settled();

private:
    friend class ClaimSteps;
    using Head = std::shared_ptr<const policy::LedgerHead>;
    // Everything one decision is made from.
    struct Reading
    {
        Head head;
        policy::BoardOperator me;
        Identity who;
        World world;
        std::optional<Error> isOld; // the shared ledger could not be reached
        QStringList shown;          // promotions, where all were asked for
    };
    // Of the ledger: Look takes what is here, Show catches up as far as nobody has to touch a key for it, Decide or not
    // at all.
    using For = WorldReader::For;
    // A claim that was written, decided anew with all that is in the ledger by now.
    struct ClaimLook
    {
        enum class State {
            Stands,  // it won, and nothing stands against it
            Unsure,  // it won, but what it is decided from is not all known
            Stopped, // it won, but something stands against it
            Lost,    // somebody else's won, it is not there, or it is about something else by now
        };
        State state = State::Lost;
        QString text; // why it does not stand
    };

    QFuture<Result<Reading>> readLedger(For purpose, const StopToken &stop);
    QFuture<Result<Reading>> readAll(For purpose, const QStringList &promotions, const StopToken &stop);
    QFuture<Result<Reading>> readWorld(Reading reading, const QList<PromotionInQuestion> &questions, For purpose,
                                       const StopToken &stop);
    QFuture<Result<policy::PromotionCard>> cardNow(const QString &promotion, const StopToken &stop,
                                                   std::shared_ptr<Reading> keep = {}, For purpose = For::Decide);
    // What a board is made from, times of reading left out, and the board.
    struct Made
    {
        Reading from;
        QString address;
        qsizetype unsent = 0;
        QString language;
        policy::PromotionBoard board;
        bool isFrom(const Made &other) const;
    };
    QFuture<Result<policy::PromotionBoard>> boardOf(const Reading &reading);
    QFuture<Result<policy::PromotionBoard>> boardNow(const Reading &reading);
    void noteDeployed(const QStringList &upserted, const QStringList &removed);
    QFuture<Result<policy::PromotionBoard>> refreshFor(For purpose, const StopToken &stop);
    void show(const policy::PromotionBoard &board);
    void showProblem(const Error &error);
    void lookAtTip();
    void soon();

    using Make = std::function<policy::Record(const policy::PromotionCard &card, const Reading &reading)>;
    using May = std::function<policy::Permission(const policy::PromotionCard &card)>;
    QFuture<Result<QString>> decide(const SeenPromotion &seen, May may, Make make);
    using MakeAny = std::function<Result<policy::Record>(const Reading &reading)>; // on a worker
    QFuture<Result<QString>> record(MakeAny make);
    QFuture<Result<Reading>> readLedgerInTime(const StopToken &stop);
    QFuture<Result<QList<Check>>> checksAt(const Plan &plan, const Reading &reading, const StopToken &stop);
    QFuture<Result<policy::Subject>> glassNow(const QString &application, const QString &environment,
                                              const StopToken &stop, std::shared_ptr<Reading> keep);
    QFuture<Result<QString>> append(const policy::Record &record, const Reading &reading);
    static Result<policy::FreezeReach> reachOf(const policy::FreezeOrder &order, const Reading &reading,
                                               const QStringList &known);
    QStringList knownApplications() const;

    static Result<PromotionDraft> drafted(const Reading &reading, const QString &id, policy::PromotionRequest request);
    QFuture<Result<Plan>> pressGate(const policy::PromotionCard &card, const policy::Execution &execution,
                                    const Reading &reading, const StopToken &stop);
    // The vendor's plan as the promotion's own, where the policy has it carried out by just this gate: blocked where
    // the operator may not start it, or nobody can tell. Elsewhere, and where it is one vote of several, the decision
    // as it is.
    QFuture<Result<Plan>> asPromotion(const QString &promotion, const GateOrder &order, const Plan &vendors,
                                      const Plan &decision, const StopToken &stop);
    // Whether the environment runs it by now.
    QFuture<Result<Observation>> lookAtRelease(const AwaitedRelease &release, const StopToken &stop);
    QFuture<Result<Observation>> lookAtRun(const AwaitedRelease &release, const Observation &seen,
                                           const StopToken &stop);
    QFuture<Result<GateStanding>> standingOf(const GateOrder &order, const StopToken &stop);
    QFuture<Result<GateStanding>> lookAround(const GateStanding &standing, const std::optional<Error> &isOld,
                                             const StopToken &stop);
    QFuture<Result<Plan>> execution(const policy::PromotionCard &card, const Reading &reading, const StopToken &stop);
    static Result<bool> claimable(const ClaimOrder &order, const policy::PromotionCard &card, const Reading &reading);
    QFuture<Result<QString>> claim(const ClaimOrder &order, int attempt, const StopToken &stop);
    QFuture<Result<QString>> confirmClaim(const ClaimOrder &order, const StopToken &stop);
    QFuture<Result<ClaimLook>> lookAtClaim(const ClaimOrder &order, const StopToken &stop);
    void noteFinished(const QString &operation, const Plan &plan, const Outcome &outcome);
    // `isAlone`: it was seen where no other track is.
    void recordOutcome(const ClaimOrder &order, const QString &operation, const Outcome &outcome, bool isAlone = false);
    bool isOnlyTrack(const policy::Subject &subject) const;
    void settleOwnClaims();

    RecordBook &m_book;
    WorldReader::Sources m_sources;
    DeskSettings m_settings;
    WorldReader m_world;
    policy::PromotionBoard m_board;
    Head m_head;                           // the newest that was read
    std::optional<Error> m_isOld;          // of the last time that it was to be caught up with ...
    QDateTime m_caughtUpAt;                // ... then
    std::unique_ptr<GitopsSteps> m_gitops; // null: see DeskSettings
    std::shared_ptr<PromotionSteps> m_steps;
    std::unique_ptr<SelfStarts> m_starts;
    StopSource m_gone;
    QTimer m_tick;
    QTimer m_soon;
    QDateTime m_shownAt;
    bool m_isShowing = false;   // a refresh for the board is under way
    bool m_isShowAgain = false; // asked for meanwhile
    bool m_hasShown = false;
    int m_pendingOutcomes = 0;
    std::optional<Made> m_made; // the board that was made last
    Work m_work;                // but for the figures
    std::shared_ptr<BoardMemory> m_memory;
    QHash<QString, QElapsedTimer> m_runAsked; // that is awaited, by its key
    QSet<QString> m_settling;                 // claims whose outcome was recorded for a program that is gone
    SerialQueue m_queue;                      // goes first: what it runs has values only
};

// Application, environment, digest, commit and policy in words: what moved between two of them; empty: nothing.
QString whatMoved(const SeenPromotion &seen, const policy::PromotionCard &now);

} // namespace signalbox
