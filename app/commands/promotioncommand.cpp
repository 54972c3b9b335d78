#include "app/commands/promotioncommand.h"

#include "app/commands/commandstext.h"
#include "app/commands/namedrun.h"
#include "app/commands/targets.h"
#include "services/async/deliver.h"
#include "services/promotions/ledgerdesk.h"
#include "services/promotions/policydesk.h"

namespace signalbox::commands
{

PromotionCommand::~PromotionCommand() = default;

LedgerDesk &PromotionCommand::desk()
{
    return session().promotions();
}

Result<policy::PromotionCard> PromotionCommand::cardNamed(const policy::PromotionBoard &board, const QString &id) const
{
    if (const policy::PromotionCard *card = board.find(id))
        return *card;
    QStringList open;
    for (const policy::PromotionCard &card : board.open)
        open.append(card.id);
    return Error{ErrorKind::NotFound,
                 open.isEmpty()
                     ? CommandsText::tr("There is no promotion \"%1\", and none is open.").arg(id)
                     : CommandsText::tr("There is no promotion \"%1\", or several begin like this. Open are: %2.")
                           .arg(id, open.join(QStringLiteral(", "))),
                 {}};
}

void PromotionCommand::confirm(const QString &application, const QString &environment, std::function<void()> go)
{
    const QString given = option("confirm");
    if (given == application)
        return go();
    if (const auto named = checkConfirm(context().arguments, application); !named)
        return fail(named.error());
    if (!terminal().isInteractive())
        return fail(
            Error{ErrorKind::Invalid,
                  CommandsText::tr("%1 is protected and nobody can be asked here: add --confirm %2. Nothing was "
                                   "written.")
                      .arg(environment, application),
                  {}});
    terminal().ask(CommandsText::tr("Type %1 to go on: ").arg(application));
    auto *reader = new cli::LineReader(terminal(), this);
    const auto refuse = [this, reader] {
        reader->deleteLater();
        fail(Error{ErrorKind::Refused, CommandsText::tr("Not confirmed. Nothing was written."), {}});
    };
    connect(reader, &cli::LineReader::ended, this, refuse);
    connect(reader, &cli::LineReader::entered, this, [reader, refuse, application, go](const QString &line) {
        if (line.trimmed() != application)
            return refuse();
        reader->disconnect();
        reader->deleteLater();
        go();
    });
}

void PromotionCommand::tellProblems(const policy::PromotionBoard &board)
{
    if (board.ledgerFreshness.error)
        terminal().say(QStringLiteral("signalbox: ") + board.ledgerFreshness.error->message);
    if (!board.me.problem.isEmpty())
        terminal().say(QStringLiteral("signalbox: ") + board.me.problem);
    if (board.ignoredEntries > 0)
        terminal().say(
            QStringLiteral("signalbox: ") +
            CommandsText::tr("%1 entries of the ledger are not proven and do not count; \"signalbox ledger verify\" "
                             "says which.")
                .arg(board.ignoredEntries));
}

void PromotionCommand::leaveWritten(const QString &entry, const QString &text, const policy::PromotionCard *card)
{
    if (context().isJson()) {
        PromotionReport report;
        report.entry = entry;
        if (card)
            report.card = *card;
        terminal().print(promotionJson(report));
    } else {
        terminal().print(text + QLatin1Char('\n'));
        if (card)
            terminal().print(card->decision.text + QLatin1Char('\n') + startText(*card));
    }
    leave(ExitStatus::Done);
}

void PromotionCommand::leave(ExitStatus status)
{
    OperationCenter &center = session().operations();
    if (center.isIdle() && desk().isSettled())
        return finish(status);
    const auto look = [this, status] {
        if (session().operations().isIdle() && desk().isSettled())
            finish(status);
    };
    connect(&center, &OperationCenter::idle, this, look);
    connect(&desk(), &LedgerDesk::settled, this, look);
    QTimer::singleShot(20000, this, [this, status] { finish(status); });
}

void ApprovalsCommand::listed()
{
    if (session().pipelines().all().empty())
        return readLedger({});
    std::optional<Workspace> workspace;
    if (context().sources.workspace)
        workspace = context().sources.workspace->workspace();
    terminal().progress(CommandsText::tr("asking for gates"));
    deliver(findGates(this, session().pipelines(), workspace, patienceOf(context().arguments), stopToken()),
            stopToken(), this, [this](const Result<FoundGates> &gates) {
                if (gates)
                    readLedger(*gates);
                else
                    fail(gates.error());
            });
}

void ApprovalsCommand::readLedger(const FoundGates &gates)
{
    terminal().progress(CommandsText::tr("verifying the ledger"));
    deliver(desk().refresh(stopToken()), stopToken(), this, [this, gates](const Result<policy::PromotionBoard> &board) {
        terminal().clearProgress();
        if (!board) {
            // Without a ledger vendors have gates nevertheless; one that cannot be read is said, and is no "none".
            const ErrorKind kind = board.error().kind;
            if (kind == ErrorKind::Cancelled || session().pipelines().all().empty())
                return fail(board.error());
            const bool isNone = kind == ErrorKind::NotFound || kind == ErrorKind::Unsupported;
            policy::PromotionBoard none = desk().board();
            none.readAt = QDateTime::currentDateTimeUtc();
            none.ledgerFreshness.state = isNone ? Freshness::State::Absent : Freshness::State::Failed;
            none.ledgerFreshness.error = board.error();
            return tell(none, {}, gates);
        }
        deliver(session().policyDesk().lookHere(stopToken()), stopToken(), this,
                [this, gates, board = *board](const Result<PolicyBoard> &policy) {
                    if (!policy)
                        return fail(policy.error());
                    tell(board, policy->waiting, gates);
                });
    });
}

void ApprovalsCommand::tell(const policy::PromotionBoard &board, const QList<PolicyChangeCard> &changes,
                            const FoundGates &gates)
{
    policy::PromotionBoard shown = board;
    FoundGates found = gates;
    if (const QString only = application(); !only.isEmpty()) {
        const auto isOther = [&only](const policy::PromotionCard &card) {
            return card.request.subject.application != only;
        };
        shown.open.removeIf(isOther);
        shown.decided.removeIf(isOther);
        found.gates.removeIf(
            [&only](const FoundGate &one) { return one.application != only && one.gate.run.pipeline.project != only; });
        // That nothing waits for a name which is nowhere says nothing. It may be a project without a gate now.
        const bool isOwed = std::any_of(shown.debts.cbegin(), shown.debts.cend(),
                                        [&only](const auto &debt) { return debt.glass.subject.application == only; });
        const bool isStopped = std::any_of(shown.stops.cbegin(), shown.stops.cend(),
                                           [&only](const auto &stop) { return stop.application == only; });
        const bool isFound =
            isOwed || isStopped || !shown.open.isEmpty() || !shown.decided.isEmpty() || !found.gates.isEmpty();
        const auto deployed = findAll(session().deployed().all(), only, {});
        const auto &clusters = session().clusters().all();
        const bool isListed = !clusters.empty() && session().listing() == Session::Listing::Complete &&
                              std::all_of(clusters.cbegin(), clusters.cend(), [](const auto &cluster) {
                                  return cluster->source->info().onlyNamespaces.isEmpty();
                              });
        const bool isLedgerRead =
            shown.ledgerFreshness.isLive() || shown.ledgerFreshness.state == Freshness::State::Absent;
        if (!isFound && !deployed && isListed && isLedgerRead && found.problems.isEmpty()) {
            if (session().pipelines().all().empty())
                return fail(deployed.error());
            terminal().say(QStringLiteral("signalbox: ") + deployed.error().message);
        }
    }
    tellProblems(shown);
    for (const auto &problem : std::as_const(found.problems))
        terminal().say(QStringLiteral("signalbox: ") + ofServer(problem).message);
    const Freshness &ledger = shown.ledgerFreshness;
    const bool isThere = ledger.isLive() || ledger.state == Freshness::State::Absent;
    ExitStatus status = isThere && found.problems.isEmpty() ? ExitStatus::Done : ExitStatus::Unreachable;
    if (ledger.state == Freshness::State::Failed && ledger.error)
        status = exitStatusOf(ledger.error->kind);
    terminal().print(context().isJson() ? approvalsJson(shown, changes, found, status)
                                        : approvalsText(shown, changes, found, has("all")));
    leave(status);
}

DecideCommand::DecideCommand(What what, Context context, QObject *parent)
    : PromotionCommand(std::move(context), parent)
    , m_what(what)
{}

void DecideCommand::listed()
{
    if (m_what == What::BreakGlass && !environment().isEmpty()) {
        terminal().progress(CommandsText::tr("reading what runs there"));
        return deliver(desk().draftGlassAt(application(), environment(), stopToken()), stopToken(), this,
                       [this](const Result<policy::Subject> &there) {
                           terminal().clearProgress();
                           if (!there)
                               return fail(there.error());
                           terminal().say(
                               CommandsText::tr("You act alone on %1 in %2, with %3, which runs there now: signed with "
                                                "your name, shown to all, and others have to countersign it in time.")
                                   .arg(application(), environment(), policy::shortDigest(there->digest)));
                           confirm(application(), environment(), [this, seen = *there] { breakGlassAt(seen); });
                       });
    }
    terminal().progress(CommandsText::tr("verifying the ledger"));
    deliver(desk().refresh(stopToken()), stopToken(), this, [this](const Result<policy::PromotionBoard> &board) {
        terminal().clearProgress();
        if (!board)
            return fail(board.error());
        tellProblems(*board);
        const auto card = cardNamed(*board, application());
        if (!card)
            return fail(card.error());
        if (!context().isJson())
            terminal().print(cardText(*card));
        const policy::Permission may = permission(*card);
        if (!may.isGiven)
            return fail(Error{ErrorKind::Refused, may.reason, {}});
        if (m_what == What::Reject) // saying no is never harder
            return decide(*card);
        confirm(card->request.subject.application, card->request.subject.environment,
                [this, shown = *card] { decide(shown); });
    });
}

policy::Permission DecideCommand::permission(const policy::PromotionCard &card) const
{
    switch (m_what) {
    case What::Approve:
        return card.mayApprove;
    case What::Reject:
        return card.mayReject;
    case What::BreakGlass:
        return card.mayBreakGlass;
    case What::CloseClaim:
        break;
    }
    if (card.state == policy::PromotionCard::State::UnderWay)
        return {true, {}}; // whether by this operator, the desk says
    return {false, CommandsText::tr("Nobody has claimed %1, or it has its outcome: it is %2.")
                       .arg(card.id, policy::cardStateLabel(card.state))};
}

QFuture<Result<QString>> DecideCommand::write(const SeenPromotion &seen)
{
    switch (m_what) {
    case What::Approve:
        return desk().approve(seen, option("comment"));
    case What::Reject:
        return desk().reject(seen, option("comment"));
    case What::BreakGlass:
        return desk().breakGlass(seen, option("reason"));
    case What::CloseClaim:
        break;
    }
    return desk().closeClaim(seen, OutcomeKind::Unknown, option("reason"));
}

QString DecideCommand::doneText(const QString &entry) const
{
    switch (m_what) {
    case What::Approve:
        return CommandsText::tr("Approved; entry %1.").arg(entry);
    case What::Reject:
        return CommandsText::tr("Rejected; entry %1.").arg(entry);
    case What::BreakGlass:
        return CommandsText::tr("You act alone; entry %1. Others answer for it by \"signalbox countersign %1\".")
            .arg(entry);
    case What::CloseClaim:
        break;
    }
    return CommandsText::tr("The claim is closed; entry %1.").arg(entry);
}

// What others ordered to wait may be done by hand then; what it is bound to is what runs there, not a plan.
void DecideCommand::breakGlassAt(const policy::Subject &seen)
{
    terminal().progress(CommandsText::tr("signing"));
    deliver(desk().breakGlassAt(seen, option("reason")), stopToken(), this, [this](const Result<QString> &entry) {
        terminal().clearProgress();
        if (!entry)
            return fail(entry.error());
        const QString then = CommandsText::tr("Freezes, holds, windows and alerts warn in %1 now, as long as %2 runs "
                                              "what it runs: give the command again that they stopped.\n")
                                 .arg(environment(), application());
        leaveWritten(*entry, doneText(*entry) + QLatin1Char('\n') + then.trimmed());
    });
}

void DecideCommand::decide(const policy::PromotionCard &card)
{
    terminal().progress(CommandsText::tr("signing"));
    deliver(write(seenOf(card)), stopToken(), this, [this, id = card.id](const Result<QString> &entry) {
        terminal().clearProgress();
        if (!entry)
            return fail(entry.error());
        deliver(desk().refresh(stopToken()), stopToken(), this,
                [this, id, entry = *entry](const Result<policy::PromotionBoard> &board) {
                    leaveWritten(entry, doneText(entry), board ? board->find(id) : nullptr);
                });
    });
}

StopCommand::StopCommand(What what, Context context, QObject *parent)
    : PromotionCommand(std::move(context), parent)
    , m_what(what)
{}

QFuture<Result<QString>> StopCommand::write()
{
    switch (m_what) {
    case What::Hold:
        return desk().hold(application(), environment(), option("reason"));
    case What::Lift:
        return desk().lift(application(), option("reason"));
    case What::Countersign:
        break;
    }
    return desk().countersign(application(), option("comment"));
}

void StopCommand::listed()
{
    terminal().progress(CommandsText::tr("verifying the ledger"));
    deliver(write(), stopToken(), this, [this](const Result<QString> &entry) {
        terminal().clearProgress();
        if (!entry)
            return fail(entry.error());
        const QString text = m_what == What::Hold   ? CommandsText::tr("Held; entry %1 lifts by \"signalbox lift %1\".")
                             : m_what == What::Lift ? CommandsText::tr("Lifted; entry %1.")
                                                    : CommandsText::tr("Countersigned; entry %1.");
        leaveWritten(*entry, text.arg(*entry));
    });
}

} // namespace signalbox::commands
