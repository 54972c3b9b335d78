#include "models/items/commitsmodel.h"

#include "models/items/roles.h"
#include "models/policy/records.h"

#include <algorithm>

namespace signalbox
{

namespace
{

bool areSame(const QList<ChangeCommit> &rows, const QList<ChangeCommit> &more, qsizetype from)
{
    for (qsizetype i = 0; i < more.size(); ++i) {
        if (rows[from + i].id != more[i].id || rows[from + i].revertedBy != more[i].revertedBy)
            return false;
    }
    return true;
}

QString spoken(const ChangeCommit &commit, bool isMissing)
{
    QStringList words{commit.subject, CommitsModel::tr("by %1").arg(commit.authorName), policy::shortCommit(commit.id)};
    words += commitMarks(commit, isMissing);
    if (commit.lines && !commit.isMerge())
        words << CommitsModel::tr("%n file(s)", nullptr, commit.lines->files)
              << CommitsModel::tr("%1 lines added, %2 removed").arg(commit.lines->added).arg(commit.lines->removed);
    return words.join(QStringLiteral(", "));
}

QString searched(const ChangeCommit &commit)
{
    QStringList words{commit.id, commit.subject, commit.authorName, commit.authorEmail, commit.mergedBranch};
    for (const IssueReference &issue : commit.issues)
        words << issue.text;
    return words.join(QLatin1Char(' '));
}

} // namespace

QStringList commitMarks(const ChangeCommit &commit, bool isMissing)
{
    QStringList marks;
    if (isMissing)
        marks << CommitsModel::tr("goes away");
    if (!commit.revertedBy.isEmpty())
        marks << CommitsModel::tr("reverted by %1").arg(policy::shortCommit(commit.revertedBy));
    for (const QString &id : commit.reverts)
        marks << CommitsModel::tr("reverts %1").arg(policy::shortCommit(id));
    if (commit.isMerge())
        marks << (commit.mergedBranch.isEmpty() ? CommitsModel::tr("merge")
                                                : CommitsModel::tr("merge of %1").arg(commit.mergedBranch));
    return marks;
}

QString lineCountText(const LineCounts &lines)
{
    return QStringLiteral("+%1 \u2212%2").arg(lines.added).arg(lines.removed);
}

void CommitsModel::show(const QList<ChangeCommit> &commits, const QList<ChangeCommit> &missing)
{
    if (m_firstMissing == commits.size() && m_rows.size() == commits.size() + missing.size() &&
        areSame(m_rows, commits, 0) && areSame(m_rows, missing, commits.size()))
        return;
    QHash<QString, LineCounts> known;
    for (const ChangeCommit &row : std::as_const(m_rows)) {
        if (row.lines)
            known.insert(row.id, *row.lines);
    }
    beginResetModel();
    m_rows = commits + missing;
    m_firstMissing = static_cast<int>(commits.size());
    m_rowOf.clear();
    m_uncounted = 0;
    for (int i = 0; i < m_rows.size(); ++i) {
        ChangeCommit &row = m_rows[i];
        m_rowOf.insert(row.id, i);
        if (!row.lines && known.contains(row.id))
            row.lines = known.value(row.id);
        m_uncounted += row.lines ? 0 : 1;
    }
    endResetModel();
}

void CommitsModel::count(const QHash<QString, LineCounts> &counted)
{
    int first = static_cast<int>(m_rows.size());
    int last = -1;
    for (auto it = counted.cbegin(); it != counted.cend(); ++it) {
        const int row = m_rowOf.value(it.key(), -1);
        if (row < 0 || m_rows[row].lines)
            continue;
        m_rows[row].lines = it.value();
        --m_uncounted;
        first = std::min(first, row);
        last = std::max(last, row);
    }
    if (last >= 0)
        emit dataChanged(index(first), index(last));
}

const ChangeCommit *CommitsModel::commit(int row) const
{
    return row >= 0 && row < m_rows.size() ? &m_rows[row] : nullptr;
}

int CommitsModel::rowOf(const QString &id) const
{
    return m_rowOf.value(id, -1);
}

int CommitsModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant CommitsModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const ChangeCommit &commit = m_rows[index.row()];
    switch (role) {
    case Qt::DisplayRole:
        return commit.subject;
    case CommitRole:
        return QVariant::fromValue(commit);
    case MissingRole:
        return index.row() >= m_firstMissing;
    case Qt::AccessibleTextRole:
        return spoken(commit, index.row() >= m_firstMissing);
    case Qt::ToolTipRole:
        return commit.body.isEmpty() ? commit.subject
                                     : commit.subject + QStringLiteral("\n\n") + commit.body.left(2000);
    case IdRole:
        return commit.id;
    case CopyRole:
        return QStringLiteral("%1 %2").arg(commit.id, commit.subject);
    case FilterRole:
        return searched(commit);
    case TimeRole:
        return commit.committedAt;
    default:
        return {};
    }
}

} // namespace signalbox
