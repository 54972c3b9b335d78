#include "services/promotions/awaitedrelease.h"

#include "services/promotions/promotionstext.h"
#include "services/promotions/repositorystep.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>

namespace signalbox
{

namespace
{

using AwaitJson = nlohmann::json;

constexpr std::chrono::minutes awaitedWithin{45}; // a deploying pipeline builds, tests and rolls out behind its gate

QString awaitKind()
{
    return QStringLiteral("ledger-release-runs");
}

// Pods name the digest of what they run where the template names only a tag.
bool isRelease(const RunningRelease &running, const QString &digest)
{
    return running.digest == digest || (running.digest.isEmpty() && running.podDigests == QStringList{digest});
}

bool hasArrived(const std::optional<RunningRelease> &running, const QString &digest)
{
    return running && running->isSettled && isRelease(*running, digest);
}

QString onTrackText(const AwaitedRelease &release, const PlaceReading &place)
{
    const policy::Subject &subject = release.subject;
    bool isIdle = false;
    for (const Track &track : place.deployed->tracks)
        isIdle = isIdle || (track.name == release.track && track.share && *track.share == 0.0);
    return isIdle ? PromotionsText::tr("%1 has %2 in %3 on the track %4, without traffic")
                        .arg(subject.application, release.name(), subject.environment, release.track)
                  : PromotionsText::tr("%1 has %2 in %3 on the track %4; most traffic goes elsewhere")
                        .arg(subject.application, release.name(), subject.environment, release.track);
}

Observation observationNow(Observation::State state, const QString &text)
{
    Observation seen;
    seen.state = state;
    seen.text = text;
    seen.at = QDateTime::currentDateTimeUtc();
    return seen;
}

Observation arrivedNow(const QString &text)
{
    Observation seen = observationNow(Observation::State::Effective, text);
    seen.progress = 1;
    return seen;
}

// Not what was live before. Where that was not told, only what is younger than the plan or of the gate's own run.
bool isNewOne(const VendorPlace &vendor, const AwaitedRelease &release)
{
    const EnvironmentDeployment &live = *vendor.live;
    if (release.isTold)
        return live.id != release.toldBefore;
    const bool isOfRun = release.run && !live.run.id.isEmpty() && live.run.id == release.run->id &&
                         vendor.connection == release.run->pipeline.connection &&
                         vendor.project == release.run->pipeline.project;
    const auto isYounger = [&release](const QDateTime &time) {
        return release.plannedAt.isValid() && time.isValid() && time > release.plannedAt;
    };
    return isOfRun || isYounger(live.at) || isYounger(live.finishedAt);
}

// The commit's deployment succeeded there: the vendor's word for it, and nobody saw anything run.
Observation toldBy(const VendorPlace &vendor, const AwaitedRelease &release)
{
    const bool isNew = vendor.live && isNewOne(vendor, release);
    if (!isNew || release.subject.commit.isEmpty() || vendor.live->commit != release.subject.commit)
        return observationNow(Observation::State::Pending, vendor.text());
    Observation seen = arrivedNow(PromotionsText::tr("deployment %1 of %2 is live by %3; no cluster shows it")
                                      .arg(vendor.live->id, release.name(), vendor.source()));
    seen.isConfirmed = false;
    return seen;
}

} // namespace

AwaitedRelease awaitedNow(const policy::Subject &subject, const QString &version, const QString &track,
                          const PlaceReading &place)
{
    const bool hasIt = place.target && isRelease(*place.target, subject.digest);
    AwaitedRelease release{subject, version, place.deployed.has_value(), hasIt ? QString() : track};
    release.isTold = place.vendor.has_value();
    release.plannedAt = QDateTime::currentDateTimeUtc();
    if (place.vendor && place.vendor->live)
        release.toldBefore = place.vendor->live->id;
    return release;
}

QString AwaitedRelease::name() const
{
    return version.isEmpty() ? policy::shortDigest(subject.digest)
                             : QStringLiteral("%1 (%2)").arg(version, policy::shortDigest(subject.digest));
}

PlanStep awaitStep(const AwaitedRelease &release, const QString &connection)
{
    const policy::Subject &subject = release.subject;
    PlanStep step;
    step.id = QStringLiteral("runs");
    step.title = release.isShown ? PromotionsText::tr("Wait until %1 runs %2 in %3")
                                       .arg(subject.application, release.name(), subject.environment)
                                 : PromotionsText::tr("Look whether %1 runs %2 in %3")
                                       .arg(subject.application, release.name(), subject.environment);
    step.through = PromotionsText::tr("The clusters");
    step.call.connection = connection;
    step.call.method = QStringLiteral("LOOK"); // callsNothing()
    step.call.path = QStringLiteral("applications/%1/%2").arg(subject.application, subject.environment);
    step.expectation.kind = awaitKind();
    AwaitJson data{{"application", subject.application.toStdString()},
                   {"environment", subject.environment.toStdString()},
                   {"digest", subject.digest.toStdString()},
                   {"commit", subject.commit.toStdString()},
                   {"version", release.version.toStdString()},
                   {"shown", release.isShown},
                   {"track", release.track.toStdString()},
                   {"told", release.isTold},
                   {"toldBefore", release.toldBefore.toStdString()},
                   {"plannedAt", release.plannedAt.toUTC().toString(Qt::ISODateWithMs).toStdString()}};
    if (release.run)
        data["run"] = {{"connection", release.run->pipeline.connection.toStdString()},
                       {"project", release.run->pipeline.project.toStdString()},
                       {"pipeline", release.run->pipeline.pipeline.toStdString()},
                       {"id", release.run->id.toStdString()},
                       {"number", release.runNumber.toStdString()}};
    step.expectation.data = QByteArray::fromStdString(data.dump());
    step.deadline = awaitedWithin;
    return step;
}

bool isAwaitStep(const PlanStep &step)
{
    return step.expectation.kind == awaitKind();
}

std::optional<AwaitedRelease> awaitedOf(const PlanStep &step)
{
    if (!isAwaitStep(step))
        return std::nullopt;
    const QByteArray &data = step.expectation.data;
    const AwaitJson json = AwaitJson::parse(data.begin(), data.end(), nullptr, false);
    if (!json.is_object())
        return std::nullopt;
    AwaitedRelease release;
    release.subject = {textOf(json, "application"), textOf(json, "environment"), textOf(json, "digest"),
                       textOf(json, "commit")};
    release.version = textOf(json, "version");
    const auto shown = json.find("shown");
    release.track = textOf(json, "track");
    release.isShown = shown == json.end() || *shown != AwaitJson(false);
    const auto told = json.find("told");
    release.isTold = told != json.end() && *told == AwaitJson(true);
    release.toldBefore = textOf(json, "toldBefore");
    release.plannedAt = QDateTime::fromString(textOf(json, "plannedAt"), Qt::ISODateWithMs);
    if (const auto run = json.find("run"); run != json.end() && run->is_object()) {
        release.run = {{textOf(*run, "connection"), textOf(*run, "project"), textOf(*run, "pipeline")},
                       textOf(*run, "id")};
        release.runNumber = textOf(*run, "number");
    }
    if (release.subject.application.isEmpty() || release.subject.digest.isEmpty())
        return std::nullopt;
    return release;
}

Check awaitCheck(const AwaitedRelease &release, const PlaceReading &place, bool breaksGlass)
{
    const policy::Subject &subject = release.subject;
    if (release.isShown && place.deployed)
        return {CheckId::TargetExists,
                CheckState::Pass,
                PromotionsText::tr("Whether it runs will be seen in %1").arg(place.deployed->connection),
                {},
                {}};
    if (place.vendor)
        return {CheckId::TargetExists, CheckState::Warn,
                PromotionsText::tr("No cluster shows %1 in %2: only the vendor will tell")
                    .arg(subject.application, subject.environment),
                place.vendor->text(),
                PromotionsText::tr("The ledger will say that no cluster showed the effect: it counts for no soak time "
                                   "and no figure. Add the cluster to the workspace to see it.")};
    if (breaksGlass)
        return {
            CheckId::TargetExists, CheckState::Warn,
            PromotionsText::tr("Whether %1 runs in %2 will not be seen").arg(subject.application, subject.environment),
            place.problem,
            PromotionsText::tr("The gate can be opened, and the ledger will say that nobody saw the effect: it counts "
                               "for no soak time and no figure. Add the cluster to the workspace to see it.")};
    return {CheckId::TargetExists, CheckState::Block,
            PromotionsText::tr("Whether %1 runs in %2 would not be seen").arg(subject.application, subject.environment),
            place.problem,
            PromotionsText::tr("A promotion is carried out only where its effect can be seen: add the cluster to the "
                               "workspace, or decide the gate at the vendor.")};
}

Result<Observation> awaitedIn(const AwaitedRelease &release, const PlaceReading &place, bool isListed)
{
    using State = Observation::State;
    const policy::Subject &subject = release.subject;
    if (!place.deployed) {
        if (!isListed && (release.isShown || release.isTold)) // else it was begun without: under broken glass
            return Error{ErrorKind::Unreachable, place.problem, {}};
        if (release.isShown)
            return observationNow(State::Pending, place.problem);
        if (place.vendor)
            return toldBy(*place.vendor, release);
        if (release.isTold)
            return Error{ErrorKind::Unreachable, place.problem, {}};
        Observation unseen =
            observationNow(State::Effective, PromotionsText::tr("the gate is open; whether %1 runs in %2 was not seen: "
                                                                "%3")
                                                 .arg(release.name(), subject.environment, place.problem));
        unseen.isConfirmed = false;
        return unseen;
    }
    if (!place.isLive && !place.running)
        return Error{
            ErrorKind::Unreachable,
            place.problem.isEmpty()
                ? PromotionsText::tr("What %1 runs in %2 is not known.").arg(subject.application, subject.environment)
                : place.problem,
            {}};
    if (hasArrived(place.running, subject.digest))
        return arrivedNow(
            PromotionsText::tr("%1 runs %2 in %3").arg(subject.application, release.name(), subject.environment));
    const std::optional<RunningRelease> target = release.track.isEmpty() ? std::nullopt : place.target;
    if (hasArrived(target, subject.digest))
        return arrivedNow(onTrackText(release, place));
    QString text = place.problem;
    double progress = -1;
    for (const std::optional<RunningRelease> &one : {place.running, target}) {
        if (one && isRelease(*one, subject.digest)) {
            text = readyPodsText(*one);
            if (one->podsReady && one->podsWanted > 0)
                progress = std::min(1.0, double(*one->podsReady) / one->podsWanted);
        } else if (one && text.isEmpty())
            text = !one->problem.isEmpty() ? one->problem
                                           : PromotionsText::tr("%1 still runs %2")
                                                 .arg(subject.environment,
                                                      one->tag.isEmpty() ? policy::shortDigest(one->digest) : one->tag);
    }
    Observation seen = observationNow(State::Pending, text);
    seen.progress = progress;
    return seen;
}

Observation withRun(const AwaitedRelease &release, const Observation &seen, const RunDetail &detail)
{
    const Run &run = detail.run;
    const bool isGood = run.state == RunState::Passed || run.state == RunState::Unstable;
    if (seen.state != Observation::State::Pending || !isEnded(run.state) || isGood)
        return seen;
    Observation told = seen;
    told.blocker = PromotionsText::tr("run %1 that should bring it ended: %2")
                       .arg(release.runNumber.isEmpty() ? run.ref.id : release.runNumber, runStateLabel(run.state));
    if (!run.reason.isEmpty())
        told.blocker += QStringLiteral(" (%1)").arg(run.reason);
    // Nothing more comes only where the jobs that deploy there did not pass: the run may have ended so by another one.
    bool isTold = false;
    bool hasPassed = false;
    for (const Job &job : detail.jobs) {
        if (job.environment.compare(release.subject.environment, Qt::CaseInsensitive) != 0)
            continue;
        isTold = true;
        hasPassed = hasPassed || job.state == RunState::Passed || job.state == RunState::Unstable;
    }
    if (isTold && !hasPassed)
        told.state = Observation::State::Failed;
    return told;
}

} // namespace signalbox
