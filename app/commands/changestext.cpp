#include "app/commands/changestext.h"

#include "app/commands/commandstext.h"
#include "app/commands/documentjson.h"
#include "app/commands/render.h"

namespace signalbox::commands
{

namespace
{

constexpr qsizetype shownDigits = 10;

QString byName(ResolvedRelease::By by)
{
    switch (by) {
    case ResolvedRelease::By::Tag:
        return QStringLiteral("tag");
    case ResolvedRelease::By::Branch:
        return QStringLiteral("branch");
    case ResolvedRelease::By::Revision:
        return QStringLiteral("revision");
    case ResolvedRelease::By::Commit:
        break;
    }
    return QStringLiteral("commit");
}

Json releaseJson(const ResolvedRelease &release)
{
    return {{"text", utf8(release.text)},
            {"commit", utf8(release.commit)},
            {"by", utf8(byName(release.by))},
            {"name", orNull(release.name)},
            {"committedAt", orNull(release.committedAt)}};
}

Json commitJson(const ChangeCommit &commit)
{
    Json issues = Json::array();
    for (const IssueReference &issue : commit.issues)
        issues.push_back({{"text", utf8(issue.text)}, {"url", orNull(issue.url)}});
    Json lines = nullptr;
    if (commit.lines)
        lines = {{"files", commit.lines->files}, {"added", commit.lines->added}, {"removed", commit.lines->removed}};
    return {{"commit", utf8(commit.id)},
            {"parents", listJson(commit.parents)},
            {"author", utf8(commit.authorName)},
            {"email", utf8(commit.authorEmail)},
            {"authoredAt", orNull(commit.authoredAt)},
            {"committedAt", orNull(commit.committedAt)},
            {"subject", utf8(commit.subject)},
            {"body", utf8(commit.body)},
            {"mergedBranch", orNull(commit.mergedBranch)},
            {"reverts", listJson(commit.reverts)},
            {"revertedBy", orNull(commit.revertedBy)},
            {"issues", issues},
            {"lines", lines}};
}

Json fileJson(const FileChange &file)
{
    return {{"path", utf8(file.path)}, {"oldPath", orNull(file.oldPath)}, {"status", utf8(fileStatusName(file.status))},
            {"added", file.added},     {"removed", file.removed},         {"binary", file.isBinary}};
}

Json commitsJson(const QList<ChangeCommit> &commits)
{
    Json list = Json::array();
    for (const ChangeCommit &commit : commits)
        list.push_back(commitJson(commit));
    return list;
}

QString minuteText(const QDateTime &time)
{
    return time.toUTC().toString(QStringLiteral("yyyy-MM-dd HH:mm")) + QStringLiteral(" UTC");
}

QString linesText(const std::optional<LineCounts> &lines)
{
    return lines ? QStringLiteral("+%1 −%2").arg(lines->added).arg(lines->removed) : QStringLiteral("-");
}

// One line, without what a terminal could take for a command.
QString plain(const QString &text)
{
    QString line = text.simplified();
    line.removeIf([](QChar c) { return c.isNonCharacter() || c.category() == QChar::Other_Control; });
    return line;
}

QString commitsText(const QList<ChangeCommit> &commits)
{
    QList<QStringList> rows{{CommandsText::tr("COMMIT"), CommandsText::tr("WHEN"), CommandsText::tr("AUTHOR"),
                             CommandsText::tr("LINES"), CommandsText::tr("SUBJECT")}};
    for (const ChangeCommit &commit : commits) {
        QString subject = plain(commit.subject);
        if (!commit.revertedBy.isEmpty())
            subject = QStringLiteral("○ ") + subject +
                      CommandsText::tr(" (reverted by %1)").arg(commit.revertedBy.left(shownDigits));
        rows.append({commit.id.left(shownDigits), minuteText(commit.committedAt), plain(commit.authorName).left(24),
                     commit.isMerge() ? CommandsText::tr("merge") : linesText(commit.lines), subject});
    }
    return tableText(rows);
}

// Since when the first of them waits.
QDateTime oldestOf(const QList<ChangeCommit> &commits)
{
    QDateTime oldest;
    for (const ChangeCommit &commit : commits) {
        if (!oldest.isValid() || commit.committedAt < oldest)
            oldest = commit.committedAt;
    }
    return oldest;
}

QString releaseText(const ResolvedRelease &release)
{
    return QStringLiteral("%1  %2  %3")
        .arg(release.name.isEmpty() ? release.text : release.name, release.commit.left(shownDigits),
             minuteText(release.committedAt));
}

QString summaryText(const ChangesReport &report)
{
    const ChangeSet &set = report.changes;
    QStringList parts{CommandsText::tr("commits %1").arg(set.commits.size()),
                      CommandsText::tr("authors %1").arg(set.authors.size())};
    LineCounts total;
    bool isComplete = true;
    for (const ChangeCommit &commit : set.commits) {
        isComplete = isComplete && commit.lines;
        total.added += commit.lines ? commit.lines->added : 0;
        total.removed += commit.lines ? commit.lines->removed : 0;
    }
    if (isComplete && !set.commits.isEmpty())
        parts.append(CommandsText::tr("lines %1").arg(linesText(total)));
    if (report.files)
        parts.append(CommandsText::tr("files %1").arg(report.files->size()));
    if (const QDateTime oldest = oldestOf(set.commits); oldest.isValid())
        parts.append(CommandsText::tr("oldest of %1").arg(minuteText(oldest)));
    parts.append(set.mergeBase.isEmpty()
                     ? CommandsText::tr("no common past")
                     : CommandsText::tr("common past up to %1").arg(set.mergeBase.left(shownDigits)));
    return parts.join(QStringLiteral(", ")) + QLatin1Char('\n');
}

QString filesText(const QList<FileChange> &files)
{
    QList<QStringList> rows{{CommandsText::tr("FILE"), CommandsText::tr("CHANGE"), CommandsText::tr("LINES")}};
    for (const FileChange &file : files)
        rows.append({file.oldPath.isEmpty() ? file.path : QStringLiteral("%1 → %2").arg(file.oldPath, file.path),
                     fileStatusName(file.status),
                     file.isBinary ? CommandsText::tr("binary") : linesText(LineCounts{1, file.added, file.removed})});
    return tableText(rows);
}

QString leadText(const ChangesReport::Lead &lead)
{
    const QString behind = lead.distance.behind > 0
                               ? CommandsText::tr(", which has %1 that it lacks").arg(lead.distance.behind)
                               : QString();
    const QString oldest = lead.distance.oldestAt.isValid()
                               ? CommandsText::tr(", oldest of %1").arg(minuteText(lead.distance.oldestAt))
                               : QString();
    return CommandsText::tr("%1 (%2) is %3 commits ahead of %4 (%5)%6%7")
        .arg(lead.environment, lead.version)
        .arg(lead.distance.ahead)
        .arg(lead.of, lead.ofVersion, behind, oldest);
}

QString surroundingsText(const ChangesReport &report)
{
    QString text;
    if (!report.leads.isEmpty())
        text += CommandsText::tr("by the ledger:\n");
    for (const ChangesReport::Lead &lead : report.leads)
        text += QStringLiteral("  ") + leadText(lead) + QLatin1Char('\n');
    if (!report.flow)
        return text;
    text += plain(flowTitle(*report.flow)) + QLatin1Char('\n');
    for (const QString &sentence : flowSentences(*report.flow))
        text += QStringLiteral("  ") + plain(sentence) + QLatin1Char('\n');
    return text;
}

Json distanceJson(const std::optional<Distance> &distance)
{
    if (!distance)
        return nullptr;
    return {{"ahead", distance->ahead}, {"behind", distance->behind}, {"oldestAt", orNull(distance->oldestAt)}};
}

Json flowJson(const FlowReading &flow)
{
    Json branches = Json::array();
    for (const BranchStanding &one : flow.branches)
        branches.push_back({{"name", utf8(one.branch.name)},
                            {"kind", utf8(branchKindName(one.branch.kind))},
                            {"commit", utf8(one.branch.commit)},
                            {"ofMain", distanceJson(one.ofMain)},
                            {"ofDevelop", distanceJson(one.ofDevelop)}});
    return {{"kind", flow.flow == BranchingFlow::GitFlow ? "gitFlow" : "gitHubFlow"},
            {"main", orNull(flow.main)},
            {"develop", orNull(flow.develop)},
            {"developOfMain", distanceJson(flow.developOfMain)},
            {"branches", branches}};
}

Json leadsJson(const QList<ChangesReport::Lead> &leads)
{
    Json list = Json::array();
    for (const ChangesReport::Lead &lead : leads)
        list.push_back({{"environment", utf8(lead.environment)},
                        {"release", utf8(lead.version)},
                        {"aheadOf", utf8(lead.of)},
                        {"aheadOfRelease", utf8(lead.ofVersion)},
                        {"distance", distanceJson(lead.distance)}});
    return list;
}

} // namespace

QString changesText(const ChangesReport &report)
{
    const ChangeSet &set = report.changes;
    QString text = CommandsText::tr("%1 in %2\n").arg(report.application, report.repository);
    text += tableText({{QStringLiteral("  ") + CommandsText::tr("from"), releaseText(set.from)},
                       {QStringLiteral("  ") + CommandsText::tr("to"), releaseText(set.to)}});
    text += summaryText(report);
    if (!set.missing.isEmpty())
        text += QStringLiteral("▲ ") +
                CommandsText::tr("%1 commits of %2 are not in %3 and would go away:\n")
                    .arg(set.missing.size())
                    .arg(set.from.text, set.to.text) +
                commitsText(set.missing) + QLatin1Char('\n');
    if (set.commits.isEmpty())
        text += set.missing.isEmpty() ? CommandsText::tr("Nothing changed.\n") : QString();
    else
        text += commitsText(set.commits);
    if (set.isCut)
        text += QStringLiteral("▲ ") + CommandsText::tr("There are more commits than are listed.\n");
    if (!set.mergedBranches.isEmpty())
        text += CommandsText::tr("merged: %1\n").arg(plain(set.mergedBranches.join(QStringLiteral(", "))));
    QStringList issues;
    for (const ChangeCommit &commit : set.commits) {
        for (const IssueReference &issue : commit.issues)
            issues.append(issue.url.isEmpty() ? issue.text : QStringLiteral("%1 %2").arg(issue.text, issue.url));
    }
    issues.removeDuplicates();
    if (!issues.isEmpty())
        text += CommandsText::tr("issues:\n  %1\n").arg(issues.join(QStringLiteral("\n  ")));
    if (report.files)
        text += filesText(*report.files);
    text += surroundingsText(report);
    text += report.updatedAt.isValid() ? CommandsText::tr("Fetched at %1.\n").arg(minuteText(report.updatedAt))
                                       : CommandsText::tr("Read at %1.\n").arg(minuteText(set.readAt));
    return text;
}

QString diffText(const FileDiff &diff)
{
    if (diff.isTooLarge)
        return CommandsText::tr("%1 is too large to compare here (%2 and %3 bytes).\n")
            .arg(diff.file.path)
            .arg(diff.oldSize)
            .arg(diff.newSize);
    if (diff.file.isBinary)
        return CommandsText::tr("%1 is a binary file and differs (%2 and %3 bytes).\n")
            .arg(diff.file.path)
            .arg(diff.oldSize)
            .arg(diff.newSize);
    return QString::fromUtf8(diff.text) + (diff.isCut ? CommandsText::tr("... the rest was left out.\n") : QString());
}

QString changesJson(const ChangesReport &report, ExitStatus status)
{
    const ChangeSet &set = report.changes;
    Json authors = Json::array();
    for (const ChangeAuthor &author : set.authors)
        authors.push_back({{"name", utf8(author.name)}, {"email", utf8(author.email)}, {"commits", author.commits}});
    Json json{{"schema", "signalbox.changes/1"},
              {"exitStatus", static_cast<int>(status)},
              {"application", utf8(report.application)},
              {"repository", utf8(report.repository)},
              {"updatedAt", orNull(report.updatedAt)},
              {"readAt", orNull(set.readAt)},
              {"from", releaseJson(set.from)},
              {"to", releaseJson(set.to)},
              {"mergeBase", orNull(set.mergeBase)},
              {"cut", set.isCut},
              {"oldestAt", orNull(oldestOf(set.commits))},
              {"commits", commitsJson(set.commits)},
              {"missing", commitsJson(set.missing)},
              {"authors", authors},
              {"mergedBranches", listJson(set.mergedBranches)},
              {"flow", report.flow ? flowJson(*report.flow) : Json(nullptr)},
              {"environments", leadsJson(report.leads)}};
    if (report.files) {
        json["files"] = Json::array();
        for (const FileChange &file : *report.files)
            json["files"].push_back(fileJson(file));
    }
    if (report.diff) {
        Json diff = fileJson(report.diff->file);
        diff["text"] = utf8(QString::fromUtf8(report.diff->text));
        diff["cut"] = report.diff->isCut;
        diff["tooLarge"] = report.diff->isTooLarge;
        diff["oldSize"] = report.diff->oldSize;
        diff["newSize"] = report.diff->newSize;
        json["diff"] = diff;
    }
    return document(json);
}

} // namespace signalbox::commands
