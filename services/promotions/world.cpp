#include "services/promotions/world.h"

#include "services/promotions/promotionstext.h"
#include "services/promotions/trafficwatch.h"

#include <algorithm>

namespace signalbox
{

namespace
{

// Labels by which the makers of alerts name what they are about, the most telling first: an application, its workloads,
// what those made ("cart-7d4b9c-x2x9k"), what leads to them.
struct AimingLabels
{
    QStringList labels;
    bool isPrefix = false;
};

const QList<AimingLabels> &aimingLabels()
{
    static const QList<AimingLabels> all{
        {{QStringLiteral("application"), QStringLiteral("app"), QStringLiteral("app_kubernetes_io_name")}, false},
        {{QStringLiteral("workload"), QStringLiteral("deployment"), QStringLiteral("statefulset"),
          QStringLiteral("daemonset")},
         false},
        {{QStringLiteral("pod"), QStringLiteral("replicaset"), QStringLiteral("job_name")}, true},
        {{QStringLiteral("service")}, false}};
    return all;
}

// May as well be the container's own name or that of who scrapes, hence they name this one, but never another.
const QStringList &vagueLabels()
{
    static const QStringList labels{QStringLiteral("job"), QStringLiteral("container")};
    return labels;
}

QStringList namesOf(const QString &application, const PlaceReading &place)
{
    QStringList names{application};
    if (!place.deployed)
        return names;
    for (const Track &track : place.deployed->tracks) {
        for (const ObjectRef &workload : track.workloads)
            names.append(workload.name);
    }
    return names;
}

// A label of what was looked at; where the scraped job has one of this name itself, Prometheus puts it aside as
// "exported_" (honor_labels: false, prometheus.io/docs: configuration, scrape_config). Series of kube-state-metrics
// carry the service of that exporter: it names nothing.
QString alertLabel(const Alert &alert, const QString &name)
{
    const QString exported = alert.labels.value(QStringLiteral("exported_") + name);
    const QString value = exported.isEmpty() ? alert.labels.value(name) : exported;
    return value.contains(QLatin1String("kube-state-metrics")) ? QString() : value;
}

enum class Aim { Nobody, This, Other };

bool isMadeBy(const QString &object, const QStringList &names)
{
    return std::any_of(names.cbegin(), names.cend(), [&object](const QString &name) {
        return object == name || object.startsWith(name + QLatin1Char('-'));
    });
}

// Of these labels one that names another outweighs one that names this.
Aim aimOf(const Alert &alert, const AimingLabels &aiming, const QStringList &names)
{
    Aim aim = Aim::Nobody;
    for (const QString &label : aiming.labels) {
        const QString value = alertLabel(alert, label);
        if (value.isEmpty())
            continue;
        if (!(aiming.isPrefix ? isMadeBy(value, names) : names.contains(value)))
            return Aim::Other;
        aim = Aim::This;
    }
    return aim;
}

Aim aimOf(const Alert &alert, const QStringList &names)
{
    for (const AimingLabels &aiming : aimingLabels()) {
        if (const Aim aim = aimOf(alert, aiming, names); aim != Aim::Nobody)
            return aim;
    }
    const QStringList &vague = vagueLabels();
    const bool isThis = std::any_of(vague.cbegin(), vague.cend(),
                                    [&](const QString &label) { return names.contains(alertLabel(alert, label)); });
    return isThis ? Aim::This : Aim::Nobody;
}

const RunningRelease *settled(const PlaceReading *place)
{
    return place && place->running && place->running->isSettled ? &*place->running : nullptr;
}

// Another model behind the same image is another release, where both say which one they mean.
bool isAsked(const RunningRelease &running, const policy::PromotionRequest &request)
{
    const bool areNamed = !request.model.isEmpty() && !running.model.isEmpty();
    return running.digest == request.subject.digest && (!areNamed || isSameModel(request.model, running.model));
}

} // namespace

World withoutReadingTimes(World world)
{
    world.readAt = {};
    world.alerts.readAt = {};
    for (ApplicationReading &application : world.applications) {
        for (PlaceReading &place : application.places) {
            if (place.isLive)
                place.heardAt = {};
            for (std::optional<RunningRelease> *release : {&place.running, &place.target}) {
                if (*release)
                    (*release)->readAt = {};
            }
            if (place.vendor)
                place.vendor->readAt = {};
        }
    }
    return world;
}

bool PlaceReading::isBusy() const
{
    return isHeld || (target && !target->isSettled);
}

const PlaceReading *ApplicationReading::place(const QString &environment) const
{
    const auto found = std::find_if(places.cbegin(), places.cend(),
                                    [&environment](const PlaceReading &one) { return one.environment == environment; });
    return found == places.cend() ? nullptr : &*found;
}

QStringList alertsAbout(const QList<Alert> &firing, const QString &application, const PlaceReading &place)
{
    const QStringList names = namesOf(application, place);
    // Where no cluster shows it, its namespace is not known: none is another one.
    const QString ns = place.deployed ? place.deployed->ns : QString();
    QStringList about;
    for (const Alert &alert : firing) {
        const QString there = alertLabel(alert, QStringLiteral("namespace"));
        const QString environment = alert.labels.value(QStringLiteral("environment"));
        const bool isElsewhere = (!there.isEmpty() && !ns.isEmpty() && there != ns) ||
                                 (!environment.isEmpty() && environment != place.environment);
        const Aim aim = aimOf(alert, names);
        const bool isHere = (!there.isEmpty() && (there == ns || (ns.isEmpty() && there == place.environment))) ||
                            environment == place.environment;
        if (!isElsewhere && (aim == Aim::This || (aim == Aim::Nobody && isHere)) && !about.contains(alert.name))
            about.append(alert.name);
    }
    return about;
}

policy::Facts factsOf(const World &world, const policy::PromotionRequest &request, const QString &promotion,
                      const QString &before)
{
    policy::Facts facts;
    facts.now = world.readAt;
    const ApplicationReading application = world.applications.value(request.subject.application);
    const SourceReading source = world.sources.value(promotion);
    // A digest names its content for ever; a version is a tag, and what it stands for is looked up again.
    facts.digest = request.subject.digest;
    const PlaceReading *from = before.isEmpty() ? nullptr : application.place(before);
    if (const RunningRelease *running = settled(from);
        running && !request.version.isEmpty() && running->tag == request.version && !running->digest.isEmpty())
        facts.digest = running->digest;
    if (const RunningRelease *running = settled(from);
        running && running->digest == facts.digest && !running->model.isEmpty())
        facts.model = running->model;
    facts.commit = source.commit;
    facts.authors = source.authors;
    if (const RunningRelease *running = settled(from))
        facts.before =
            policy::Running{running->digest, running->since, from->isLive && running->problem.isEmpty(), from->serving};
    const PlaceReading *target = application.place(request.subject.environment);
    if (target && target->target) {
        const bool isOwn = target->isHeld && !promotion.isEmpty() && target->heldBy == promotion;
        facts.isBusy = isOwn ? !target->target->isSettled : target->isBusy();
    }
    if (target && target->vendor)
        facts.isBusy = target->vendor->isBusy;
    if (target && !facts.isBusy)
        facts.busyProblem = target->targetProblem;
    if (target && world.alerts.hasSource)
        facts.alerts = policy::AlertState{world.alerts.isLive, world.alerts.readAt,
                                          alertsAbout(world.alerts.firing, request.subject.application, *target)};
    return facts;
}

void addCommitters(policy::Facts &facts, const policy::Policy &policy, const QStringList &committers)
{
    for (const QString &email : committers) {
        if (facts.authors && policy.author(email) && !facts.authors->contains(email))
            facts.authors->append(email);
    }
}

QList<policy::StalePlace> staleOf(const World &world, const policy::Subject &subject, const QString &before,
                                  const QList<policy::RuleResult> &rules)
{
    const bool asksBefore = std::any_of(rules.cbegin(), rules.cend(), [](const policy::RuleResult &rule) {
        return rule.counts && rule.state == policy::RuleResult::State::Unknown &&
               (rule.rule == policy::Rule::SameDigest || rule.rule == policy::Rule::Soak);
    });
    const ApplicationReading application = world.applications.value(subject.application);
    QList<policy::StalePlace> stale;
    for (const QString &environment : {asksBefore ? before : QString(), subject.environment}) {
        const PlaceReading *place = application.place(environment);
        if (environment.isEmpty() || (place && place->isLive))
            continue;
        const QString problem = place ? place->problem : QString();
        stale.append({environment, place ? place->heardAt : QDateTime(),
                      problem.isEmpty()
                          ? PromotionsText::tr("What %1 runs in %2 is not known.").arg(subject.application, environment)
                          : problem});
    }
    return stale;
}

namespace
{

// Trouble of a track that gets no traffic and that nobody is about to set is not the place's.
Health healthThere(const PlaceReading &place, bool isTarget)
{
    const Deployed &deployed = *place.deployed;
    if (deployed.health != Health::Failing || deployed.tracks.size() < 2)
        return deployed.health;
    std::optional<Health> health; // none: nothing gets traffic, so all of them are what there is
    for (const Track &track : deployed.tracks) {
        const bool isSet = isTarget && place.target && track.workloads.contains(place.target->workload);
        if (track.share.value_or(1) > 0 || isSet)
            health = worse(health.value_or(track.health), track.health);
    }
    // Nothing but an idle track explains it only where one of those is failing.
    const bool isIdleOnes = std::any_of(deployed.tracks.cbegin(), deployed.tracks.cend(), [](const Track &track) {
        return track.health == Health::Failing && track.share.value_or(1) <= 0;
    });
    return isIdleOnes ? health.value_or(deployed.health) : deployed.health;
}

} // namespace

QList<policy::PathPlace> pathOf(const World &world, const policy::PromotionRequest &request, const QString &before)
{
    const policy::Subject &subject = request.subject;
    using State = policy::PathPlace::State;
    QList<policy::PathPlace> path;
    const ApplicationReading application = world.applications.value(subject.application);
    for (const PlaceReading &reading : application.places) {
        policy::PathPlace place;
        place.environment = reading.environment;
        place.isTarget = reading.environment == subject.environment;
        place.isSource = !before.isEmpty() && reading.environment == before;
        place.problem = reading.problem;
        if (reading.deployed && isSeenNow(reading.deployed->freshness)) {
            place.health = healthThere(reading, place.isTarget);
            if (place.health == reading.deployed->health)
                place.trouble = reading.deployed->state;
        }
        if (const auto &running = reading.running) {
            place.version = running->tag.isEmpty() ? policy::shortDigest(running->digest) : running->tag;
            place.digest = running->digest;
            place.image = running->image;
            place.model = servedModelText(running->model);
            place.since = running->since;
            if (place.problem.isEmpty())
                place.problem = running->problem;
            place.state = reading.isBusy() || !running->isSettled ? State::Busy
                          : running->digest.isEmpty()             ? State::Unknown
                          : isAsked(*running, request)            ? State::Runs
                                                                  : State::Other;
        } else if (const auto &told = reading.vendor) { // a commit, so whether it is what is asked for is not told
            place.problem = told->text();
            if (told->live) {
                place.version = told->live->ref.isEmpty() ? policy::shortCommit(told->live->commit) : told->live->ref;
                place.since = told->live->finishedAt.isValid() ? told->live->finishedAt : told->live->at;
            }
            if (told->isBusy.value_or(false))
                place.state = State::Busy;
        } else if (place.problem.isEmpty()) {
            place.problem =
                PromotionsText::tr("No cluster runs %1 in %2.").arg(subject.application, reading.environment);
        }
        path.append(place);
    }
    return path;
}

} // namespace signalbox
