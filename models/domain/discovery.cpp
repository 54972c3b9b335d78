#include "models/domain/discovery.h"

#include "models/domain/discoveryparts.h"
#include "models/domain/workloadhealth.h"

#include <QCoreApplication>

#include <algorithm>
#include <iterator>
#include <set>

namespace signalbox
{

using namespace discovery;

namespace
{

// ReplicaSets stand between a Deployment and its pods: the pods' owner is one of these.
class PodIndex
{
public:
    explicit PodIndex(const NamespaceContents &contents)
    {
        QHash<QString, QString> workloadOfReplicaSet;
        for (const Revision *revision : contents.revisions)
            workloadOfReplicaSet.insert(revision->ref.uid, revision->ownerUid);
        for (const Pod *pod : contents.pods) {
            const QString owner = workloadOfReplicaSet.value(pod->ownerUid, pod->ownerUid);
            if (!owner.isEmpty())
                m_pods[owner].push_back(pod);
        }
    }
    const std::vector<const Pod *> &of(const Workload &workload) const
    {
        static const std::vector<const Pod *> none;
        const auto it = m_pods.find(workload.ref.uid);
        return it == m_pods.end() ? none : *it;
    }

private:
    QHash<QString, std::vector<const Pod *>> m_pods; // by the workload's uid
};

// The revision that should run now.
const Revision *currentRevision(const Workload &workload, const std::vector<const Revision *> &revisions)
{
    const Revision *newest = nullptr;
    for (const Revision *one : revisions) {
        if (one->ownerUid != workload.ref.uid)
            continue;
        const bool isNamed = !workload.templateHash.isEmpty() &&
                             (one->templateHash == workload.templateHash || one->ref.name == workload.templateHash);
        if (isNamed || (!workload.revision.isEmpty() && QString::number(one->number) == workload.revision))
            return one;
        if (!newest || one->number > newest->number)
            newest = one;
    }
    return newest;
}

// Stands for another image each time.
bool isFloating(const QString &tag)
{
    static const QStringList floating = {QStringLiteral("latest"), QStringLiteral("stable"), QStringLiteral("main"),
                                         QStringLiteral("master"), QStringLiteral("edge"),   QStringLiteral("nightly")};
    return floating.contains(tag);
}

// Of this container; empty: it names none that stays the same.
QString fixedImage(const Revision &revision, const QString &container)
{
    const auto found = std::find_if(revision.images.cbegin(), revision.images.cend(),
                                    [&container](const ContainerImage &one) { return one.container == container; });
    if (found == revision.images.cend())
        return {};
    const QString tag = imageTag(found->image);
    const bool isFixed = !imageDigest(found->image).isEmpty() || (!tag.isEmpty() && !isFloating(tag));
    return isFixed ? found->image : QString();
}

// When the release came that `current` runs: a restart, or other settings, make a revision of their own and nothing
// newer. As far back as the revisions before it, without a gap of another release, run the same image.
QDateTime releasedAt(const Revision &current, const QString &container, const std::vector<const Revision *> &revisions)
{
    QDateTime at = current.created;
    const QString image = fixedImage(current, container);
    if (image.isEmpty())
        return at;
    std::vector<const Revision *> before;
    std::copy_if(revisions.cbegin(), revisions.cend(), std::back_inserter(before), [&current](const Revision *one) {
        return one->ownerUid == current.ownerUid && one->number < current.number;
    });
    std::sort(before.begin(), before.end(),
              [](const Revision *one, const Revision *other) { return one->number > other->number; });
    for (const Revision *one : before) {
        if (fixedImage(*one, container) != image)
            break;
        if (one->created.isValid() && (!at.isValid() || one->created < at))
            at = one->created;
    }
    return at;
}

QString versionOf(const Workload &workload, const ContainerImage &image)
{
    const QString tag = imageTag(image.image);
    if (!tag.isEmpty() && !isFloating(tag))
        return tag;
    const QString label = QStringLiteral("app.kubernetes.io/version");
    const QString written = workload.podLabels.value(label, workload.labels.value(label));
    if (!written.isEmpty())
        return written;
    if (!tag.isEmpty())
        return tag;
    return imageDigest(image.image).section(QLatin1Char(':'), 1).left(12);
}

void makeLater(QDateTime &at, const QDateTime &other)
{
    if (other.isValid() && (!at.isValid() || other > at))
        at = other;
}

// A workload's part in a track: the one with the most pods speaks for the version. Its age is its release's;
// `rolledOut` becomes the newest roll-out of any kind.
Track trackOf(const QString &name, const std::vector<const Member *> &members, const NamespaceContents &contents,
              const PodIndex &pods, QStringList &reasons, QDateTime &rolledOut)
{
    Track track;
    track.name = name;
    const Member *speaker = nullptr;
    Health health = Health::NotStarted;
    for (const Member *member : members) {
        const Workload &workload = *member->workload;
        track.workloads.append(workload.ref);
        track.podsReady += std::max(workload.ready, 0);
        track.podsWanted += std::max(workload.desired, 0);
        if (!speaker || workload.desired > speaker->workload->desired)
            speaker = member;
        const Judgement judgement = judge(workload, pods.of(workload));
        health = worse(health, judgement.health);
        if (judgement.health != Health::Ok && judgement.health != Health::NotStarted)
            reasons.append(members.size() > 1 ? workload.ref.name + QStringLiteral(": ") + judgement.text
                                              : judgement.text);
        const Revision *revision = currentRevision(workload, contents.revisions);
        makeLater(rolledOut, revision ? revision->created : workload.created);
        makeLater(track.since,
                  revision ? releasedAt(*revision, member->image.container, contents.revisions) : workload.created);
    }
    track.health = health;
    track.version = versionOf(*speaker->workload, speaker->image);
    track.digest = imageDigest(speaker->image.image);
    const Revision *revision = currentRevision(*speaker->workload, contents.revisions);
    track.templateHash = revision ? revision->templateHash : speaker->workload->templateHash;
    return track;
}

void addManagers(const QList<Manager> &more, QList<Manager> &managers)
{
    for (const Manager &one : more) {
        const bool isKnown = std::any_of(managers.cbegin(), managers.cend(),
                                         [&one](const Manager &m) { return m.kind == one.kind && m.name == one.name; });
        if (!isKnown)
            managers.append(one);
    }
}

Manager managerOf(const Autoscaler &scaler)
{
    Manager one;
    one.kind = Manager::Kind::Autoscaler;
    one.name = QStringLiteral("HPA ") + scaler.ref.name;
    one.evidence = QStringLiteral("scaleTargetRef %1/%2").arg(scaler.target.kind, scaler.target.name);
    one.revertsOurs = true;
    one.object = scaler.ref;
    return one;
}

void addManagersOf(const Group &group, const NamespaceContents &contents, const Routing &routing, Deployed &deployed)
{
    for (const Member &member : group.members) {
        addManagers(member.workload->managers, deployed.managers);
        for (const Autoscaler *scaler : contents.autoscalers) {
            if (scaler->target.kind == member.workload->ref.kind && scaler->target.name == member.workload->ref.name)
                addManagers({managerOf(*scaler)}, deployed.managers);
        }
    }
    for (const QList<Manager> &more : routing.managers)
        addManagers(more, deployed.managers);
}

QString teamOf(const Group &group)
{
    static const QStringList names = {QStringLiteral("app.kubernetes.io/team"), QStringLiteral("team"),
                                      QStringLiteral("owner")};
    for (const Member &member : group.members) {
        for (const QString &name : names) {
            const QString team = member.workload->labels.value(name, member.workload->podLabels.value(name));
            if (!team.isEmpty())
                return team;
        }
    }
    return {};
}

// What takes no traffic and wants no pods says nothing about how the application is.
void judgeWhole(Deployed &deployed, const QMap<QString, QStringList> &reasons)
{
    Health health = Health::NotStarted;
    for (const Track &track : std::as_const(deployed.tracks))
        health = worse(health, track.health);
    deployed.health = health;
    QStringList texts;
    for (const Track &track : std::as_const(deployed.tracks)) {
        const QString why = reasons.value(track.name).join(QStringLiteral("; "));
        if (!why.isEmpty())
            texts.append(deployed.tracks.size() > 1 ? track.name + QStringLiteral(": ") + why : why);
    }
    if (texts.isEmpty() && health == Health::NotStarted)
        texts.append(QCoreApplication::translate("Workload", "scaled to 0"));
    deployed.state = texts.join(QStringLiteral("; "));
}

Deployed deployedOf(const Group &group, const NamespaceContents &contents, const PodIndex &pods)
{
    Deployed deployed;
    deployed.application = group.name;
    deployed.environment = contents.environment;
    deployed.connection = contents.connection;
    deployed.ns = contents.ns;
    deployed.freshness = contents.freshness;
    deployed.isProtected = isProtectedByName(contents.environment);
    deployed.team = teamOf(group);
    QMap<QString, std::vector<const Member *>> byTrack;
    for (const Member &member : group.members)
        byTrack[member.track].push_back(&member);
    QMap<QString, QStringList> reasons;
    for (auto it = byTrack.cbegin(); it != byTrack.cend(); ++it)
        deployed.tracks.append(trackOf(it.key(), it.value(), contents, pods, reasons[it.key()], deployed.since));
    const Routing routing = routingOf(group, contents);
    deployed.routers = routing.routers;
    deployed.isShareAssumed = routing.isShareOfService && contents.areRoutesDenied;
    for (Track &track : deployed.tracks) {
        if (routing.isShareKnown)
            track.share = routing.shares.value(track.name, 0);
    }
    std::stable_sort(deployed.tracks.begin(), deployed.tracks.end(), [](const Track &a, const Track &b) {
        return std::pair(a.share.value_or(-1), a.podsReady) > std::pair(b.share.value_or(-1), b.podsReady);
    });
    addManagersOf(group, contents, routing, deployed);
    judgeWhole(deployed, reasons);
    return deployed;
}

} // namespace

QList<Deployed> discoverApplications(const NamespaceContents &contents)
{
    const PodIndex pods(contents);
    QList<Deployed> found;
    const std::vector<Group> groups = groupsOf(contents.workloads);
    for (const Group &group : groups)
        found.append(deployedOf(group, contents, pods));
    std::sort(found.begin(), found.end(),
              [](const Deployed &a, const Deployed &b) { return a.application < b.application; });
    return found;
}

} // namespace signalbox
