#pragma once

#include "models/domain/changes.h"

#include <QAbstractListModel>
#include <QHash>

namespace signalbox
{

// The commits between two releases, newest first, then those that would go away; one row each, for a delegate. Line
// counts come later and change their rows alone.
class CommitsModel : public QAbstractListModel
{
    Q_OBJECT
public:
    // Besides ItemRole: the id, what `/` looks at, the time.
    enum Role {
        CommitRole = Qt::UserRole + 300, // ChangeCommit
        MissingRole,                     // bool: not in the new release
    };

    using QAbstractListModel::QAbstractListModel;

    // The same commits again keep what was counted, and the selection.
    void show(const QList<ChangeCommit> &commits, const QList<ChangeCommit> &missing);
    void count(const QHash<QString, LineCounts> &counted); // by commit
    const ChangeCommit *commit(int row) const;             // null: none
    int rowOf(const QString &id) const;                    // -1: none
    int uncounted() const { return m_uncounted; }

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;

private:
    QList<ChangeCommit> m_rows;
    QHash<QString, int> m_rowOf;
    int m_firstMissing = 0;
    int m_uncounted = 0;
};

// "12 files +214 -88" in words for screen readers, the marks a commit bears: "merge of feature/x", "reverts 9e1c2f7",
// "reverted by b40d7aa", "not in the new release".
QStringList commitMarks(const ChangeCommit &commit, bool isMissing);
QString lineCountText(const LineCounts &lines); // "+214 −88"

} // namespace signalbox

Q_DECLARE_METATYPE(signalbox::ChangeCommit)
