#include "models/domain/discoveryparts.h"

#include <QSet>

#include <algorithm>

namespace signalbox
{

namespace
{

const QSet<QString> &trackWords()
{
    static const QSet<QString> words = {
        QStringLiteral("blue"),    QStringLiteral("green"),     QStringLiteral("canary"),  QStringLiteral("stable"),
        QStringLiteral("preview"), QStringLiteral("active"),    QStringLiteral("primary"), QStringLiteral("baseline"),
        QStringLiteral("live"),    QStringLiteral("candidate"), QStringLiteral("shadow"),
    };
    return words;
}

} // namespace

TrackName splitTrack(const QString &name)
{
    const qsizetype at = name.lastIndexOf(QLatin1Char('-'));
    if (at > 0 && trackWords().contains(name.mid(at + 1).toLower()))
        return {name.left(at), name.mid(at + 1).toLower()};
    const qsizetype first = name.indexOf(QLatin1Char('-'));
    const QString head = name.left(first).toLower();
    // "blue-cart": only the two colours lead, for "primary-db" and "active-users" are names.
    if (first > 0 && first + 1 < name.size() && (head == QLatin1String("blue") || head == QLatin1String("green")))
        return {name.mid(first + 1), head};
    return {name, {}};
}

const QStringList &trackLabels()
{
    static const QStringList names = {QStringLiteral("track"), QStringLiteral("app.kubernetes.io/track"),
                                      QStringLiteral("slot"), QStringLiteral("color"), QStringLiteral("colour")};
    return names;
}

QString trackOfLabels(const Labels &labels, const Labels &further)
{
    static const QStringList wordsOnly = {QStringLiteral("version"),
                                          QStringLiteral("deployment"),
                                          QStringLiteral("release"),
                                          QStringLiteral("environment"),
                                          QStringLiteral("role"),
                                          QStringLiteral("app.kubernetes.io/component"),
                                          QStringLiteral("app.kubernetes.io/version")};
    const auto valueOf = [&](const QString &name) {
        const auto own = labels.constFind(name);
        return (own != labels.constEnd() ? *own : further.value(name)).toLower();
    };
    for (const QString &name : trackLabels()) {
        const QString value = valueOf(name);
        if (!value.isEmpty())
            return value;
    }
    for (const QString &name : wordsOnly) {
        const QString value = valueOf(name);
        if (trackWords().contains(value))
            return value;
    }
    return {};
}

QString trackOfWord(const QString &text)
{
    const QString word = text.toLower();
    return trackWords().contains(word) ? word : splitTrack(text).track;
}

QString otherHalf(const QStringList &knownTracks)
{
    static const QList<std::pair<QString, QString>> pairs = {
        {QStringLiteral("canary"), QStringLiteral("stable")},  {QStringLiteral("primary"), QStringLiteral("canary")},
        {QStringLiteral("preview"), QStringLiteral("active")}, {QStringLiteral("green"), QStringLiteral("blue")},
        {QStringLiteral("blue"), QStringLiteral("green")},     {QStringLiteral("candidate"), QStringLiteral("stable")},
        {QStringLiteral("stable"), QStringLiteral("canary")},  {QStringLiteral("baseline"), QStringLiteral("stable")},
    };
    for (const auto &[word, other] : pairs) {
        if (knownTracks.contains(word) && !knownTracks.contains(other))
            return other;
    }
    return {};
}

namespace discovery
{

namespace
{

const QString nameLabel = QStringLiteral("app.kubernetes.io/name");
const QString instanceLabel = QStringLiteral("app.kubernetes.io/instance");
const QString versionLabel = QStringLiteral("version");

QString label(const Workload &workload, const QString &name)
{
    const auto own = workload.labels.constFind(name);
    return own != workload.labels.constEnd() ? *own : workload.podLabels.value(name);
}

QString podLabel(const Workload &workload, const QString &name)
{
    const auto own = workload.podLabels.constFind(name);
    return own != workload.podLabels.constEnd() ? *own : workload.labels.value(name);
}

// What the labels call the application, with its track where they name that too.
QString labelledName(const Labels &labels, const Labels &podLabels)
{
    for (const QString &key : {nameLabel, QStringLiteral("app"), QStringLiteral("k8s-app")}) {
        const auto own = labels.constFind(key);
        const QString name = own != labels.constEnd() ? *own : podLabels.value(key);
        if (!name.isEmpty())
            return name;
    }
    return {};
}

bool isSidecar(const ContainerImage &image)
{
    static const QSet<QString> names = {QStringLiteral("istio-proxy"),     QStringLiteral("linkerd-proxy"),
                                        QStringLiteral("envoy"),           QStringLiteral("vault-agent"),
                                        QStringLiteral("cloud-sql-proxy"), QStringLiteral("fluent-bit")};
    return names.contains(image.container);
}

ContainerImage mainImage(const Workload &workload, const QString &base)
{
    for (const ContainerImage &one : workload.images) {
        if (one.container == base || one.container == workload.ref.name)
            return one;
    }
    for (const ContainerImage &one : workload.images) {
        if (!isSidecar(one))
            return one;
    }
    return workload.images.isEmpty() ? ContainerImage{} : workload.images.first();
}

QString repositoryOf(const QString &image)
{
    const QString named = image.section(QLatin1Char('@'), 0, 0);
    const qsizetype colon = named.lastIndexOf(QLatin1Char(':'));
    return colon > named.lastIndexOf(QLatin1Char('/')) ? named.left(colon) : named;
}

// A repository may name the track too: "registry/cart-blue".
QString releaseOf(const Member &member)
{
    return splitTrack(repositoryOf(member.image.image)).base;
}

// Grouped by this first: the labels' name and instance, or the name of the workload.
struct Identity
{
    QString name;     // shown, if nothing else has it
    QString instance; // tells two installations of one chart apart
    bool operator<(const Identity &other) const
    {
        return std::tie(name, instance) < std::tie(other.name, other.instance);
    }
};

Identity identityOf(const Workload &workload, Member &member)
{
    const TrackName byName = splitTrack(workload.ref.name);
    member.base = byName.base;
    member.track = trackOfLabels(workload.podLabels, workload.labels);
    const QString instance = label(workload, instanceLabel);
    const QString name = labelledName(workload.labels, workload.podLabels);
    const TrackName byLabel = splitTrack(name);
    if (member.track.isEmpty())
        member.track = byName.track.isEmpty() ? byLabel.track : byName.track;
    if (member.track.isEmpty())
        member.track = splitTrack(instance).track;
    return {name.isEmpty() ? member.base : byLabel.base, splitTrack(instance).base};
}

// Versions as tracks, Istio's habit: reviews-v1, reviews-v2 with `version` v1, v2.
void trackByVersions(std::vector<Member> &members)
{
    QSet<QString> versions;
    for (const Member &member : members) {
        const QString version = podLabel(*member.workload, versionLabel);
        if (version.isEmpty() || versions.contains(version) || !member.track.isEmpty())
            return;
        versions.insert(version);
    }
    if (versions.size() < 2)
        return;
    for (Member &member : members)
        member.track = podLabel(*member.workload, versionLabel);
}

// The one without a word is the other half of the pair that the others' words tell.
void nameTheRest(std::vector<Member> &members)
{
    QSet<QString> tracks;
    for (const Member &member : members)
        tracks.insert(member.track);
    if (!tracks.contains(QString()) || tracks.size() < 2)
        return;
    const QString other = otherHalf(tracks.values());
    for (Member &member : members) {
        if (member.track.isEmpty() && !other.isEmpty())
            member.track = other;
    }
}

bool hasTracksOnly(const std::vector<Member> &members)
{
    QSet<QString> tracks;
    for (const Member &member : members) {
        if (member.track.isEmpty() || tracks.contains(member.track))
            return false;
        tracks.insert(member.track);
    }
    return true;
}

QString shortestBase(const std::vector<Member> &members)
{
    return std::min_element(members.begin(), members.end(),
                            [](const Member &a, const Member &b) {
                                return std::pair(a.base.size(), a.base) < std::pair(b.base.size(), b.base);
                            })
        ->base;
}

// What ships as one image is one release. An identity with several images is several applications.
void splitByRelease(const QString &name, std::vector<Member> members, std::vector<Group> &groups)
{
    trackByVersions(members);
    std::vector<Member> named = members;
    nameTheRest(named);
    if (hasTracksOnly(named)) {
        groups.push_back({name, std::move(named)});
        return;
    }
    QMap<QString, std::vector<Member>> byRelease;
    for (Member &member : members)
        byRelease[releaseOf(member)].push_back(std::move(member));
    for (std::vector<Member> &part : byRelease) {
        nameTheRest(part);
        groups.push_back({byRelease.size() == 1 ? name : shortestBase(part), std::move(part)});
    }
}

// Two applications of a namespace never have the same name.
void tellApart(std::vector<Group> &groups)
{
    QSet<QString> taken;
    for (Group &group : groups) {
        if (taken.contains(group.name))
            group.name = shortestBase(group.members);
        for (const QString base = group.name; taken.contains(group.name);)
            group.name = base + QLatin1Char('/') + group.members.front().workload->ref.kind;
        taken.insert(group.name);
    }
}

} // namespace

std::vector<Group> groupsOf(const std::vector<const Workload *> &workloads)
{
    std::map<Identity, std::vector<Member>> byIdentity;
    QMap<QString, QSet<QString>> instances;
    for (const Workload *workload : workloads) {
        Member member;
        member.workload = workload;
        const Identity identity = identityOf(*workload, member);
        member.image = mainImage(*workload, member.base);
        instances[identity.name].insert(identity.instance);
        byIdentity[identity].push_back(std::move(member));
    }
    std::vector<Group> groups;
    for (auto &[identity, members] : byIdentity) {
        std::sort(members.begin(), members.end(),
                  [](const Member &a, const Member &b) { return a.workload->ref.name < b.workload->ref.name; });
        const bool isOnlyOne = instances[identity.name].size() == 1 || identity.instance.isEmpty();
        splitByRelease(isOnlyOne ? identity.name : identity.instance, std::move(members), groups);
    }
    tellApart(groups);
    return groups;
}

} // namespace discovery

QString applicationOf(const QString &workload, const Labels &labels, const Labels &podLabels)
{
    const QString name = discovery::labelledName(labels, podLabels);
    return splitTrack(name.isEmpty() ? workload : name).base;
}

} // namespace signalbox
