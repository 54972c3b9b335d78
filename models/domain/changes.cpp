#include "models/domain/changes.h"

#include <QHash>
#include <QRegularExpression>
#include <QUrl>

#include <algorithm>

namespace signalbox
{

namespace
{

QString firstGroup(const QRegularExpression &expression, const QString &text)
{
    const auto match = expression.match(text);
    return match.hasMatch() ? match.captured(1) : QString();
}

// https://host/owner/repository of any address of a repository; empty: not to be told.
QString webAddress(const QString &repositoryUrl)
{
    static const QRegularExpression scp(QStringLiteral("^(?:[^@/:]+@)?([^/:]+\\.[^/:]+):(?!//)(.+?)(?:\\.git)?/?\\z"));
    if (const auto match = scp.match(repositoryUrl); match.hasMatch())
        return QStringLiteral("https://%1/%2").arg(match.captured(1), match.captured(2));
    const QUrl url(repositoryUrl);
    const bool isKnown = url.scheme() == QLatin1String("https") || url.scheme() == QLatin1String("http") ||
                         url.scheme() == QLatin1String("ssh");
    if (!isKnown || !url.host().contains(QLatin1Char('.')))
        return {};
    QString path = url.path();
    while (path.endsWith(QLatin1Char('/')))
        path.chop(1);
    if (path.endsWith(QLatin1String(".git")))
        path.chop(4);
    const bool hasPort = url.scheme() != QLatin1String("ssh") && url.port() > 0;
    return QStringLiteral("https://%1%2%3")
        .arg(url.host(), hasPort ? QLatin1Char(':') + QString::number(url.port()) : QString(), path);
}

} // namespace

QString fileStatusName(FileChange::Status status)
{
    switch (status) {
    case FileChange::Status::Added:
        return QStringLiteral("added");
    case FileChange::Status::Removed:
        return QStringLiteral("removed");
    case FileChange::Status::Modified:
        return QStringLiteral("modified");
    case FileChange::Status::Renamed:
        return QStringLiteral("renamed");
    case FileChange::Status::Copied:
        return QStringLiteral("copied");
    case FileChange::Status::TypeChanged:
        break;
    }
    return QStringLiteral("typeChanged");
}

QString branchKindName(BranchKind kind)
{
    switch (kind) {
    case BranchKind::Main:
        return QStringLiteral("main");
    case BranchKind::Develop:
        return QStringLiteral("develop");
    case BranchKind::Release:
        return QStringLiteral("release");
    case BranchKind::Hotfix:
        return QStringLiteral("hotfix");
    case BranchKind::Feature:
        return QStringLiteral("feature");
    case BranchKind::Other:
        break;
    }
    return QStringLiteral("other");
}

QString mergedBranchOf(const QString &subject, const QString &body)
{
    static const QRegularExpression ofGitHub(QStringLiteral("^Merge pull request (#[0-9]+ from \\S+)"));
    static const QRegularExpression ofBitbucket(QStringLiteral("^Merged in (\\S+) \\(pull request #[0-9]+\\)"));
    static const QRegularExpression ofBitbucketServer(QStringLiteral("^(?:Merge )?[Pp]ull request (#[0-9]+): .+"));
    static const QRegularExpression ofGit(
        QStringLiteral("^Merge (?:remote-tracking )?(?:branch|tag|commit) '([^']+)'"));
    static const QRegularExpression ofGitLab(QStringLiteral("^See merge request (\\S+![0-9]+)\\s*$"),
                                             QRegularExpression::MultilineOption);
    QString found = firstGroup(ofGit, subject);
    if (const QString request = firstGroup(ofGitLab, body); !request.isEmpty() && !found.isEmpty())
        found += QStringLiteral(" (%1)").arg(request);
    for (const QRegularExpression *expression : {&ofGitHub, &ofBitbucket, &ofBitbucketServer}) {
        if (found.isEmpty())
            found = firstGroup(*expression, subject);
    }
    return found;
}

QStringList revertedIdsOf(const QString &body)
{
    static const QRegularExpression form(QStringLiteral("\\b[Tt]his reverts commit ([0-9a-f]{7,40})\\b"));
    QStringList ids;
    if (!body.contains(QLatin1String("his reverts commit ")))
        return ids;
    auto matches = form.globalMatch(body);
    while (matches.hasNext())
        ids.append(matches.next().captured(1));
    return ids;
}

void markReverts(QList<ChangeCommit> &commits)
{
    QHash<QString, qsizetype> rows;
    for (qsizetype i = 0; i < commits.size(); ++i)
        rows.insert(commits[i].id, i);
    const auto rowOf = [&](const QString &id) {
        if (id.size() == 40)
            return rows.value(id, -1);
        const auto it = std::find_if(commits.cbegin(), commits.cend(),
                                     [&](const ChangeCommit &one) { return one.id.startsWith(id); });
        return it == commits.cend() ? qsizetype(-1) : it - commits.cbegin();
    };
    // Newest first: whether a revert is in force is known before what it reverts is looked at.
    for (ChangeCommit &commit : commits) {
        const bool isInForce = commit.revertedBy.isEmpty();
        for (QString &reverted : commit.reverts) {
            const qsizetype row = rowOf(reverted);
            if (row < 0 || commits[row].id == commit.id)
                continue;
            reverted = commits[row].id;
            if (isInForce)
                commits[row].revertedBy = commit.id;
        }
    }
}

IssueFinder::IssueFinder(const QList<IssuePattern> &patterns)
{
    for (const IssuePattern &pattern : patterns) {
        const QRegularExpression expression(pattern.pattern);
        if (expression.isValid()) {
            expression.optimize();
            m_patterns.append({expression, pattern.link});
        }
    }
}

QList<IssueReference> IssueFinder::find(const QString &message) const
{
    struct Found
    {
        qsizetype at;
        IssueReference issue;
    };
    QList<Found> found;
    for (const Compiled &pattern : m_patterns) {
        auto matches = pattern.expression.globalMatch(message);
        while (matches.hasNext()) {
            const auto match = matches.next();
            if (match.capturedLength() == 0)
                continue;
            QString link = pattern.link;
            for (int group = match.lastCapturedIndex(); group >= 0; --group)
                link.replace(QStringLiteral("\\%1").arg(group),
                             QString::fromLatin1(QUrl::toPercentEncoding(match.captured(group))));
            const auto isThere = [&](const Found &other) {
                return other.issue.text == match.captured(0) ||
                       (match.capturedStart() >= other.at &&
                        match.capturedStart() < other.at + other.issue.text.size());
            };
            if (std::none_of(found.cbegin(), found.cend(), isThere))
                found.append({match.capturedStart(), {match.captured(0), link}});
        }
    }
    std::sort(found.begin(), found.end(), [](const Found &a, const Found &b) { return a.at < b.at; });
    QList<IssueReference> issues;
    for (const Found &one : found)
        issues.append(one.issue);
    return issues;
}

QList<IssuePattern> defaultIssuePatterns(const QString &repositoryUrl)
{
    const QString web = webAddress(repositoryUrl);
    const bool isGitLab = web.contains(QLatin1String("gitlab"));
    return {{QStringLiteral("(?<![\\w&/])#([0-9]{1,9})\\b"),
             web.isEmpty() ? QString()
                           : web + (isGitLab ? QStringLiteral("/-/issues/\\1") : QStringLiteral("/issues/\\1"))},
            {QStringLiteral("\\b(?!UTF-|SHA-|ISO-|RFC-|CVE-)[A-Z][A-Z0-9]{1,9}-[1-9][0-9]{0,8}\\b"), {}}};
}

QList<ChangeAuthor> authorsOf(const QList<ChangeCommit> &commits)
{
    QHash<QString, qsizetype> rows;
    QList<ChangeAuthor> authors;
    for (const ChangeCommit &commit : commits) {
        const QString key = commit.authorEmail.isEmpty() ? commit.authorName : commit.authorEmail.toLower();
        if (!rows.contains(key)) {
            rows.insert(key, authors.size());
            authors.append({commit.authorName, commit.authorEmail, 0});
        }
        if (!commit.isMerge())
            ++authors[rows.value(key)].commits;
    }
    std::stable_sort(authors.begin(), authors.end(),
                     [](const ChangeAuthor &a, const ChangeAuthor &b) { return a.commits > b.commits; });
    return authors;
}

// As git's forges write and read it (docs.github.com, "Creating a commit with multiple authors"); upper or lower case.
QStringList coAuthorEmails(const QString &message)
{
    static const QRegularExpression form(QStringLiteral("^[ \\t]*co-authored-by:[^<>\\n]*<([^<>\\s]+)>"),
                                         QRegularExpression::CaseInsensitiveOption |
                                             QRegularExpression::MultilineOption);
    QStringList emails;
    auto matches = form.globalMatch(message);
    while (matches.hasNext()) {
        const QString email = matches.next().captured(1);
        if (!emails.contains(email, Qt::CaseInsensitive))
            emails.append(email);
    }
    return emails;
}

BranchKind branchKindOf(const QString &branch)
{
    const QString name = branch.toLower();
    const QString root = name.section(QLatin1Char('/'), 0, 0);
    if (name == QLatin1String("main") || name == QLatin1String("master") || name == QLatin1String("trunk") ||
        name == QLatin1String("production"))
        return BranchKind::Main;
    if (name == QLatin1String("develop") || name == QLatin1String("development") || name == QLatin1String("dev"))
        return BranchKind::Develop;
    if (root == name)
        return name.startsWith(QLatin1String("release-"))  ? BranchKind::Release
               : name.startsWith(QLatin1String("hotfix-")) ? BranchKind::Hotfix
                                                           : BranchKind::Other;
    if (root == QLatin1String("release") || root == QLatin1String("releases"))
        return BranchKind::Release;
    if (root == QLatin1String("hotfix") || root == QLatin1String("hotfixes"))
        return BranchKind::Hotfix;
    if (root == QLatin1String("feature") || root == QLatin1String("features") || root == QLatin1String("feat") ||
        root == QLatin1String("bugfix") || root == QLatin1String("fix"))
        return BranchKind::Feature;
    return BranchKind::Other;
}

BranchingFlow flowOf(const QList<BranchState> &branches)
{
    const bool hasDevelop = std::any_of(branches.cbegin(), branches.cend(),
                                        [](const BranchState &branch) { return branch.kind == BranchKind::Develop; });
    return hasDevelop ? BranchingFlow::GitFlow : BranchingFlow::GitHubFlow;
}

QStringList tagCandidates(const QString &version, const QString &application)
{
    QStringList names{version, QLatin1Char('v') + version};
    if (!application.isEmpty()) {
        for (const QString &between : {QStringLiteral("-"), QStringLiteral("-v"), QStringLiteral("/"),
                                       QStringLiteral("/v"), QStringLiteral("@"), QStringLiteral("_")})
            names.append(application + between + version);
    }
    names << QStringLiteral("release-") + version << QStringLiteral("release/") + version;
    if (version.startsWith(QLatin1Char('v')) && version.size() > 1 && version[1].isDigit())
        names.append(version.mid(1));
    return names;
}

} // namespace signalbox
