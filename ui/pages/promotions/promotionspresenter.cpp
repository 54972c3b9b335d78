#include "ui/pages/promotions/promotionspresenter.h"

#include "models/items/roles.h"
#include "services/operations/operation.h"
#include "services/operations/operationcenter.h"
#include "ui/shell/consolecontext.h"
#include "ui/widgets/timetext.h"

#include <QCryptographicHash>

#include <algorithm>

namespace signalbox
{

using policy::PathPlace;
using policy::PromotionBoard;
using policy::PromotionCard;

namespace
{

// "registry.example/app:1.2@sha256:..." without what follows the name.
QString repositoryOf(const QString &image)
{
    QString name = image.section(QLatin1Char('@'), 0, 0);
    const qsizetype tag = name.lastIndexOf(QLatin1Char(':'));
    return tag > name.lastIndexOf(QLatin1Char('/')) ? name.left(tag) : name;
}

// What the repository knows it by: the commit where that is sure, else the tag.
QString releaseOf(const PathPlace &place, const PromotionCard &card)
{
    if (place.state == PathPlace::State::Runs && !card.request.subject.commit.isEmpty())
        return card.request.subject.commit;
    if (place.isTarget && !card.request.replacesCommit.isEmpty() && place.digest == card.request.replacesDigest)
        return card.request.replacesCommit;
    return place.version;
}

bool lacksOnlyApprovals(const PromotionCard &card)
{
    return std::all_of(card.decision.rules.cbegin(), card.decision.rules.cend(), [](const policy::RuleResult &rule) {
        return !rule.counts || rule.rule == policy::Rule::Approvals || rule.state == policy::RuleResult::State::Pass;
    });
}

ChangesSubject subjectOf(const PromotionCard &card)
{
    ChangesSubject subject;
    subject.application = card.request.subject.application;
    subject.to = card.decision.subject.commit.isEmpty() ? card.request.subject.commit : card.decision.subject.commit;
    if (subject.to.isEmpty())
        subject.to = card.request.version;
    subject.from = card.request.replacesCommit;
    for (const PathPlace &place : card.path) {
        if (subject.from.isEmpty() && place.isTarget && place.state == PathPlace::State::Other)
            subject.from = place.version;
    }
    return subject;
}

} // namespace

PromotionsPresenter::PromotionsPresenter(ConsoleContext &context, QObject *parent)
    : QObject(parent)
    , m_context(context)
    , m_desk(*context.promotions)
    , m_changes(context.sources)
    , m_distances(context.sources)
    , m_session(*context.operations)
{
    connect(&m_desk, &PromotionDesk::boardChanged, this, &PromotionsPresenter::takeBoard);
    connect(&m_desk, &PromotionDesk::boardRead, this, [this] {
        preview();
        planStart();
    });
    connect(&m_desk, &PromotionDesk::startsChanged, this, [this] {
        planStart();
        emit stateChanged();
    });
    connect(&m_distances, &PathDistances::changed, this, &PromotionsPresenter::distancesChanged);
    connect(&m_session, &PlanSession::finished, this, [this] { refresh(); });
    connect(context.operations, &OperationCenter::changed, this, &PromotionsPresenter::followRunning);
    m_session.setActive(false);
    takeBoard();
}

PromotionsPresenter::~PromotionsPresenter()
{
    m_stop.request_stop(); // of reads; what was signed and sent goes on
}

const PromotionBoard &PromotionsPresenter::board() const
{
    return m_desk.board();
}

void PromotionsPresenter::setActive(bool isActive)
{
    m_isActive = isActive;
    m_changes.setActive(isActive);
    m_session.setActive(isActive);
    if (!isActive)
        return;
    refresh();
    preview();
    planStart();
}

void PromotionsPresenter::refresh()
{
    m_refresh.run(
        this, [this](const StopToken &stop) { return m_desk.refresh(stop); },
        // What could not be read is in the board's own freshness.
        [this](const Result<PromotionBoard> &) { emit stateChanged(); });
}

void PromotionsPresenter::takeBoard()
{
    m_inbox.show(board());
    if (m_selected.isEmpty())
        m_selected = mostUrgent();
    emit boardChanged();
    showCard();
}

QString PromotionsPresenter::mostUrgent() const
{
    // What nothing but this operator's word holds up comes before what has to wait all the same.
    const auto first = [this](auto fits) {
        for (int row = 0; row < m_inbox.rowCount(); ++row) {
            const QModelIndex index = m_inbox.index(row);
            if (index.data(PromotionsModel::MineRole).toBool() &&
                fits(index.data(PromotionsModel::CardRole).value<PromotionCard>()))
                return index.data(IdRole).toString();
        }
        return QString();
    };
    QString found = first([](const PromotionCard &one) { return one.state == PromotionCard::State::Ready; });
    if (found.isEmpty())
        found = first(lacksOnlyApprovals);
    if (!found.isEmpty())
        return found;
    const int row = m_inbox.firstCard(); // what waits for the operator stands first
    return row < 0 ? QString() : m_inbox.index(row).data(IdRole).toString();
}

void PromotionsPresenter::select(const QString &id)
{
    if (id == m_selected)
        return;
    m_selected = id;
    m_problem.reset();
    m_plan.reset();
    m_previewed = {};
    m_previewNote.clear();
    m_preview.cancel();
    m_session.leave();
    m_planned = {};
    showCard();
    emit stateChanged();
}

const PromotionCard *PromotionsPresenter::card() const
{
    return m_selected.isEmpty() ? nullptr : board().find(m_selected);
}

void PromotionsPresenter::showCard()
{
    const PromotionCard *const now = card();
    if (!now) {
        m_changes.setSubject({});
        m_distances.setReleases({}, {});
        emit selectionChanged();
        return;
    }
    m_changes.setSubject(subjectOf(*now));
    QStringList releases;
    for (const PathPlace &place : now->path)
        releases << releaseOf(place, *now);
    m_distances.setReleases(now->request.subject.application, releases);
    emit selectionChanged();
    preview();
    followRunning();
    planStart();
}

// What carries it out here without having been started on this page: it started by itself, or the operator was
// elsewhere meanwhile.
void PromotionsPresenter::followRunning()
{
    const PromotionCard *const now = card();
    if (!now || !now->isOpen() || m_session.isUnderWay())
        return;
    for (Operation *operation : m_context.operations->operations()) {
        const Plan &plan = operation->plan();
        if (plan.kind == OperationKind::Promote && operation->state() > OperationState::Armed &&
            !operation->isFinished() && plan.application == now->request.subject.application &&
            plan.environment == now->request.subject.environment) {
            m_planned = {}; // whose it is, its claim says
            return m_session.follow(operation);
        }
    }
}

QString PromotionsPresenter::whyNothing() const
{
    const PromotionBoard &all = board();
    if (all.ledgerFreshness.state == Freshness::State::Loading)
        return tr("The ledger is being read.");
    if (!all.ledgerFreshness.isLive())
        return all.ledgerFreshness.error
                   ? tr("The ledger is not live, so nothing is decided: %1").arg(all.ledgerFreshness.error->message)
                   : tr("The ledger is not live, so nothing is decided.");
    return all.me.problem;
}

QString PromotionsPresenter::whyStale(const PromotionCard &card)
{
    QStringList words;
    for (const policy::StalePlace &place : card.isOpen() ? card.stale : QList<policy::StalePlace>())
        words << (place.since.isValid() ? tr("%1 is not live, last read %2: %3")
                                              .arg(place.environment, clockText(place.since), place.problem)
                                        : tr("%1 is not live: %2").arg(place.environment, place.problem));
    if (words.isEmpty())
        return {};
    words << tr("Nothing is decided on this promotion until it is.");
    if (card.decision.glass)
        words << tr("%1 broke the glass and answers for it: it can be started.").arg(card.decision.glass->who);
    else if (card.mayBreakGlass.isGiven)
        words << tr("If it cannot wait, break the glass: you act alone and answer for it.");
    return words.join(QLatin1Char(' '));
}

bool PromotionsPresenter::mayStart(const PromotionCard &card) const
{
    return card.mayStart.isGiven && (card.isLive() || card.decision.glass) && whyNothing().isEmpty() &&
           !m_desk.startsByItself(card.id);
}

bool PromotionsPresenter::startsByItself() const
{
    return card() && m_desk.startsByItself(m_selected);
}

void PromotionsPresenter::doNotStart(const QString &promotion)
{
    m_desk.doNotStart(promotion);
}

QString PromotionsPresenter::whyNot(Action action) const
{
    return whyNot(action, card());
}

QString PromotionsPresenter::whyNot(Action action, const PromotionCard *now) const
{
    if (!now)
        return tr("No promotion is chosen.");
    // Who acts alone answers for what cannot be looked at, as the desk has it; the ledger has to be live for all.
    const bool answers = action == Action::BreakGlass || (action == Action::Start && now->decision.glass);
    for (const QString &why : {whyNothing(), answers ? QString() : whyStale(*now)}) {
        if (!why.isEmpty())
            return why;
    }
    if (isBusy())
        return m_busyText;
    const policy::Permission &permission = action == Action::Approve  ? now->mayApprove
                                           : action == Action::Reject ? now->mayReject
                                           : action == Action::Start  ? now->mayStart
                                                                      : now->mayBreakGlass;
    if (permission.isGiven)
        return {};
    return permission.reason.isEmpty() ? tr("The policy does not allow it.") : permission.reason;
}

QByteArray PromotionsPresenter::fingerprint(Action action) const
{
    const PromotionCard *const now = card();
    if (!now || !whyNot(action).isEmpty())
        return {};
    const SeenPromotion seen = seenOf(*now);
    QCryptographicHash hash(QCryptographicHash::Sha256);
    for (const QString &part : {seen.promotion, seen.subject.application, seen.subject.environment, seen.subject.digest,
                                seen.subject.commit, seen.policyCommit, QString::number(int(action))})
        hash.addData(part.toUtf8() + '\n');
    return hash.result().toHex();
}

template <typename T>
void PromotionsPresenter::write(const QString &promotion, QFuture<Result<T>> future, const QString &busyText,
                                const QString &doneText)
{
    ++m_busy;
    m_busyText = busyText;
    m_problem.reset();
    emit stateChanged();
    deliver(
        future, m_stop.get_token(), this,
        [this, promotion, doneText](const Result<T> &result) {
            --m_busy;
            const bool isChosen = card() && card()->id == promotion;
            if (!result && isChosen)
                m_problem = result.error();
            emit stateChanged();
            if (result)
                emit decided(promotion, doneText);
            else if (!isChosen && result.error().kind != ErrorKind::Cancelled)
                emit failedElsewhere(result.error());
            if (!result &&
                (result.error().kind == ErrorKind::Conflict || result.error().kind == ErrorKind::OutcomeUnknown))
                refresh(); // what is there now
        },
        ErrorKind::OutcomeUnknown);
}

void PromotionsPresenter::decide(Action action, const QByteArray &seen, const QString &comment)
{
    const PromotionCard *const now = card();
    if (!now || seen.isEmpty() || seen != fingerprint(action))
        return;
    const QString what = QStringLiteral("%1 %2").arg(now->request.subject.application, versionOf(*now));
    const QString touch = board().me.needsTouch ? QLatin1Char(' ') + tr("Touch your security key.") : QString();
    if (action == Action::Approve)
        write(now->id, m_desk.approve(seenOf(*now), comment.trimmed()), tr("Signing your approval ...") + touch,
              tr("%1: your approval is in the ledger.").arg(what));
    else if (action == Action::Reject)
        write(now->id, m_desk.reject(seenOf(*now), comment.trimmed()), tr("Signing your rejection ...") + touch,
              tr("%1: your rejection is in the ledger.").arg(what));
}

void PromotionsPresenter::breakGlass(const SeenPromotion &seen, const QString &reason)
{
    const QString why = whyNot(Action::BreakGlass, board().find(seen.promotion));
    if (!why.isEmpty()) {
        emit failedElsewhere({ErrorKind::Refused, tr("The glass was not broken: %1").arg(why), {}});
        return;
    }
    write(seen.promotion, m_desk.breakGlass(seen, reason), tr("Signing the break-glass ..."),
          tr("%1 in %2: the glass is broken. It can start now, and others have to countersign.")
              .arg(seen.subject.application, seen.subject.environment));
}

void PromotionsPresenter::countersign(const QString &entry, const QString &comment)
{
    write({}, m_desk.countersign(entry, comment), tr("Signing the countersignature ..."),
          tr("Your countersignature is in the ledger."));
}

void PromotionsPresenter::hold(const QString &application, const QString &environment, const QString &reason)
{
    write({}, m_desk.hold(application, environment, reason), tr("Signing the hold ..."),
          tr("%1 in %2 is held: nothing goes on there until it is lifted.").arg(application, environment));
}

void PromotionsPresenter::lift(const QString &stop, const QString &reason)
{
    write({}, m_desk.lift(stop, reason), tr("Signing ..."), tr("It is lifted."));
}

void PromotionsPresenter::closeClaim(const SeenPromotion &seen, const QString &reason)
{
    write(seen.promotion, m_desk.closeClaim(seen, OutcomeKind::Unknown, reason), tr("Signing ..."),
          tr("%1 in %2: the claim is closed.").arg(seen.subject.application, seen.subject.environment));
}

PromotionsPresenter::Ground PromotionsPresenter::groundOf(const PromotionCard &card)
{
    Ground ground{seenOf(card), {}, {}};
    for (const PathPlace &place : card.path) {
        if (place.isTarget)
            ground = {ground.seen, place.digest, place.image};
    }
    return ground;
}

namespace
{

// The plan's own line that names the digest, taken out of the others; else one of what runs, or will.
DiffLine imageLine(DiffLine::Kind kind, const QString &repository, const QString &digest, QList<DiffLine> &lines)
{
    const auto named = std::find_if(lines.cbegin(), lines.cend(), [kind, &digest](const DiffLine &line) {
        return line.kind == kind && line.text.contains(digest);
    });
    if (named == lines.cend())
        return {kind, QStringLiteral("image %1@%2").arg(repository, digest)};
    return lines.takeAt(named - lines.cbegin());
}

// First of all the image, from and to: a vendor's plan tells of its gate alone.
QList<DiffLine> imageLines(const PromotionCard &card, QList<DiffLine> others)
{
    const policy::Subject &subject = card.decision.subject;
    QList<DiffLine> lines;
    for (const PathPlace &place : card.path) {
        if (!place.isTarget || place.digest.isEmpty() || place.digest == subject.digest)
            continue;
        const QString repository = repositoryOf(place.image);
        lines.append(imageLine(DiffLine::Kind::Removed, repository, place.digest, others));
        lines.append(imageLine(DiffLine::Kind::Added, repository, subject.digest, others));
    }
    return lines + others;
}

} // namespace

// A plan that writes nothing says what will change; asked for once for what is shown, and again where there was none.
void PromotionsPresenter::preview()
{
    const PromotionCard *const now = card();
    if (!m_isActive || !now || !now->isOpen() || !now->isLive() || !board().ledgerFreshness.isLive())
        return;
    const Ground ground = groundOf(*now);
    if (ground == m_previewed && (m_plan || m_preview.isRunning()))
        return;
    if (ground != m_previewed) {
        m_plan.reset();
        m_previewNote.clear();
    }
    m_previewed = ground;
    m_preview.run(
        this, [this, seen = ground.seen](const StopToken &stop) { return m_desk.plan(seen, stop); },
        [this](const Result<Plan> &plan) {
            m_plan = plan ? std::optional(*plan) : std::nullopt;
            m_previewNote = plan ? QString() : plan.error().message;
            emit previewChanged();
        });
    emit previewChanged();
}

QList<DiffLine> PromotionsPresenter::clusterDifference() const
{
    const Operation *const operation = m_session.operation();
    const Plan *const plan = operation ? &operation->plan() : m_plan ? &*m_plan : nullptr;
    QList<DiffLine> lines;
    for (const PlanStep &step : plan ? plan->steps : QList<PlanStep>()) {
        if (!step.diff.isEmpty() && !step.through.isEmpty())
            lines.append({DiffLine::Kind::Note, step.through});
        for (const DiffLine &line : step.diff) {
            if (line.kind != DiffLine::Kind::Context) // only what changes
                lines.append({line.kind, line.text.trimmed()});
        }
    }
    if (!card())
        return lines;
    lines = imageLines(*card(), std::move(lines));
    if (!plan && !m_previewNote.isEmpty())
        lines.append({DiffLine::Kind::Note, m_previewNote});
    return lines;
}

bool PromotionsPresenter::isBeingRecorded(const PromotionCard &card) const
{
    const Operation *const operation = m_session.operation();
    if (card.state != PromotionCard::State::UnderWay || card.decision.claimant != board().me.principal || !operation)
        return false;
    // What nobody saw take effect is recorded as not known.
    const auto outcome = operation->outcome();
    return outcome && outcome->kind == OutcomeKind::Done && outcome->isConfirmed &&
           operation->plan().kind == OperationKind::Promote && isOf(*operation, card);
}

// Planned here for it, or with a claim that names it: another promotion may go to the same place.
bool PromotionsPresenter::isOf(const Operation &operation, const PromotionCard &card) const
{
    const QByteArray id = '"' + card.id.toUtf8() + '"';
    const QList<PlanStep> &steps = operation.plan().steps;
    return m_planned.seen.promotion == card.id ||
           std::any_of(steps.cbegin(), steps.cend(),
                       [&id](const PlanStep &step) { return step.expectation.data.contains(id); });
}

bool PromotionsPresenter::showsPlan() const
{
    if (m_session.isUnderWay() || m_session.hasOutcome())
        return true;
    const PromotionCard *const now = card();
    return now && mayStart(*now);
}

// What may start has its plan on screen at once, so that one hold starts it.
void PromotionsPresenter::planStart()
{
    const PromotionCard *const now = card();
    if (!m_isActive || m_session.isUnderWay() || m_session.hasOutcome())
        return;
    if (!now || !mayStart(*now)) {
        if (m_session.state() != PlanSession::State::Nothing)
            m_session.clear();
        m_planned = {};
        return;
    }
    const Ground ground = groundOf(*now);
    if (ground == m_planned && m_session.state() != PlanSession::State::Nothing)
        return;
    m_planned = ground;
    m_session.plan([desk = QPointer<PromotionDesk>(&m_desk), seen = ground.seen](const StopToken &stop) {
        return desk ? desk->plan(seen, stop)
                    : ready(Result<Plan>(Error{ErrorKind::Cancelled, PromotionsPresenter::tr("Stopped."), {}}));
    });
}

} // namespace signalbox
