// Reading: the ledger's head, the world, the board. What is decided is in ledgerdeskdecisions.cpp, what is asked for
// and planned in ledgerdeskplans.cpp.
#include "services/promotions/ledgerdesk.h"

#include "services/async/chain.h"
#include "services/feeds/clusterset.h"
#include "services/ledger/signing/signer.h"
#include "services/operations/operationcenter.h"
#include "services/policy/schedules.h"
#include "services/promotions/claimsteps.h"
#include "services/promotions/ledgerdesk_p.h"
#include "services/promotions/ledgeroperator.h"
#include "services/promotions/ledgerreleases.h"
#include "services/promotions/promotionstext.h"
#include "services/promotions/selfstarts.h"

#include <QFileInfo>
#include <QLocale>

#include <algorithm>

namespace signalbox
{

namespace
{

constexpr qsizetype mostQuestions = 60; // open promotions whose world is read at once
constexpr int wordsHoldSeconds = 60;    // "29m of 30m": a board of the same things is made anew after so long
constexpr int schedulesHoldSeconds = 3600;

// Nothing is here, and what is shared could not be fetched: that is no ledger that is not there.
Error orNotFetched(const Error &problem, const std::optional<Error> &fetching)
{
    const bool isAbsence = problem.kind == ErrorKind::NotFound || problem.kind == ErrorKind::Unsupported;
    if (!fetching || !isAbsence)
        return problem;
    const bool isPlaces = fetching->kind == ErrorKind::NotFound || fetching->kind == ErrorKind::Unsupported ||
                          fetching->kind == ErrorKind::Invalid;
    return {isPlaces ? ErrorKind::Unreachable : fetching->kind,
            PromotionsText::tr("The shared ledger could not be fetched, and there is no copy of it here yet: %1")
                .arg(fetching->message),
            fetching->detail};
}

} // namespace

void BoardMemory::take(const std::shared_ptr<const policy::LedgerHead> &newest)
{
    if (head == newest)
        return;
    head = newest;
    risks.forget();
    schedulesOf = {};
}

const policy::Schedules &BoardMemory::schedulesAt(const QDateTime &now)
{
    const qint64 age = schedulesOf.isValid() ? schedulesOf.secsTo(now) : -1;
    if (age < 0 || age >= schedulesHoldSeconds) {
        schedules = policy::policySchedules(head->policy, head->entries, now);
        schedulesOf = now;
    }
    return schedules;
}

QHash<QString, QString> commitsByDigest(const policy::Entries &entries)
{
    QHash<QString, QString> commits;
    for (const LedgerRelease &release : releasesOf(entries)) {
        if (!release.commit.isEmpty())
            commits.insert(release.digest, release.commit);
    }
    return commits;
}

LedgerDesk::LedgerDesk(RecordBook &book, WorldReader::Sources sources, DeskSettings settings, QObject *parent)
    : PromotionDesk(parent)
    , m_book(book)
    , m_sources(sources)
    , m_settings(std::move(settings))
    , m_world(std::move(sources))
    , m_memory(std::make_shared<BoardMemory>())
{
    m_world.setVendorMayBeOld(m_settings.lookAtRun);
    m_world.keepTrafficIn([this] {
        const QString ledger = m_book.path(); // of one workspace: the names of clusters mean the same
        return ledger.isEmpty() ? QString() : ledger + QLatin1String("/signalbox-traffic");
    });
    if (!m_settings.heads)
        m_settings.heads = std::make_shared<policy::HeadFollower>();
    if (m_settings.repositoryAccess) {
        GitopsSteps::Sources gitops;
        gitops.cacheFolder = m_settings.cacheFolder;
        gitops.access = m_settings.repositoryAccess;
        gitops.signer = [this](StopToken stop) { return m_book.signer(std::move(stop)); };
        gitops.deployer = [this](const QString &id) -> Deployer * {
            ClusterConnection *cluster = m_sources.clusters ? m_sources.clusters->find(id) : nullptr;
            return cluster ? cluster->deployer.get() : nullptr;
        };
        m_gitops = std::make_unique<GitopsSteps>(std::move(gitops));
    }
    m_steps = std::make_shared<ClaimSteps>(*this, m_gitops.get());
    m_starts = std::make_unique<SelfStarts>(*this, m_sources.operations);
    connect(m_starts.get(), &SelfStarts::changed, this, &LedgerDesk::startsChanged);
    connect(m_starts.get(), &SelfStarts::left, this, [this](const QString &promotion, const QString &why) {
        emit startLeft(promotion, why);
        const policy::PromotionCard *card = m_board.find(promotion);
        if (card && card->waitsForOperator())
            emit waitsForMe(promotion);
    });
    m_soon.setSingleShot(true);
    m_soon.setInterval(m_settings.afterAChange);
    m_tick.setInterval(m_settings.lookAtLedger);
    connect(&m_soon, &QTimer::timeout, this, [this] {
        if (m_isShowing) {
            m_isShowAgain = true;
            return;
        }
        // Clusters change all the time while something is rolled out: the shared ledger is not asked for each.
        const bool isDue = !m_caughtUpAt.isValid() ||
                           m_caughtUpAt.addMSecs(m_settings.lookAtWorld.count()) <= QDateTime::currentDateTimeUtc();
        (void)refreshFor(isDue ? For::Show : For::Look, m_gone.get_token());
    });
    connect(&m_tick, &QTimer::timeout, this, &LedgerDesk::lookAtTip);
    if (!m_sources.operations)
        return;
    connect(m_sources.operations, &OperationCenter::finished, this, [this](const Operation *operation) {
        if (const auto outcome = operation->outcome())
            noteFinished(operation->id(), operation->plan(), *outcome);
    });
    connect(m_sources.operations, &OperationCenter::reconciled, this, [this](const ReconciledOperation &operation) {
        noteFinished(operation.id, operation.plan, operation.outcome);
    });
}

LedgerDesk::~LedgerDesk()
{
    m_gone.request_stop();
    m_starts.reset();
    m_steps.reset(); // runners that still hold it find nobody
}

void LedgerDesk::startWhenMet(const QString &promotion, const Plan &seen)
{
    m_starts->add(promotion, seen);
}

bool LedgerDesk::startsByItself(const QString &promotion) const
{
    return m_starts->has(promotion);
}

void LedgerDesk::doNotStart(const QString &promotion)
{
    m_starts->remove(promotion);
}

void LedgerDesk::setFollowWithin(std::chrono::milliseconds time)
{
    if (m_gitops)
        m_gitops->setFollowWithin(time);
}

void LedgerDesk::start()
{
    connect(&m_book, &RecordBook::changed, this, &LedgerDesk::soon, Qt::UniqueConnection);
    if (m_sources.deployed)
        connect(m_sources.deployed, &DeployedStore::changed, this, &LedgerDesk::noteDeployed, Qt::UniqueConnection);
    m_tick.start();
    (void)refresh(m_gone.get_token());
}

LedgerDesk::Work LedgerDesk::work() const
{
    Work work = m_work;
    work.risks = m_memory->risks.computed();
    return work;
}

// Of the applications that are judged; the others' pods come and go all day. While a look is under way it is not known
// yet whose they are.
void LedgerDesk::noteDeployed(const QStringList &upserted, const QStringList &removed)
{
    const QStringList keys = upserted + removed;
    const auto isJudged = [this](const QString &key) {
        const QString application = key.section(QLatin1Char('|'), 2); // of Deployed::key()
        const auto isOf = [&application](const policy::PromotionCard &card) {
            const bool mayGoOn = card.isOpen() || card.state == policy::PromotionCard::State::Rejected;
            return mayGoOn && card.request.subject.application == application;
        };
        return std::any_of(m_board.open.cbegin(), m_board.open.cend(), isOf) ||
               std::any_of(m_board.decided.cbegin(), m_board.decided.cend(), isOf);
    };
    if (m_isShowing || !m_hasShown || std::any_of(keys.cbegin(), keys.cend(), isJudged))
        soon();
}

void LedgerDesk::soon()
{
    if (m_tick.isActive() && !m_soon.isActive())
        m_soon.start();
}

void LedgerDesk::lookAtTip()
{
    const QDateTime now = QDateTime::currentDateTimeUtc();
    bool isDue = !m_shownAt.isValid() || m_shownAt.addMSecs(m_settings.lookAtWorld.count()) <= now;
    for (const policy::PromotionCard &card : m_board.open) {
        const QDateTime at = card.decision.changesAt;
        isDue = isDue || (at.isValid() && at > m_shownAt && at <= now);
    }
    if (isDue)
        return soon();
    const auto tip = m_queue.run([path = m_book.path()] { return policy::headTip(path); });
    deliver(tip, {}, this, [this](const Result<QString> &found) {
        if (found && *found != m_board.tip)
            soon();
    });
}

// ---- the ledger

QFuture<Result<LedgerDesk::Reading>> LedgerDesk::readLedger(For purpose, const StopToken &stop)
{
    const auto caughtUp = purpose == For::Look
                              ? ready(m_isOld ? Result<void>(*m_isOld) : Result<void>())
                              : m_book.catchUp(purpose == For::Decide ? Touches::Ask : Touches::Refuse, stop);
    return afterAny(this, caughtUp, [this, purpose, stop](const Result<void> &caught) {
        if (!caught && purpose == For::Decide)
            return ready(Result<Reading>(caught.error()));
        const std::optional<Error> old = caught ? std::nullopt : std::optional(caught.error());
        if (!caught && caught.error().kind == ErrorKind::Cancelled)
            return ready(Result<Reading>(caught.error())); // says nothing of the ledger
        if (purpose != For::Look) {
            m_isOld = old;
            m_caughtUpAt = QDateTime::currentDateTimeUtc();
        }
        return afterAny(this, m_book.signer(stop), [=, this](const Result<std::shared_ptr<ssh::Signer>> &signer) {
            ledger::VerifyOptions options;
            if (m_settings.pin)
                options.pin = m_settings.pin();
            options.atLeast = m_settings.atLeast;
            const auto read = m_queue.run([=, path = m_book.path(), heads = m_settings.heads,
                                           who = m_settings.who]() -> Result<Reading> {
                if (!QFileInfo::exists(path))
                    return orNotFetched(
                        {ErrorKind::NotFound, PromotionsText::tr("There is no ledger at %1 yet.").arg(path), {}}, old);
                const auto head = heads->read(path, options, stop);
                if (!head)
                    return orNotFetched(head.error(), old);
                Reading reading;
                reading.isOld = old;
                reading.head = *head;
                reading.who = who();
                reading.me = operatorOf(*reading.head, path, signer, reading.who);
                return reading;
            });
            return after(this, read, [this](const Reading &reading) {
                m_head = reading.head;
                return ready(Result<Reading>(reading));
            });
        });
    });
}

// ---- the world

QFuture<Result<LedgerDesk::Reading>> LedgerDesk::readWorld(Reading reading, const QList<PromotionInQuestion> &questions,
                                                           For purpose, const StopToken &stop)
{
    const auto world = m_world.read(reading.head->policy, questions, purpose, stop);
    return after(this, world, [reading = std::move(reading)](const World &seen) {
        Reading whole = reading;
        whole.world = seen;
        return ready(Result<Reading>(whole));
    });
}

// Of these promotions; of all that are open where none is named.
QFuture<Result<LedgerDesk::Reading>> LedgerDesk::readAll(For purpose, const QStringList &promotions,
                                                         const StopToken &stop)
{
    struct Asked
    {
        QStringList shown;
        QList<PromotionInQuestion> questions;
    };
    return after(this, readLedger(purpose, stop), [=, this](const Reading &reading) {
        const Head head = reading.head;
        const auto asked = m_queue.run([head, promotions]() -> Result<Asked> {
            const QStringList shown = promotions.isEmpty() ? policy::promotionsToShow(head->policy, head->entries,
                                                                                      QDateTime::currentDateTimeUtc())
                                                           : promotions;
            const QHash<QString, QString> commits = commitsByDigest(head->entries);
            QList<PromotionInQuestion> questions;
            for (const QString &id : shown) {
                const policy::SignedRecord *entry = policy::entryOf(head->entries, id);
                const auto *request = entry ? entry->as<policy::PromotionRequest>() : nullptr;
                if (!request || questions.size() >= mostQuestions ||
                    policy::promotionEnd(head->policy, head->entries, id))
                    continue;
                questions.append({id, *request,
                                  head->policy.before(request->subject.application, request->subject.environment)
                                      .value_or(QString()),
                                  commits});
            }
            return Asked{shown, questions};
        });
        return after(this, asked, [=, this](const Asked &what) {
            Reading of = reading;
            of.shown = what.shown;
            return readWorld(of, what.questions, purpose, stop);
        });
    });
}

namespace
{

policy::PromotionCard makeCard(const policy::LedgerHead &head, const policy::Entries &entries,
                               const policy::BoardOperator &me, const World &world, const QString &id,
                               const policy::Schedules &schedules, policy::RiskCache &risks)
{
    const policy::SignedRecord *entry = policy::entryOf(entries, id);
    const auto *request = entry ? entry->as<policy::PromotionRequest>() : nullptr;
    policy::Facts facts;
    QList<policy::PathPlace> path;
    QString before;
    facts.now = world.readAt;
    if (request) {
        const policy::Subject &subject = request->subject;
        before = head.policy.before(subject.application, subject.environment).value_or(QString());
        facts = factsOf(world, *request, id, before);
        addCommitters(facts, head.policy, world.sources.value(id).committers);
        path = pathOf(world, *request, before);
    }
    facts.now = QDateTime::currentDateTimeUtc();
    facts.policyCommit = head.policyCommit;
    facts.schedules = schedules;
    // From the promotions of all applications: of one alone there are seldom enough.
    const auto risk = [&](const policy::RiskQuestion &question, bool isOpen) {
        return risks.of(id, question, isOpen ? head.entries : entries);
    };
    policy::PromotionCard card = policy::cardOf(head.policy, entries, id, facts, me, path, risk);
    if (request)
        card.stale = staleOf(world, request->subject, before, card.decision.rules);
    if (!card.isOpen())
        card.risk = policy::recordedRisk(card.risk, card.request.riskPermille);
    return card;
}

Freshness worldFreshness(const policy::PromotionBoard &board, const World &world)
{
    Freshness freshness;
    freshness.state = Freshness::State::Live;
    freshness.lastHeard = world.readAt;
    for (const policy::PromotionCard &card : board.open) {
        if (card.isLive())
            continue;
        const policy::StalePlace &place = card.stale.first();
        freshness.state = Freshness::State::Stale;
        freshness.lastHeard = place.since;
        freshness.error = Error{ErrorKind::Unreachable, place.problem, {}};
    }
    return freshness;
}

} // namespace

QFuture<Result<policy::PromotionCard>> LedgerDesk::cardNow(const QString &promotion, const StopToken &stop,
                                                           std::shared_ptr<Reading> keep, For purpose)
{
    return after(this, readAll(purpose, {promotion}, stop), [this, promotion, keep](const Reading &reading) {
        if (keep)
            *keep = reading;
        return m_queue.run([reading, promotion, memory = m_memory]() -> Result<policy::PromotionCard> {
            const policy::LedgerHead &head = *reading.head;
            memory->take(reading.head);
            const policy::SignedRecord *entry = policy::entryOf(head.entries, promotion);
            if (!entry || !entry->as<policy::PromotionRequest>())
                return Error{
                    ErrorKind::NotFound, PromotionsText::tr("The ledger has no promotion %1.").arg(promotion), {}};
            const policy::Entries entries =
                policy::entriesOf(head.entries, entry->as<policy::PromotionRequest>()->subject.application);
            return makeCard(head, entries, reading.me, reading.world, promotion,
                            policy::policySchedules(head.policy, entries, QDateTime::currentDateTimeUtc()),
                            memory->risks);
        });
    });
}

QFuture<Result<policy::PromotionBoard>> LedgerDesk::boardOf(const Reading &reading)
{
    const QString address = m_book.address();
    const qsizetype unsent = m_book.unsent();
    return m_queue.run([reading, address, unsent, memory = m_memory]() -> Result<policy::PromotionBoard> {
        const policy::LedgerHead &head = *reading.head;
        memory->take(reading.head);
        const QDateTime now = QDateTime::currentDateTimeUtc();
        policy::PromotionBoard board;
        board.ledger = address;
        board.workspace = head.policy.workspace;
        board.tip = head.tip;
        board.policyCommit = head.policyCommit;
        board.me = reading.me;
        board.ignoredEntries = head.ignoredCount;
        board.unsent = unsent;
        board.readAt = now;
        board.ledgerFreshness.state = reading.isOld ? Freshness::State::Stale : Freshness::State::Live;
        board.ledgerFreshness.error = reading.isOld;
        const policy::Schedules &schedules = memory->schedulesAt(now);
        QHash<QString, policy::Entries> entries; // by application: what others did is not gone through each time
        QList<policy::PromotionCard> cards;
        for (const QString &id : reading.shown) {
            const policy::SignedRecord *entry = policy::entryOf(head.entries, id);
            const QString application = entry->as<policy::PromotionRequest>()->subject.application;
            if (!entries.contains(application))
                entries.insert(application, policy::entriesOf(head.entries, application));
            cards.append(
                makeCard(head, entries.value(application), reading.me, reading.world, id, schedules, memory->risks));
        }
        policy::putCards(board, cards);
        board.stops = policy::stopsOf(head.policy, head.entries, reading.me, now, schedules);
        board.debts = policy::debtsOf(head.policy, head.entries, reading.me, now);
        board.worldFreshness = worldFreshness(board, reading.world);
        return board;
    });
}

bool LedgerDesk::Made::isFrom(const Made &other) const
{
    return from.head == other.from.head && from.me == other.from.me && from.who == other.from.who &&
           from.isOld == other.from.isOld && from.shown == other.from.shown && from.world == other.from.world &&
           address == other.address && unsent == other.unsent && language == other.language;
}

// The last one again, where nothing that it was made from has changed and time alone has changed nothing either.
QFuture<Result<policy::PromotionBoard>> LedgerDesk::boardNow(const Reading &reading)
{
    ++m_work.looks;
    Made made{reading, m_book.address(), m_book.unsent(), QLocale().name(), {}};
    made.from.world = withoutReadingTimes(reading.world);
    if (m_made && m_made->isFrom(made)) {
        const QDateTime now = QDateTime::currentDateTimeUtc();
        const QDateTime then = m_made->board.readAt;
        const auto &open = m_made->board.open;
        const bool isOver = std::any_of(open.cbegin(), open.cend(), [&](const policy::PromotionCard &card) {
            return card.decision.changesAt.isValid() && card.decision.changesAt <= now;
        });
        if (!isOver && then <= now && then.secsTo(now) < wordsHoldSeconds) {
            policy::PromotionBoard board = m_made->board;
            board.readAt = now;
            if (board.worldFreshness.isLive())
                board.worldFreshness.lastHeard = reading.world.readAt;
            return ready(Result<policy::PromotionBoard>(std::move(board)));
        }
    }
    return after(this, boardOf(reading), [this, made = std::move(made)](const policy::PromotionBoard &board) {
        ++m_work.boards;
        m_made = made;
        m_made->board = board;
        return ready(Result<policy::PromotionBoard>(board));
    });
}

// ---- what is shown

QFuture<Result<policy::PromotionBoard>> LedgerDesk::refresh(StopToken stop)
{
    return refreshFor(For::Show, stop);
}

QFuture<Result<policy::PromotionBoard>> LedgerDesk::refreshFor(For purpose, const StopToken &stop)
{
    m_isShowing = true;
    const auto made =
        after(this, readAll(purpose, {}, stop), [this](const Reading &reading) { return boardNow(reading); });
    return afterAny(this, made, [this](const Result<policy::PromotionBoard> &board) {
        m_isShowing = false;
        if (std::exchange(m_isShowAgain, false))
            soon();
        m_shownAt = QDateTime::currentDateTimeUtc();
        if (board) {
            show(*board);
            settleOwnClaims();
        } else if (board.error().kind != ErrorKind::Cancelled)
            showProblem(board.error());
        return ready(board);
    });
}

void LedgerDesk::show(const policy::PromotionBoard &board)
{
    QStringList known;
    for (const policy::PromotionCard &card : m_board.open) {
        if (card.waitsForOperator())
            known.append(card.id);
    }
    const bool wasShown = std::exchange(m_hasShown, true);
    const bool isSame = policy::showsTheSame(board, m_board);
    m_board = board; // when it was read is taken along, and told to nobody
    if (isSame) {
        emit boardRead();
        return;
    }
    emit boardChanged();
    for (const policy::PromotionCard &card : board.open) {
        const bool waits = card.waitsForOperator();
        if (wasShown && waits && !known.contains(card.id) && !startsByItself(card.id))
            emit waitsForMe(card.id);
    }
}

// What was shown stays, and says that it is old.
void LedgerDesk::showProblem(const Error &error)
{
    policy::PromotionBoard board = m_board;
    board.ledger = m_book.address();
    // One that nobody began to sign is none to decide in. Where it was read before, something else happened to it.
    const bool isUnsigned = error.kind == ErrorKind::Unsupported && board.tip.isEmpty();
    const bool isAbsent = error.kind == ErrorKind::NotFound || isUnsigned;
    board.ledgerFreshness.state = isAbsent              ? Freshness::State::Absent
                                  : board.tip.isEmpty() ? Freshness::State::Failed
                                                        : Freshness::State::Stale;
    board.ledgerFreshness.error = error;
    // Nobody looks at the places either until the ledger can be read again.
    for (policy::PromotionCard &card : board.open) {
        for (const policy::PathPlace &place : std::as_const(card.path)) {
            const bool isSaid = std::any_of(card.stale.cbegin(), card.stale.cend(),
                                            [&](const auto &one) { return one.environment == place.environment; });
            if (!isSaid)
                card.stale.append({place.environment, board.readAt, error.message});
        }
    }
    if (board == m_board)
        return;
    m_board = board;
    emit boardChanged();
}

} // namespace signalbox
