#include "services/adapters/jenkins/jenkinsrevision.h"

#include <QRegularExpression>

#include <algorithm>

namespace signalbox::jenkins
{

namespace
{

struct CheckOut
{
    QString commit;
    QString branch;
    QStringList remotes;
    bool operator==(const CheckOut &) const = default;
};

QString plainBranch(QString name)
{
    for (const char *prefix : {"refs/remotes/", "refs/heads/", "origin/"}) {
        if (name.startsWith(QLatin1String(prefix)))
            name = name.mid(QString(QLatin1String(prefix)).size());
    }
    return name == QLatin1String("detached") ? QString() : name;
}

QList<CheckOut> checkOutsOf(const Json &actions)
{
    QList<CheckOut> all;
    for (const Json &action : actions) {
        const Json &revision = memberOf(action, "lastBuiltRevision");
        CheckOut one{textOf(revision, "SHA1"), {}, {}};
        if (one.commit.isEmpty())
            continue;
        const Json &branches = listOf(revision, "branch");
        if (!branches.empty())
            one.branch = plainBranch(textOf(branches.front(), "name"));
        for (const Json &remote : listOf(action, "remoteUrls")) {
            if (remote.is_string())
                one.remotes.append(plainRemote(QString::fromStdString(remote.get<std::string>())));
        }
        if (!all.contains(one))
            all.append(one);
    }
    return all;
}

// What a multibranch project gave its branch to build. Libraries never have one.
QStringList givenRevisions(const Json &actions)
{
    QStringList commits;
    for (const Json &action : actions) {
        const Json &revision = memberOf(action, "revision");
        QString commit = textOf(revision, "pullHash"); // `hash` of a pull request may be a merge that nobody pushed
        if (commit.isEmpty())
            commit = textOf(revision, "hash");
        if (!commit.isEmpty() && !commits.contains(commit))
            commits.append(commit);
    }
    return commits;
}

bool isOwn(const CheckOut &one, const QStringList &remotes)
{
    return std::any_of(one.remotes.cbegin(), one.remotes.cend(),
                       [&remotes](const QString &remote) { return remotes.contains(remote); });
}

QString cannotTellWhich(const QList<CheckOut> &all)
{
    QStringList names;
    for (const CheckOut &one : all)
        names += one.remotes;
    names.removeDuplicates();
    if (names.size() < 2)
        return JenkinsText::tr("It checked out several commits, and Jenkins does not tell which of them is its own: "
                               "no commit is shown.");
    return JenkinsText::tr("It checked out several repositories (%1), and Jenkins does not tell which of them is its "
                           "own: no commit is shown.")
        .arg(names.join(QStringLiteral(", ")));
}

} // namespace

QString plainRemote(const QString &address)
{
    static const QRegularExpression scheme(QStringLiteral("^[A-Za-z][A-Za-z0-9+.-]*://"));
    static const QRegularExpression parts(
        QStringLiteral("^(?:[^/@]*@)?([^/:]*)(?::\\d+(?=/)|:)?/*(.*?)(?:\\.git)?/*$"));
    QString plain = address.trimmed();
    plain.remove(scheme);
    const auto match = parts.match(plain);
    return match.hasMatch() ? match.captured(1).toLower() + u'/' + match.captured(2) : plain;
}

QStringList remotesOf(const Json &job)
{
    QStringList remotes;
    for (const Json &one : listOf(memberOf(job, "scm"), "userRemoteConfigs")) {
        if (const QString address = textOf(one, "url"); !address.isEmpty())
            remotes.append(plainRemote(address));
    }
    return remotes;
}

Revision revisionOf(const Json &actions, const QString &ownBranch, const QStringList &ownRemotes)
{
    QList<CheckOut> all = checkOutsOf(actions);
    Revision found;
    found.isOfMany = std::any_of(all.cbegin(), all.cend(),
                                 [&all](const CheckOut &one) { return one.remotes != all.first().remotes; });
    if (const QStringList given = givenRevisions(actions); given.size() == 1) {
        found.commit = given.first();
        for (const CheckOut &one : qAsConst(all)) {
            if (one.commit == found.commit && found.branch.isEmpty())
                found.branch = one.branch;
        }
        return found;
    }
    if (!ownRemotes.isEmpty()) {
        const bool isAny = !all.isEmpty();
        all.removeIf([&ownRemotes](const CheckOut &one) { return !one.remotes.isEmpty() && !isOwn(one, ownRemotes); });
        if (isAny && all.isEmpty())
            found.whyNot = JenkinsText::tr("It checked out other repositories than the job's own: no commit is shown.");
    }
    QList<CheckOut> ofBranch = all;
    ofBranch.removeIf([&ownBranch](const CheckOut &one) { return one.branch != ownBranch; });
    const QList<CheckOut> &chosen = all.size() == 1 ? all : ofBranch;
    if (chosen.size() == 1) {
        found.commit = chosen.first().commit;
        found.branch = chosen.first().branch;
    } else if (all.size() > 1) {
        found.whyNot = cannotTellWhich(all);
    }
    return found;
}

} // namespace signalbox::jenkins
