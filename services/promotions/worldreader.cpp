#include "services/promotions/worldreader.h"

#include "services/async/chain.h"
#include "services/async/deliver.h"
#include "services/feeds/clusterset.h"
#include "services/feeds/metricset.h"
#include "services/operations/operationcenter.h"
#include "services/promotions/promotionplan.h"
#include "services/promotions/promotionstext.h"
#include "services/promotions/registryreading.h"
#include "services/promotions/sourcereader.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QLoggingCategory>
#include <QPointer>
#include <QSaveFile>
#include <QSet>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <memory>

namespace signalbox
{

namespace
{

Q_LOGGING_CATEGORY(worldLog, "signalbox.services.promotions")

constexpr std::chrono::milliseconds mayBeOld{60'000}; // an answer that nothing speaks against
constexpr std::chrono::milliseconds trafficEvery{60'000};

// The workload of a track that is the application itself; empty: `problem` says why not.
ObjectRef workloadOf(const Track &track, const QString &application, QString *problem)
{
    if (track.workloads.size() == 1)
        return track.workloads.first();
    QStringList names;
    for (const ObjectRef &workload : track.workloads) {
        if (workload.name == application || workload.name == application + u'-' + track.name)
            return workload;
        names.append(workload.name);
    }
    *problem = names.isEmpty()
                   ? PromotionsText::tr("%1 has no workload there.").arg(application)
                   : PromotionsText::tr("Which of the workloads %1 is %2 cannot be told: call one of them %2.")
                         .arg(names.join(QStringLiteral(", ")), application);
    return {};
}

const Track *targetTrack(const Deployed &deployed, const QString &wanted, QString *problem)
{
    QStringList names;
    const Track *idle = nullptr;
    int idles = 0;
    for (const Track &track : deployed.tracks) {
        names.append(track.name);
        if (!wanted.isEmpty() && track.name == wanted)
            return &track;
        if (track.share && *track.share == 0.0) {
            idle = &track;
            ++idles;
        }
    }
    if (!wanted.isEmpty()) {
        *problem = PromotionsText::tr("The policy sets the track %1, but %2 has %3 in %4.")
                       .arg(wanted, deployed.application, names.join(QStringLiteral(", ")), deployed.environment);
        return nullptr;
    }
    if (deployed.tracks.size() == 1)
        return &deployed.tracks.first();
    if (idles == 1)
        return idle;
    *problem = PromotionsText::tr(
                   "%1 has the tracks %2 in %3, and not exactly one of them is without traffic: name the one to "
                   "set in the policy (execution, track).")
                   .arg(deployed.application, names.join(QStringLiteral(", ")), deployed.environment);
    return nullptr;
}

} // namespace

WorldReader::WorldReader(Sources sources, QObject *parent)
    : QObject(parent)
    , m_sources(std::move(sources))
{
    if (!m_sources.deployed)
        return;
    connect(m_sources.deployed, &DeployedStore::changed, this,
            [this](const QStringList &upserted, const QStringList &removed) {
                const QDateTime now = QDateTime::currentDateTimeUtc();
                for (const QString &key : upserted) {
                    if (const Deployed *one = m_sources.deployed->find(key))
                        m_traffic.note(*one, now);
                }
                for (const QString &key : removed)
                    m_traffic.forget(key);
            });
    m_trafficTick.setInterval(trafficEvery);
    connect(&m_trafficTick, &QTimer::timeout, this, &WorldReader::watchTraffic);
    m_trafficTick.start();
    watchTraffic();
}

WorldReader::~WorldReader() = default;

// What rests tells nothing by itself.
void WorldReader::watchTraffic()
{
    const QDateTime now = QDateTime::currentDateTimeUtc();
    for (const Deployed &one : m_sources.deployed->all())
        m_traffic.note(one, now);
    keepTraffic(now);
}

void WorldReader::keepTrafficIn(std::function<QString()> file)
{
    m_trafficFile = std::move(file);
    const auto read = m_files.run([path = m_trafficFile()]() -> Result<QByteArray> {
        QFile kept(path); // there is none before the first
        return !path.isEmpty() && kept.open(QIODevice::ReadOnly) ? kept.readAll() : QByteArray();
    });
    deliver(read, {}, this, [this](const Result<QByteArray> &kept) {
        if (kept && !kept->isEmpty() && !m_traffic.resume(*kept))
            qCWarning(worldLog).noquote()
                << "What was seen of the traffic before cannot be read, it counts from now on:" << m_trafficFile();
        keepTraffic(QDateTime::currentDateTimeUtc());
    });
}

// A crash may come at any time, and a restart has to follow within TrafficWatch::mostGap: hence with each look.
void WorldReader::keepTraffic(const QDateTime &now)
{
    const QByteArray kept = m_trafficFile ? m_traffic.kept(now) : QByteArray();
    const QString path = kept.isEmpty() ? QString() : m_trafficFile();
    if (path.isEmpty())
        return;
    const auto done = m_files.run([path, kept]() -> Result<void> {
        if (!QFileInfo(path).dir().exists())
            return {};
        QSaveFile file(path);
        if (file.open(QIODevice::WriteOnly) && file.write(kept) == kept.size() && file.commit())
            return {};
        return Error{ErrorKind::Internal, path + QLatin1String(": ") + file.errorString(), {}};
    });
    deliver(done, {}, this, [](const Result<void> &result) {
        if (!result)
            qCWarning(worldLog).noquote() << "What is seen of the traffic is not kept:" << result.error().message;
    });
}

// One that never answered may run anything, unless the workspace says where this is.
QString WorldReader::whyNotListed(const QString &application, const QString &environment) const
{
    if (!m_sources.clusters)
        return {};
    const QStringList holders = m_sources.clustersOf ? m_sources.clustersOf(application, environment) : QStringList();
    QString problem;
    for (const auto &cluster : m_sources.clusters->all()) {
        if (!holders.isEmpty() && !holders.contains(cluster->id))
            continue;
        const Freshness listing = cluster->store->worstFreshness(
            {ClusterKind::Deployments, ClusterKind::StatefulSets, ClusterKind::DaemonSets, ClusterKind::Pods});
        if (listing.state == Freshness::State::Loading)
            return PromotionsText::tr("The clusters are still being read.");
        if (listing.isLive() || !problem.isEmpty())
            continue;
        const QString name = cluster->title.isEmpty() ? cluster->id : cluster->title;
        const QString why = listing.error ? listing.error->message : QString();
        problem = PromotionsText::tr("What the cluster %1 runs could not be read: %2")
                      .arg(name, why.isEmpty() ? PromotionsText::tr("its listing is not complete.") : why);
    }
    return problem;
}

QFuture<Result<PlaceReading>> WorldReader::readPlace(const policy::Policy &policy, const QString &application,
                                                     const QString &environment, For purpose, const StopToken &stop)
{
    auto place = std::make_shared<PlaceReading>();
    place->environment = environment;
    const QString name = application + u'\n' + environment;
    place->heardAt = m_heard.value(name);
    const auto none = [place](const QString &problem) {
        place->problem = problem;
        if (place->targetProblem.isEmpty())
            place->targetProblem = problem;
        return ready(Result<PlaceReading>(*place));
    };
    QList<Deployed> found;
    if (m_sources.deployed) {
        for (const Deployed &one : m_sources.deployed->all()) {
            if (one.application == application && one.environment == environment)
                found.append(one);
        }
    }
    const policy::EnvironmentPolicy *rules = policy.rules(application, environment);
    if (found.isEmpty() && isListed(application, environment) && rules &&
        rules->execution.kind == policy::Execution::Kind::VendorGate)
        return readVendor(*rules, application, *place, purpose, stop);
    if (found.isEmpty())
        return none(isListed(application, environment)
                        ? PromotionsText::tr("No cluster runs %1 in %2.").arg(application, environment)
                        : whyNotListed(application, environment));
    if (found.size() > 1)
        return none(
            PromotionsText::tr(
                "%1 runs in %2 in several places (%3); a promotion goes to one. Name them as environments "
                "of their own in the workspace.")
                .arg(application, environment, found.at(0).connection + QStringLiteral(", ") + found.at(1).connection));
    const Deployed &deployed = found.first();
    place->deployed = deployed;
    m_traffic.note(deployed, QDateTime::currentDateTimeUtc());
    place->serving = m_traffic.serving(deployed);
    if (m_sources.operations) {
        if (const Operation *holder = m_sources.operations->holderOf(deployed.key())) {
            place->isHeld = true;
            place->heldBy = claimOf(holder->plan()).value_or(ClaimOrder{}).claim.promotion;
        }
    }
    ClusterConnection *cluster = m_sources.clusters ? m_sources.clusters->find(deployed.connection) : nullptr;
    if (!cluster || !cluster->deployer)
        return none(PromotionsText::tr("The connection %1 cannot tell which release runs.").arg(deployed.connection));
    const ObjectRef live = workloadOf(deployed.tracks.first(), application, &place->problem);
    const Track *track = targetTrack(deployed, rules ? rules->execution.track : QString(), &place->targetProblem);
    const ObjectRef target = track ? workloadOf(*track, application, &place->targetProblem) : ObjectRef();
    Deployer *deployer = cluster->deployer.get();
    QList<QFuture<Result<RunningRelease>>> questions{readRunning(*deployer, deployed, live, purpose, stop)};
    if (!(target == live))
        questions.append(readRunning(*deployer, deployed, target, purpose, stop));
    return after(this, gathered(this, questions), [this, place, name](const QList<Result<RunningRelease>> &answers) {
        const Result<RunningRelease> &running = answers.first();
        const Result<RunningRelease> &set = answers.last();
        place->isLive = running.has_value();
        if (place->isLive) { // an answer that is taken again was given then
            place->heardAt = running->readAt.isValid() ? running->readAt : QDateTime::currentDateTimeUtc();
            m_heard.insert(name, place->heardAt);
        }
        if (running)
            place->running = *running;
        else if (place->problem.isEmpty())
            place->problem = running.error().message;
        if (set)
            place->target = *set;
        else if (place->targetProblem.isEmpty())
            place->targetProblem = set.error().message;
        return ready(Result<PlaceReading>(*place));
    });
}

// The one reason why nothing tells it, and what to do: nothing is let through on what is not known.
QFuture<Result<PlaceReading>> WorldReader::readVendor(const policy::EnvironmentPolicy &rules,
                                                      const QString &application, const PlaceReading &place,
                                                      For purpose, const StopToken &stop)
{
    const QString connection = rules.execution.connection;
    const bool holdsBack = rules.oneAtATime; // also under broken glass: the target has to be known as not busy
    const auto untold = [application, place, holdsBack](const QString &why) {
        PlaceReading reading = place;
        reading.problem =
            PromotionsText::tr("No cluster of the workspace shows %1 in %2, and %3 Mend that, or add its "
                               "cluster to the workspace; until then only breaking the glass lets a promotion in.")
                .arg(application, place.environment, why);
        reading.targetProblem = !holdsBack
                                    ? reading.problem
                                    : PromotionsText::tr("No cluster of the workspace shows %1 in %2, and %3 Mend "
                                                         "that, or add its cluster to the workspace.")
                                          .arg(application, place.environment, why);
        return ready(Result<PlaceReading>(reading));
    };
    DeploymentSource *const source = m_sources.deploymentsOf ? m_sources.deploymentsOf(connection) : nullptr;
    if (!source)
        return untold(PromotionsText::tr("the connection %1 keeps no deployments.").arg(connection));
    const QStringList projects = m_sources.projectsOf ? m_sources.projectsOf(application, connection) : QStringList();
    if (projects.size() != 1)
        return untold(projects.isEmpty()
                          ? PromotionsText::tr("which project of %1 builds it cannot be told: the workspace names "
                                               "none, or one that is not there (applications, pipelines).")
                                .arg(connection)
                          : PromotionsText::tr("which of the projects %1 deploys it cannot be told.")
                                .arg(projects.join(QStringLiteral(", "))));
    const QString &gate = rules.execution.gate; // which of the project's environments is meant
    const QString key = QStringList{application, place.environment, connection, projects.first(), gate}.join(u'\n');
    const auto told = [place](const VendorPlace &vendor) {
        PlaceReading reading = place;
        reading.vendor = vendor;
        reading.isLive = true;
        reading.heardAt = vendor.readAt;
        reading.problem = vendor.text();
        reading.targetProblem = reading.problem;
        return ready(Result<PlaceReading>(reading));
    };
    const auto mayBe = purpose == For::Look ? std::max(mayBeOld, m_vendorMayBeOld) : m_vendorMayBeOld;
    // Of a connection that was made anew since, nothing has been asked yet.
    m_told.removeIf([](const auto &known) { return known.value().source.isNull(); });
    const VendorAnswer known = m_told.value(key);
    const bool isKnown = known.source == source && known.holds(mayBe);
    if (!isKnown) {
        VendorAnswer asked;
        asked.source = source;
        asked.asked.start();
        asked.askedAt = QDateTime::currentDateTimeUtc();
        asked.answer = readVendorPlace(this, *source, connection, projects.first(), {gate, place.environment}, stop);
        m_told.insert(key, asked);
    }
    return afterAny(
        this, m_told.value(key).answer,
        [=, this, rules = rules](const Result<VendorPlace> &vendor) -> QFuture<Result<PlaceReading>> {
            if (vendor)
                return told(*vendor);
            if (vendor.error().kind != ErrorKind::Cancelled)
                return untold(PromotionsText::tr("its deployments could not be read: %1").arg(vendor.error().message));
            if (isKnown && !stop.stop_requested()) // only who asked first wants it no more
                return readVendor(rules, application, place, purpose, stop);
            return ready(Result<PlaceReading>(vendor.error()));
        });
}

bool WorldReader::VendorAnswer::holds(std::chrono::milliseconds mayBe) const
{
    const QDateTime now = QDateTime::currentDateTimeUtc();
    if (answer.isFinished()) {
        const Result<VendorPlace> told =
            answer.resultCount() > 0 ? answer.result() : Result<VendorPlace>(Error{ErrorKind::Cancelled, {}, {}});
        if (!told && told.error().kind == ErrorKind::Cancelled)
            return false;
        if (!told)
            mayBe = std::max(mayBe, patienceAfter(told.error()));
        else if (told->readAt.addMSecs(mayBe.count()) <= now)
            return false;
    }
    return asked.isValid() && !asked.hasExpired(mayBe.count()) && askedAt.addMSecs(mayBe.count()) > now;
}

// The clusters change all the time somewhere. What has come to rest and whose watches are live is as it was when they
// told the same of it; what is on its way is asked until it is there.
QFuture<Result<RunningRelease>> WorldReader::readRunning(Deployer &deployer, const Deployed &deployed,
                                                         const ObjectRef &workload, For purpose, const StopToken &stop)
{
    if (workload.name.isEmpty())
        return ready(Result<RunningRelease>(Error{ErrorKind::NotFound, {}, {}}));
    const QString key = workload.connection + u'\n' + workload.uid + u'\n' + deployed.application;
    const auto known = m_answers.constFind(key);
    if (purpose == For::Look && known != m_answers.constEnd() && known->deployed == deployed &&
        deployed.freshness.isLive() && known->release.isSettled && known->release.problem.isEmpty() &&
        known->release.readAt.addMSecs(mayBeOld.count()) > QDateTime::currentDateTimeUtc() &&
        !known->asked.hasExpired(mayBeOld.count()))
        return ready(Result<RunningRelease>(known->release));
    m_answers.remove(key); // whatever becomes of the question: an older answer is none to it
    QElapsedTimer now;
    now.start();
    const auto asked = after(this, deployer.running(workload, deployed.application, stop),
                             [this, stop](const RunningRelease &release) {
                                 return withRegistry(this, registryOf(release.repository), release, stop);
                             });
    return after(this, asked, [this, key, deployed, now](const RunningRelease &release) {
        forgetGone();
        m_answers.insert(key, {deployed, release, now});
        return ready(Result<RunningRelease>(release));
    });
}

void WorldReader::forgetGone()
{
    QSet<QString> listed;
    for (const Deployed &one : m_sources.deployed ? m_sources.deployed->all() : QList<Deployed>())
        listed.insert(one.key());
    for (auto it = m_answers.begin(); it != m_answers.end();)
        it = listed.contains(it->deployed.key()) ? std::next(it) : m_answers.erase(it);
}

QFuture<Result<PlaceReading>> WorldReader::place(const policy::Policy &policy, const QString &application,
                                                 const QString &environment, const StopToken &stop)
{
    return readPlace(policy, application, environment, For::Decide, stop);
}

QFuture<Result<ApplicationReading>> WorldReader::readApplication(const policy::Policy &policy,
                                                                 const QString &application, const StopToken &stop)
{
    return readApplication(policy, application, For::Decide, stop);
}

QFuture<Result<ApplicationReading>> WorldReader::readApplication(const policy::Policy &policy,
                                                                 const QString &application, For purpose,
                                                                 const StopToken &stop)
{
    const policy::PromotionPath *path = policy.path(application);
    QList<QFuture<Result<PlaceReading>>> questions;
    for (const QString &environment : path ? path->environments : QStringList())
        questions.append(readPlace(policy, application, environment, purpose, stop));
    return after(this, gathered(this, questions), [](const QList<Result<PlaceReading>> &answers) {
        ApplicationReading reading;
        for (const Result<PlaceReading> &answer : answers) {
            if (!answer)
                return ready(Result<ApplicationReading>(answer.error()));
            reading.places.append(*answer);
        }
        return ready(Result<ApplicationReading>(reading));
    });
}

QFuture<Result<AlertsReading>> WorldReader::readAlerts(const StopToken &stop)
{
    QList<QFuture<Result<QList<Alert>>>> questions;
    if (m_sources.metrics) {
        for (const auto &source : m_sources.metrics->all())
            questions.append(source->alerts(stop));
    }
    return after(this, gathered(this, questions), [](const QList<Result<QList<Alert>>> &answers) {
        AlertsReading reading;
        reading.hasSource = !answers.isEmpty();
        reading.isLive = std::all_of(answers.cbegin(), answers.cend(), [](const auto &one) { return one.has_value(); });
        reading.readAt = QDateTime::currentDateTimeUtc();
        for (const Result<QList<Alert>> &answer : answers) {
            for (const Alert &alert : answer ? *answer : QList<Alert>()) {
                if (alert.state == Alert::State::Firing)
                    reading.firing.append(alert);
                if (alert.state == Alert::State::Unknown)
                    reading.isLive = false; // whether it fires is not known
            }
        }
        return ready(Result<AlertsReading>(reading));
    });
}

QFuture<Result<SourceReading>> WorldReader::readSource(const PromotionInQuestion &question,
                                                       const ApplicationReading &application, bool fetches,
                                                       const StopToken &stop)
{
    SourceRepository *repository =
        m_sources.repositoryOf ? m_sources.repositoryOf(question.request.subject.application) : nullptr;
    // Under a digest the label never changes: it is asked for whether or not the release runs anywhere.
    const PlaceReading *target = application.place(question.request.subject.environment);
    const QString image = target && target->target ? target->target->repository : QString();
    ArtifactRegistry *registry = image.isEmpty() ? nullptr : registryOf(image);
    if (!registry)
        return readPromotionSource(this, repository, question, application, fetches, stop);
    const QPointer<SourceRepository> source(repository);
    return afterAny(this, registry->describe(image, question.request.subject.digest, stop),
                    [=, this](const Result<Artifact> &artifact) {
                        PromotionInQuestion labelled = question;
                        labelled.label = artifact ? artifact->revision : QString();
                        return readPromotionSource(this, source, labelled, application, fetches, stop);
                    });
}

ArtifactRegistry *WorldReader::registryOf(const QString &repository) const
{
    return m_sources.registryOf ? m_sources.registryOf(repository) : nullptr;
}

QFuture<Result<World>> WorldReader::read(const policy::Policy &policy, const QList<PromotionInQuestion> &questions,
                                         For purpose, const StopToken &stop)
{
    QStringList names;
    for (const PromotionInQuestion &question : questions) {
        if (!names.contains(question.request.subject.application))
            names.append(question.request.subject.application);
    }
    QList<QFuture<Result<ApplicationReading>>> asked;
    for (const QString &name : names)
        asked.append(readApplication(policy, name, purpose, stop));
    const auto alerts = readAlerts(stop);
    auto world = std::make_shared<World>();
    return after(this, gathered(this, asked), [=, this](const QList<Result<ApplicationReading>> &answers) {
        for (qsizetype i = 0; i < names.size(); ++i)
            world->applications.insert(names.at(i), answers.at(i).value_or(ApplicationReading()));
        QList<QFuture<Result<SourceReading>>> sources;
        for (const PromotionInQuestion &question : questions)
            sources.append(readSource(question, world->applications.value(question.request.subject.application),
                                      purpose == For::Decide, stop));
        return after(this, gathered(this, sources), [=, this](const QList<Result<SourceReading>> &read) {
            for (qsizetype i = 0; i < questions.size(); ++i)
                world->sources.insert(questions.at(i).promotion, read.at(i).value_or(SourceReading()));
            return after(this, alerts, [world](const AlertsReading &firing) {
                world->alerts = firing;
                world->readAt = QDateTime::currentDateTimeUtc();
                return ready(Result<World>(*world));
            });
        });
    });
}

} // namespace signalbox
