#pragma once

#include "models/stores/deployedstore.h"
#include "services/async/chain.h"
#include "services/feeds/clusterset.h"
#include "services/ledger/sharing/teamledger.h"
#include "services/operations/operationcenter.h"
#include "services/promotions/ledgerdesk.h"
#include "services/promotions/teamrecordbook.h"
#include "tests/support/fakesteprunner.h"
#include "tests/support/quietsource.h"
#include "tests/unit/services/ledger/verify/forge.h"

#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>

namespace signalbox::test
{

inline QString digestOf(char digit)
{
    return QStringLiteral("sha256:") + QString(64, QLatin1Char(digit));
}

// Both pods of the workload run 1.`digit`.
inline RunningRelease runningRelease(const ObjectRef &workload, const QString &repository, char digit)
{
    RunningRelease now;
    now.workload = workload;
    now.repository = repository;
    now.tag = QStringLiteral("1.") + QLatin1Char(digit);
    now.digest = digestOf(digit);
    now.image = now.repository + u':' + now.tag;
    now.isSettled = true;
    now.podsReady = now.podsWanted = 2;
    return now;
}

template <typename T>
Result<T> awaited(const QFuture<Result<T>> &future, int seconds = 20)
{
    QElapsedTimer timer;
    timer.start();
    while (!future.isFinished() && timer.elapsed() < seconds * 1000)
        QTest::qWait(2);
    if (!future.isFinished() || future.resultCount() == 0)
        return Error{ErrorKind::TimedOut, QStringLiteral("the test waited in vain"), {}};
    return future.result();
}

// Says what it is told to; a plan is one step.
class FakeDeployer : public Deployer
{
public:
    QHash<QString, RunningRelease> releases; // by namespace
    bool isReachable = true;
    QDateTime readAt;               // invalid: now
    QString asked;                  // the application of the last question
    QHash<QString, int> timesAsked; // by namespace
    QString note;                   // what the plan changes besides

    QFuture<Result<RunningRelease>> running(ObjectRef workload, QString application, StopToken) override
    {
        asked = application;
        ++timesAsked[workload.ns];
        if (!isReachable)
            return ready(
                Result<RunningRelease>(Error{ErrorKind::Unreachable, QStringLiteral("the cluster is away"), {}}));
        RunningRelease release = releases.value(workload.ns);
        release.readAt = readAt.isValid() ? readAt : QDateTime::currentDateTimeUtc();
        return ready(Result<RunningRelease>(release));
    }
    QFuture<Result<Plan>> plan(SetImageOrder order, StopToken) override
    {
        Plan made;
        made.id = QStringLiteral("plan");
        made.connection = order.connection;
        made.ns = order.ns;
        made.plannedAt = QDateTime::currentDateTimeUtc();
        made.from = QStringLiteral("1.4.0");
        PlanStep step;
        step.id = QStringLiteral("1");
        step.title = QStringLiteral("Set the image to ") + order.digest;
        step.call = {order.connection, QStringLiteral("PATCH"), QStringLiteral("/deployments/cart"), {}, "[]"};
        step.expectation.kind = QStringLiteral("workload-rolled-out");
        if (!note.isEmpty())
            step.diff = {{DiffLine::Kind::Added, note}};
        made.steps = {step};
        return ready(Result<Plan>(made));
    }
};

// A claim may find others' entries in front of it, as where it is shared.
class CrowdedBook : public TeamRecordBook
{
public:
    using TeamRecordBook::TeamRecordBook;

    std::function<void()> beforeClaim;                    // once
    bool losesAnswer = false;                             // to whoever claims
    int caughtUp = 0;                                     // how often the others were asked
    std::shared_ptr<QPromise<Result<void>>> hanging = {}; // the others do not answer

    QFuture<Result<void>> catchUp(Touches touches, StopToken stop) override
    {
        ++caughtUp;
        if (hanging)
            return hanging->future();
        return TeamRecordBook::catchUp(touches, std::move(stop));
    }

    QFuture<Result<QString>> appendOn(LedgerEntry entry, QString tip) override
    {
        const bool isCrowded = beforeClaim != nullptr;
        if (isCrowded)
            std::exchange(beforeClaim, {})();
        const auto written =
            isCrowded ? append(std::move(entry)) : TeamRecordBook::appendOn(std::move(entry), std::move(tip));
        if (!losesAnswer)
            return written;
        return after(this, written, [](const QString &) {
            return ready(Result<QString>(Error{ErrorKind::OutcomeUnknown, QStringLiteral("cut off"), {}}));
        });
    }
};

// One person's machine: clusters, operations, a desk. The ledger is everybody's: the same path, or a copy of their own
// that is shared through it.
class Console
{
public:
    enum class Sharing { SamePath, Remote };

    Console(const QString &ledger, const QString &name, std::shared_ptr<ssh::Signer> signer, Sharing sharing)
    {
        const auto key = [signer](StopToken) { return ready(Result<std::shared_ptr<ssh::Signer>>(signer)); };
        TeamLedger::Settings shared;
        shared.path = ledger;
        shared.signer = key;
        if (sharing == Sharing::Remote) {
            shared.path = m_folder.filePath(QStringLiteral("copy.git"));
            shared.remote = ledger;
            shared.access = [ledger](StopToken) {
                git::RemoteAccess access;
                access.url = *git::parseRemoteUrl(ledger);
                return ready(Result<git::RemoteAccess>(access));
            };
        }
        team = std::make_unique<TeamLedger>(shared);
        book = std::make_unique<CrowdedBook>(*team);
        auto connection = std::make_unique<ClusterConnection>();
        connection->id = QStringLiteral("eu");
        connection->source = std::make_unique<QuietSource>();
        connection->store = std::make_unique<ClusterStore>();
        auto made = std::make_unique<FakeDeployer>();
        deployer = made.get();
        connection->deployer = std::move(made);
        clusters.add(std::move(connection));
        setListing(Freshness::State::Live);
        deployed.apply({placeOf(QStringLiteral("staging")), placeOf(QStringLiteral("production"))}, {});
        put(QStringLiteral("staging"), QStringLiteral("1.5.0"), digestOf('7'));
        put(QStringLiteral("production"), QStringLiteral("1.4.0"), digestOf('1'));
        OperationCenter::Settings settings;
        settings.dataFolder = m_folder.path();
        settings.ledger = team->record();
        operations = std::make_unique<OperationCenter>(
            [this](const QString &) {
                return std::optional(OperationPorts{&runner, nullptr});
            },
            settings);
        person = name;
        sitDown();
    }

    std::chrono::milliseconds checksMayBeOld{0}; // from the next sitDown() on
    std::chrono::milliseconds checksLimit{5000};
    std::function<void()> whileRead = {}; // on a worker, each time that the ledger is read

    // How far the cluster's listings are.
    void setListing(Freshness::State state)
    {
        ClusterDelta listed;
        for (const ClusterKind kind :
             {ClusterKind::Deployments, ClusterKind::StatefulSets, ClusterKind::DaemonSets, ClusterKind::Pods})
            listed.freshness[kind].state = state;
        clusters.find(QStringLiteral("eu"))->store->apply(listed);
    }

    // A desk anew, as when the program starts again.
    void sitDown(std::chrono::seconds settleAfter = std::chrono::seconds(60))
    {
        WorldReader::Sources sources;
        sources.clusters = &clusters;
        sources.deployed = &deployed;
        sources.operations = operations.get();
        sources.gatesOf = [this](const QString &) { return gates; };
        sources.runsOf = [this](const QString &) { return runs; };
        sources.deploymentsOf = [this](const QString &) { return deployments; };
        sources.projectsOf = [this](const QString &, const QString &) { return projects; };
        sources.clustersOf = [this](const QString &, const QString &) { return holders; };
        DeskSettings own;
        own.settleAfter = settleAfter;
        own.lookAtRun = std::chrono::milliseconds(0);
        own.checksMayBeOld = checksMayBeOld;
        own.checksLimit = checksLimit;
        own.who = [person = person, whileRead = whileRead] {
            if (whileRead)
                whileRead();
            return Identity{person, person + QStringLiteral("@shop.example"), person, QStringLiteral("desk")};
        };
        desk = std::make_unique<LedgerDesk>(*book, sources, own);
    }

    void put(const QString &ns, const QString &tag, const QString &digest, int minutes = 120)
    {
        RunningRelease release;
        release.workload = workload(ns);
        release.container = QStringLiteral("web");
        release.repository = QStringLiteral("registry.example/cart");
        release.tag = tag;
        release.digest = digest;
        release.image = release.repository + u':' + tag + u'@' + digest;
        release.isPinned = true;
        release.isSettled = true;
        release.podsReady = 2;
        release.podsWanted = 2;
        release.since = QDateTime::currentDateTimeUtc().addSecs(-60 * minutes);
        release.readAt = QDateTime::currentDateTimeUtc();
        release.revision = QString(40, QLatin1Char(digest.back().toLatin1()));
        deployer->releases.insert(ns, release);
    }

    // A copy of the id: it may be the board's own, which is another afterwards.
    policy::PromotionCard card(const QString promotion)
    {
        const auto board = awaited(desk->refresh({}));
        const policy::PromotionCard *found = board ? board->find(promotion) : nullptr;
        if (!board)
            qWarning("%s", qPrintable(board.error().message));
        else if (board->ignoredEntries > 0 || !found)
            qWarning("%d entries do not count: %s", int(board->ignoredEntries),
                     qPrintable(policy::readHead(book->path(), {}, {})->ignored.join(u' ')));
        if (found && found->state == policy::PromotionCard::State::Blocked) {
            for (const policy::RuleResult &rule : found->decision.rules)
                qInfo("%s: %s: %s", qPrintable(policy::ruleName(rule.rule)),
                      qPrintable(policy::ruleStateName(rule.state)), qPrintable(rule.text));
        }
        return found ? *found : policy::PromotionCard();
    }

    static Deployed placeOf(const QString &ns)
    {
        Deployed one;
        one.application = QStringLiteral("cart");
        one.environment = ns;
        one.connection = QStringLiteral("eu");
        one.ns = ns;
        Track track;
        track.workloads = {workload(ns)};
        one.tracks = {track};
        return one;
    }

private:
    static ObjectRef workload(const QString &ns)
    {
        return {QStringLiteral("eu"),   QStringLiteral("apps"),   QStringLiteral("Deployment"), ns,
                QStringLiteral("cart"), QStringLiteral("u-") + ns};
    }
    QTemporaryDir m_folder;

public:
    QString person;
    std::unique_ptr<TeamLedger> team;
    std::unique_ptr<CrowdedBook> book;
    ClusterSet clusters;
    FakeDeployer *deployer = nullptr;
    DeployedStore deployed;
    FakeStepRunner cluster;
    GateKeeper *gates = nullptr;    // of every connection
    PipelineSource *runs = nullptr; // likewise
    DeploymentSource *deployments = nullptr;
    QStringList projects; // that build any application
    QStringList holders;  // clusters that may run any application; empty: all
    std::unique_ptr<OperationCenter> operations;
    std::unique_ptr<LedgerDesk> desk;
    PromotionRunner runner{cluster, [this] { return desk ? desk->steps() : nullptr; }};
};

} // namespace signalbox::test
