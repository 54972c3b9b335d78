#include "services/promotions/world.h"

#include "services/promotions/promotionstext.h"

#include <algorithm>

namespace signalbox
{

namespace
{

// Labels by which the makers of alerts name what they are about.
const QStringList &applicationLabels()
{
    static const QStringList labels{QStringLiteral("application"),
                                    QStringLiteral("app"),
                                    QStringLiteral("service"),
                                    QStringLiteral("deployment"),
                                    QStringLiteral("app_kubernetes_io_name"),
                                    QStringLiteral("workload")};
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
    const QString ns = place.deployed ? place.deployed->ns : QString();
    QStringList about;
    for (const Alert &alert : firing) {
        bool isNamed = false;
        bool isOther = false;
        for (const QString &label : applicationLabels()) {
            const QString value = alert.labels.value(label);
            isNamed = isNamed || names.contains(value);
            isOther = isOther || (!value.isEmpty() && !names.contains(value));
        }
        const QString there = alert.labels.value(QStringLiteral("namespace"));
        const QString environment = alert.labels.value(QStringLiteral("environment"));
        isOther = isOther || (!there.isEmpty() && there != ns) ||
                  (!environment.isEmpty() && environment != place.environment);
        if (isNamed && !isOther && !about.contains(alert.name))
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
        facts.before = policy::Running{running->digest, running->since, from->isLive && running->problem.isEmpty()};
    const PlaceReading *target = application.place(request.subject.environment);
    if (target && target->target) {
        const bool isOwn = target->isHeld && !promotion.isEmpty() && target->heldBy == promotion;
        facts.isBusy = isOwn ? !target->target->isSettled : target->isBusy();
    }
    if (target && target->vendor)
        facts.isBusy = target->vendor->isBusy;
    if (target && world.alerts.hasSource)
        facts.alerts = policy::AlertState{world.alerts.isLive, world.alerts.readAt,
                                          alertsAbout(world.alerts.firing, request.subject.application, *target)};
    return facts;
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
