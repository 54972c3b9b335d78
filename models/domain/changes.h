#pragma once

#include <QDateTime>
#include <QList>
#include <QRegularExpression>
#include <QString>
#include <QStringList>

#include <optional>

// What lies between two releases of a source repository. Values and pure functions; services/ports/sourcerepository.h
// reads them.
namespace signalbox
{

// A tracker's numbers in commit messages. `pattern` is a regular expression; in `link` \0 is all of the match and \1
// its first group. Without a link the reference is shown as text.
struct IssuePattern
{
    QString pattern;
    QString link;
    bool operator==(const IssuePattern &) const = default;
};
struct IssueReference
{
    QString text; // "#123", "SHOP-7"
    QString url;  // empty: nothing to open
    bool operator==(const IssueReference &) const = default;
};

// Lines of one commit or file against its first parent.
struct LineCounts
{
    int files = 0;
    int added = 0;
    int removed = 0;
    bool operator==(const LineCounts &) const = default;
};

struct ChangeCommit
{
    QString id; // 40 hex digits
    QStringList parents;
    QString authorName;
    QString authorEmail;
    QDateTime authoredAt;  // UTC
    QDateTime committedAt; // UTC
    QString subject;
    QString body;
    QString mergedBranch; // of a merge, as its message names it: "feature/x", "#12 from ana/x"; empty: not said
    QStringList reverts;  // ids this undoes, full where they are among those read
    QString revertedBy;   // id in the same list; empty: still in force
    QList<IssueReference> issues;
    std::optional<LineCounts> lines; // none: not counted yet; a merge's own lines are those of what it merged: 0
    QString committerEmail = {};     // who put it here, the author mostly; a vendor's web flow, too

    bool isMerge() const { return parents.size() > 1; }
    bool operator==(const ChangeCommit &) const = default;
};

struct ChangeAuthor
{
    QString name;
    QString email;
    int commits = 0; // merges not counted
    bool operator==(const ChangeAuthor &) const = default;
};

// What was meant by a release, as a commit.
struct ResolvedRelease
{
    enum class By { Tag, Branch, Commit, Revision };
    QString text;   // as asked
    QString commit; // 40 hex digits
    By by = By::Commit;
    QString name; // the tag or branch; empty: none
    QDateTime committedAt;
    bool operator==(const ResolvedRelease &) const = default;
};

struct ChangeSet
{
    ResolvedRelease from;
    ResolvedRelease to;
    QString mergeBase;           // empty: the two have no common past
    QList<ChangeCommit> commits; // of `to` and not of `from`, newest first
    QList<ChangeCommit> missing; // of `from` and not of `to`: what would go away
    QList<ChangeAuthor> authors; // of `commits`, most first
    QStringList mergedBranches;  // of `commits`, newest first
    bool isCut = false;          // the limit was reached: there are more
    QDateTime readAt;            // UTC
};

struct FileChange
{
    enum class Status { Added, Removed, Modified, Renamed, Copied, TypeChanged };
    Status status = Status::Modified;
    QString path;
    QString oldPath; // of Renamed and Copied
    int added = 0;
    int removed = 0;
    bool isBinary = false;
    bool operator==(const FileChange &) const = default;
};

// The difference of one file, as `git diff` prints it. Read when it is looked at.
struct FileDiff
{
    FileChange file;
    QByteArray text;    // unified, from the "diff --git" line on; empty for a binary file and one that is too large
    qint64 oldSize = 0; // bytes
    qint64 newSize = 0; // bytes
    bool isCut = false; // lines were left out at the end
    bool isTooLarge = false; // not compared at all
};
struct DiffLimits
{
    qint64 fileBytes = 8ll * 1024 * 1024; // of one side; more is not compared
    int lines = 20000;                    // shown
    int contextLines = 3;
};
constexpr qint64 mostComparedBytes = 64ll * 1024 * 1024; // of one side, also where all of it is asked for

// How teams name branches (Git Flow, GitHub Flow).
enum class BranchKind { Main, Develop, Release, Hotfix, Feature, Other };
struct BranchState
{
    QString name;
    BranchKind kind = BranchKind::Other;
    QString commit;
    QDateTime committedAt;
    bool isDefault = false;
    bool operator==(const BranchState &) const = default;
};
struct TagState
{
    QString name;
    QString commit;
    QDateTime committedAt;
    bool operator==(const TagState &) const = default;
};
enum class BranchingFlow { GitFlow, GitHubFlow };
struct RepositoryRefs
{
    QList<BranchState> branches; // main, develop, release, hotfix, then others; newest first among equals
    QList<TagState> tags;        // newest first
    BranchingFlow flow = BranchingFlow::GitHubFlow;
    QString defaultBranch; // empty: none yet
};

// How far one commit is ahead of another.
struct Distance
{
    int ahead = 0;
    int behind = 0;
    QString oldest;     // of those ahead: the one that waits longest; empty: none
    QDateTime oldestAt; // when it was committed
    QString mergeBase;  // empty: none
    bool operator==(const Distance &) const = default;
};

QString fileStatusName(FileChange::Status status); // "added", "removed" ...: as in --json
QString branchKindName(BranchKind kind);           // "main", "develop", "release", "hotfix", "feature", "other"

// What a merge's message says it merged; empty: nothing. Knows git's own words, GitHub's, GitLab's and Bitbucket's.
QString mergedBranchOf(const QString &subject, const QString &body);
// The ids a revert names, as written (7 to 40 digits).
QStringList revertedIdsOf(const QString &body);
// Sets `reverts` to full ids and `revertedBy` among the commits given. What a revert of a revert brings back is in
// force.
void markReverts(QList<ChangeCommit> &commits);
// Finds references in many messages: in the order in which they appear, each once. A pattern that is no regular
// expression finds nothing.
class IssueFinder
{
public:
    explicit IssueFinder(const QList<IssuePattern> &patterns);
    QList<IssueReference> find(const QString &message) const;

private:
    struct Compiled
    {
        QRegularExpression expression;
        QString link;
    };
    QList<Compiled> m_patterns;
};
// #123 and KEY-12; with the address of the repository the former leads to the host's own tracker (GitHub, GitLab,
// Gitea).
QList<IssuePattern> defaultIssuePatterns(const QString &repositoryUrl);
QList<ChangeAuthor> authorsOf(const QList<ChangeCommit> &commits);
// The e-mails of a message's "Co-authored-by: NAME <EMAIL>", wherever such a line is.
QStringList coAuthorEmails(const QString &message);
BranchKind branchKindOf(const QString &branch);
BranchingFlow flowOf(const QList<BranchState> &branches);
// Names a version may have as a tag, most likely first: "1.4.0" may be v1.4.0, cart-1.4.0, cart/v1.4.0 ...
QStringList tagCandidates(const QString &version, const QString &application);

} // namespace signalbox
